package io.arrowraft.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.client.table.TableDefinition;
import io.arrowraft.client.table.TableHandle;
import io.arrowraft.table.Column;
import io.arrowraft.table.DataType;
import io.arrowraft.table.TableSchema;
import java.math.BigDecimal;
import java.sql.Date;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.tikv.common.TiConfiguration;
import org.tikv.common.TiSession;
import org.tikv.common.codec.TableCodec;
import org.tikv.common.key.RowKey;
import org.tikv.common.meta.CIStr;
import org.tikv.common.meta.TiColumnInfo;
import org.tikv.common.meta.TiTableInfo;
import org.tikv.common.row.Row;
import org.tikv.common.types.BytesType;
import org.tikv.common.types.DateType;
import org.tikv.common.types.DecimalType;
import org.tikv.common.types.IntegerType;
import org.tikv.common.types.RealType;
import org.tikv.common.types.StringType;
import org.tikv.common.types.TimestampType;
import org.tikv.shade.com.google.protobuf.ByteString;
import org.tikv.txn.KVClient;

/** Rows of our tables are found by TiDB's keys and read by the decoders of the official client. */
@ExtendWith(RunningCluster.Resolver.class)
class OfficialDecoderTest {
  private static final Map<String, org.tikv.common.types.DataType> TYPES =
      Map.of(
          "id", IntegerType.BIGINT,
          "n", IntegerType.INT,
          "ratio", RealType.DOUBLE,
          "price", new DecimalType(12, 2),
          "exact", new DecimalType(38, 10),
          "name", StringType.VARCHAR,
          "photo", BytesType.BLOB,
          "day", DateType.DATE,
          "moment", TimestampType.TIMESTAMP);

  private static final TableDefinition DEFINITION =
      TableDefinition.named("decoded.things")
          .required("id", DataType.BIGINT)
          .column("n", DataType.INTEGER)
          .column("ratio", DataType.DOUBLE)
          .column("price", DataType.decimal(12, 2))
          .column("exact", DataType.decimal(38, 10))
          .column("name", DataType.STRING)
          .column("photo", DataType.BINARY)
          .column("day", DataType.DATE)
          .column("moment", DataType.TIMESTAMP)
          .primaryKey("id")
          .build();

  private static final Object[] FULL = {
    1L,
    -42,
    -0.125,
    new BigDecimal("-1234567890.12"),
    new BigDecimal("1234567890123456789012345678.0123456789"),
    "Zürich 日本",
    new byte[] {0, -1, 7},
    LocalDate.of(2024, 2, 29),
    Instant.parse("2024-03-31T01:30:00.123456Z")
  };

  private static final Object[] SPARSE = {-7L, null, null, null, null, "", null, null, null};

  @Test
  void rowsAreReadByTheOfficialDecoders(RunningCluster cluster) throws Exception {
    ArrowraftClient client = cluster.client();
    client.await(client.tables().createTable(DEFINITION));
    TableHandle things = client.await(client.tables().open("decoded.things"));
    client.transact(
        transaction ->
            client.await(
                things.insertAll(transaction, List.of(things.row(FULL), things.row(SPARSE)))));
    TiTableInfo table = official(things.schema());
    try (TiSession session = TiSession.create(TiConfiguration.createDefault(cluster.pdAddress()));
        KVClient reader = session.createKVClient()) {
      Row full = read(session, reader, table, 1);
      assertThat(full.getLong(0)).isEqualTo(1);
      assertThat(full.getLong(1)).isEqualTo(-42);
      assertThat(full.getDouble(2)).isEqualTo(-0.125);
      assertThat((BigDecimal) full.get(3, null)).isEqualByComparingTo((BigDecimal) FULL[3]);
      assertThat((BigDecimal) full.get(4, null)).isEqualByComparingTo((BigDecimal) FULL[4]);
      assertThat(full.getString(5)).isEqualTo("Zürich 日本");
      assertThat(full.getBytes(6)).containsExactly(0, -1, 7);
      assertThat(full.get(7, null)).isEqualTo(Date.valueOf("2024-02-29"));
      assertThat(full.get(8, null))
          .isIn(
              Timestamp.from(Instant.parse("2024-03-31T01:30:00.123456Z")),
              // Its calendar type keeps milliseconds only.
              Timestamp.from(Instant.parse("2024-03-31T01:30:00.123Z")));

      Row sparse = read(session, reader, table, -7);
      assertThat(sparse.getLong(0)).isEqualTo(-7);
      assertThat(sparse.getString(5)).isEmpty();
      for (int column : new int[] {1, 2, 3, 4, 6, 7, 8}) {
        assertThat(sparse.isNull(column)).as(DEFINITION.columns().get(column).name()).isTrue();
      }
    }
  }

  private static Row read(TiSession session, KVClient reader, TiTableInfo table, long handle) {
    ByteString value =
        reader.get(
            RowKey.toRowKey(table.getId(), handle).toByteString(),
            session.getTimestamp().getVersion());
    assertThat(value.isEmpty()).isFalse();
    return TableCodec.decodeRow(value.toByteArray(), handle, table);
  }

  /** What TiDB would keep about the table. */
  private static TiTableInfo official(TableSchema schema) {
    List<TiColumnInfo> columns = new ArrayList<>();
    for (Column column : schema.columns()) {
      columns.add(
          new TiColumnInfo(
              column.id(),
              column.name(),
              columns.size(),
              TYPES.get(column.name()),
              column.name().equals("id")));
    }
    return new TiTableInfo(
        schema.tableId(),
        CIStr.newCIStr("things"),
        "utf8mb4",
        "utf8mb4_bin",
        true,
        columns,
        List.of(),
        "",
        0,
        columns.size(),
        0,
        0,
        null,
        null,
        null,
        1,
        0,
        0,
        null);
  }
}
