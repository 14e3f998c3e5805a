package io.arrowraft.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Map;
import org.apache.spark.sql.connector.catalog.Identifier;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;
import org.junit.jupiter.api.Test;

class TikvReadOptionsTest {
  private static CaseInsensitiveStringMap options(Map<String, String> given) {
    return new CaseInsensitiveStringMap(given);
  }

  @Test
  void unknownOptionIsNamedTogetherWithTheKnownOnes() {
    assertThatThrownBy(() -> TikvReadOptions.of(options(Map.of("tabel", "a.b"))))
        .isInstanceOf(TikvException.class)
        .hasMessageContaining("unknown option 'tabel'")
        .hasMessageContaining("pd.addresses, table");
  }

  @Test
  void valuesOfTheWrongKindAreRefused() {
    assertThatThrownBy(() -> TikvReadOptions.of(options(Map.of("pushdown.filters", "yes"))))
        .hasMessageContaining("must be true or false, not 'yes'");
    assertThatThrownBy(() -> TikvReadOptions.of(options(Map.of("batch.rows", "0"))))
        .hasMessageContaining("from 1 to");
    assertThatThrownBy(() -> TikvReadOptions.of(options(Map.of("timestamp", "now"))))
        .hasMessageContaining("not 'now'");
  }

  @Test
  void readOptionsBeatThoseOfTheCatalog() {
    TikvReadOptions merged =
        TikvReadOptions.of(
            TikvReadOptions.merged(
                options(Map.of("timeout.seconds", "5", "batch.rows", "10")),
                options(Map.of("Batch.Rows", "20"))));
    assertThat(merged.batchRows()).isEqualTo(20);
    assertThat(merged.timeout()).isEqualTo(Duration.ofSeconds(5));
  }

  @Test
  void addressesMayBeSeveralAndMustBeSome() {
    assertThat(TikvReadOptions.pdAddresses(options(Map.of("pd.addresses", "a:1, b:2"))))
        .containsExactly("a:1", "b:2");
    assertThatThrownBy(() -> TikvReadOptions.pdAddresses(options(Map.of())))
        .hasMessageContaining("'pd.addresses' is missing");
  }

  @Test
  void tableNamesAreTakenApartOrRefused() {
    TikvSource source = new TikvSource();
    assertThat(source.extractIdentifier(options(Map.of("table", "tpch.lineitem"))))
        .isEqualTo(Identifier.of(new String[] {"tpch"}, "lineitem"));
    assertThatThrownBy(() -> source.extractIdentifier(options(Map.of())))
        .hasMessageContaining("'table' is missing");
    assertThatThrownBy(() -> source.extractIdentifier(options(Map.of("table", "lineitem"))))
        .hasMessageContaining("namespace.name");
  }
}
