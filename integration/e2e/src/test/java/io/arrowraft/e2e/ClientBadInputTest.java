package io.arrowraft.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.client.error.ArrowraftException;
import io.arrowraft.client.error.ErrorCode;
import io.arrowraft.client.options.ClientOptions;
import io.arrowraft.client.table.Row;
import io.arrowraft.client.table.TableDefinition;
import io.arrowraft.client.table.TableHandle;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.table.DataType;
import java.math.BigDecimal;
import java.time.Duration;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * What programs get wrong: each mistake is named with its value and remedy, and changes nothing.
 */
@ExtendWith(RunningCluster.Resolver.class)
class ClientBadInputTest {
  private static final Duration CONNECT_BOUND = Duration.ofSeconds(15);
  private static final int KEY_BYTES_MAX = 8 << 10;
  private static final String TABLE = "badinput.goods";
  private static final Bytes RAW_START = Bytes.ofUtf8("badinput");
  private static final Bytes RAW_END = Bytes.ofUtf8("badinpuu");

  private ArrowraftClient client;
  private TableHandle goods;

  @BeforeEach
  void open(RunningCluster cluster) {
    client = cluster.client();
    cluster.prepareOnce(TABLE, this::makeTable);
    goods = client.await(client.tables().open(TABLE));
  }

  private void makeTable() {
    client.await(
        client
            .tables()
            .createTable(
                TableDefinition.named(TABLE)
                    .required("id", DataType.BIGINT)
                    .required("price", DataType.decimal(12, 2))
                    .column("day", DataType.DATE)
                    .primaryKey("id")
                    .build()));
    TableHandle made = client.await(client.tables().open(TABLE));
    client.transact(
        transaction -> client.await(made.insert(transaction, made.row(1L, price("1.10"), null))));
    client.await(client.raw().put(RAW_START, Bytes.ofUtf8("kept")));
  }

  @Test
  void noPlacementDriverAtTheAddressIsSaidSoon() throws Exception {
    String address = "127.0.0.1:" + LocalCluster.freePorts(1)[0];
    long start = System.nanoTime();
    assertRefused(
        () -> ArrowraftClient.connect(ClientOptions.of(address)).close(),
        ErrorCode.PLACEMENT_UNREACHABLE,
        address);
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(CONNECT_BOUND);
  }

  @Test
  void whatIsNoAddressIsSaidAtOnce() {
    assertThatThrownBy(() -> ClientOptions.of("nowhere"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("host:port")
        .hasMessageContaining("nowhere");
  }

  @Test
  void unknownTablesAreNamed() {
    assertRefused(
        () -> client.await(client.tables().open("badinput.nothing")),
        ErrorCode.UNKNOWN_TABLE,
        "badinput.nothing");
    assertRefused(
        () -> client.await(client.tables().dropTable("badinput.nothing")),
        ErrorCode.UNKNOWN_TABLE,
        "badinput.nothing");
  }

  @Test
  void aTableThatExistsIsKept() {
    assertRefused(
        () ->
            client.await(
                client
                    .tables()
                    .createTable(
                        TableDefinition.named(TABLE)
                            .required("other", DataType.BIGINT)
                            .primaryKey("other")
                            .build())),
        ErrorCode.TABLE_EXISTS,
        TABLE);
    assertThat(client.await(client.tables().open(TABLE)).schema()).isEqualTo(goods.schema());
  }

  @Test
  void valuesOfTheWrongTypeAreRefusedWithTheRestOfTheirTransaction() {
    assertRefused(
        () -> insertAfterAGoodRow(goods.row(3L, "cheap", null)), ErrorCode.INVALID_VALUE, "price");
    assertRefused(
        () -> insertAfterAGoodRow(goods.row(3L, price("1.10"), "yesterday")),
        ErrorCode.INVALID_VALUE,
        "day");
    assertRefused(
        () -> insertAfterAGoodRow(goods.row(3L, price("12345678901.00"), null)),
        ErrorCode.INVALID_VALUE,
        "price");
    assertRefused(
        () -> insertAfterAGoodRow(goods.row(3L, null, null)), ErrorCode.INVALID_VALUE, "price");
  }

  @Test
  void unknownAndMissingColumnsAreNamed() {
    assertRefused(
        () ->
            insertAfterAGoodRow(
                Row.builder().set("id", 3L).set("price", price("1")).set("colour", 1).build()),
        ErrorCode.UNKNOWN_COLUMN,
        "colour");
    assertRefused(
        () -> insertAfterAGoodRow(Row.builder().set("id", 3L).build()),
        ErrorCode.INVALID_VALUE,
        "price");
    assertRefused(() -> goods.row(1L), ErrorCode.INVALID_ARGUMENT, "3 columns");
  }

  @Test
  void keysThatAreTooLongOrEmptyAreRefused() {
    Bytes tooLong = Bytes.wrap(new byte[KEY_BYTES_MAX + 1]);
    assertRefused(
        () -> client.await(client.raw().put(tooLong, Bytes.EMPTY)),
        ErrorCode.KEY_TOO_LONG,
        Integer.toString(KEY_BYTES_MAX + 1));
    assertRefused(
        () ->
            client.transact(
                transaction -> {
                  transaction.put(RAW_START, Bytes.EMPTY);
                  transaction.put(tooLong, Bytes.EMPTY);
                  return null;
                }),
        ErrorCode.KEY_TOO_LONG,
        Integer.toString(KEY_BYTES_MAX));
    assertRefused(
        () -> client.await(client.raw().put(Bytes.EMPTY, Bytes.EMPTY)),
        ErrorCode.KEY_EMPTY,
        "empty");
    assertThat(client.await(client.await(client.snapshot()).get(RAW_START))).isEmpty();
  }

  @Test
  void theLongestKeyIsFoundAgain() {
    byte[] key = new byte[KEY_BYTES_MAX];
    key[0] = 'z';
    Bytes longest = Bytes.wrap(key);
    client.await(client.raw().put(longest, Bytes.ofUtf8("far")));
    assertThat(client.await(client.raw().get(longest))).contains(Bytes.ofUtf8("far"));
    client.transact(
        transaction -> {
          transaction.put(longest, Bytes.ofUtf8("out"));
          return null;
        });
    assertThat(client.await(client.await(client.snapshot()).get(longest)))
        .contains(Bytes.ofUtf8("out"));
  }

  private void insertAfterAGoodRow(Row bad) {
    client.transact(
        transaction -> {
          client.await(goods.insert(transaction, goods.row(2L, price("2.20"), null)));
          return client.await(goods.insert(transaction, bad));
        });
  }

  private void assertRefused(ThrowingCallable mistake, ErrorCode code, String named) {
    assertThatThrownBy(mistake)
        .hasMessageContaining(named)
        .asInstanceOf(type(ArrowraftException.class))
        .satisfies(
            refused -> {
              assertThat(refused.code()).isEqualTo(code);
              assertThat(refused.remedy()).isNotBlank();
            });
    assertUnchanged();
  }

  private void assertUnchanged() {
    assertThat(client.await(goods.scan(client.await(client.snapshot()), 100)).rows())
        .extracting(stored -> stored.row().toString())
        .containsExactly("{id=1, price=1.10, day=null}");
    assertThat(client.await(client.raw().scan(RAW_START, RAW_END, 100)).pairs())
        .extracting(pair -> pair.value())
        .containsExactly(Bytes.ofUtf8("kept"));
  }

  private static BigDecimal price(String text) {
    return new BigDecimal(text);
  }
}
