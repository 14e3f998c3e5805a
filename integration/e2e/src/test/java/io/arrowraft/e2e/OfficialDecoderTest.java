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
import org.tikv.common.codec.CodecDataOutput;
import org.tikv.common.codec.TableCodec;
import org.tikv.common.key.IndexKey;
import org.tikv.common.key.RowKey;
import org.tikv.common.key.TypedKey;
import org.tikv.common.meta.CIStr;
import org.tikv.common.meta.TiColumnInfo;
import org.tikv.common.meta.TiIndexColumn;
import org.tikv.common.meta.TiTableInfo;
import org.tikv.common.row.Row;
import org.tikv.common.types.BytesType;
import org.tikv.common.types.DataType.EncodeType;
import org.tikv.common.types.DataTypeFactory;
import org.tikv.common.types.DateType;
import org.tikv.common.types.DecimalType;
import org.tikv.common.types.IntegerType;
import org.tikv.common.types.MySQLType;
import org.tikv.common.types.RealType;
import org.tikv.common.types.StringType;
import org.tikv.common.types.TimestampType;
import org.tikv.shade.com.google.protobuf.ByteString;
import org.tikv.txn.KVClient;

/** Rows of our tables are found by TiDB's keys and read by the decoders of the official client. */
@ExtendWith(RunningCluster.Resolver.class)
class OfficialDecoderTest {
  private static final Map<String, org.tikv.common.types.DataType> TYPES =
      Map.ofEntries(
          Map.entry("id", IntegerType.BIGINT),
          Map.entry("n", IntegerType.INT),
          Map.entry("ratio", RealType.DOUBLE),
          Map.entry("price", new DecimalType(12, 2)),
          Map.entry("exact", new DecimalType(38, 10)),
          Map.entry("name", StringType.VARCHAR),
          Map.entry("photo", BytesType.BLOB),
          Map.entry("day", DateType.DATE),
          Map.entry("moment", TimestampType.TIMESTAMP),
          Map.entry("tiny", unsigned(MySQLType.TypeTiny)),
          Map.entry("count", unsigned(MySQLType.TypeLong)),
          Map.entry("total", unsigned(MySQLType.TypeLonglong)));

  private static org.tikv.common.types.DataType unsigned(MySQLType width) {
    return DataTypeFactory.of(
        new TiColumnInfo.InternalTypeHolder(
            width.getTypeCode(),
            org.tikv.common.types.DataType.UnsignedFlag,
            20,
            0,
            "",
            "",
            List.of()));
  }

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

  @Test
  void unsignedNumbersAreReadByTheOfficialDecoders(RunningCluster cluster) throws Exception {
    ArrowraftClient client = cluster.client();
    client.await(
        client
            .tables()
            .createTable(
                TableDefinition.named("decoded.counts")
                    .required("id", DataType.BIGINT)
                    .column("tiny", DataType.TINYINT_UNSIGNED)
                    .column("count", DataType.INTEGER_UNSIGNED)
                    .column("total", DataType.BIGINT_UNSIGNED)
                    .primaryKey("id")
                    .uniqueIndex("by_total", "total")
                    .build()));
    TableHandle counts = client.await(client.tables().open("decoded.counts"));
    BigDecimal largest = new BigDecimal("18446744073709551615");
    client.await(
        counts
            .autoCommit()
            .insertAll(
                List.of(
                    counts.row(1L, 255, 4_294_967_295L, largest), counts.row(2L, 0, 127, 1_000))));
    TiTableInfo table = official(counts.schema());
    try (TiSession session = TiSession.create(TiConfiguration.createDefault(cluster.pdAddress()));
        KVClient reader = session.createKVClient()) {
      // Its decoder of this row format takes every integer for a signed one of as many bytes as are
      // stored, so what it gives is right but for the bits above those.
      Row full = read(session, reader, table, 1);
      assertThat(full.getLong(1) & 0xFF).isEqualTo(255);
      assertThat(full.getLong(2) & 0xFFFF_FFFFL).isEqualTo(4_294_967_295L);
      assertThat(Long.toUnsignedString((Long) full.get(3, null))).isEqualTo(largest.toString());
      Row small = read(session, reader, table, 2);
      assertThat(small.getLong(1)).isZero();
      assertThat(small.getLong(2)).isEqualTo(127);
      assertThat((Long) small.get(3, null)).isEqualTo(1_000);
      IndexKey byTotal =
          IndexKey.toIndexKey(table.getId(), 1, TypedKey.toTypedKey(-1L, TYPES.get("total")));
      assertThat(TableCodec.decodeHandle(entry(session, reader, byTotal, null).toByteArray()))
          .isEqualTo(1);
    }
  }

  @Test
  void indexEntriesAreThoseOfTheOfficialEncoders(RunningCluster cluster) throws Exception {
    ArrowraftClient client = cluster.client();
    client.await(
        client
            .tables()
            .createTable(
                TableDefinition.named("decoded.indexed")
                    .required("id", DataType.BIGINT)
                    .column("name", DataType.STRING)
                    .column("n", DataType.INTEGER)
                    .column("day", DataType.DATE)
                    .primaryKey("id")
                    .uniqueIndex("by_name", "name")
                    .index("by_day", "day", "n")
                    .build()));
    TableHandle indexed = client.await(client.tables().open("decoded.indexed"));
    LocalDate day = LocalDate.of(2024, 2, 29);
    client.await(
        indexed
            .autoCommit()
            .insertAll(
                List.of(indexed.row(1L, "Zürich 日本", -42, day), indexed.row(-7L, null, 7, day))));
    TiTableInfo table = official(indexed.schema());
    List<TiIndexColumn> name = List.of(new TiIndexColumn(CIStr.newCIStr("name"), 1, -1));
    try (TiSession session = TiSession.create(TiConfiguration.createDefault(cluster.pdAddress()));
        KVClient reader = session.createKVClient()) {
      for (long handle : new long[] {1, -7}) {
        Row row = read(session, reader, table, handle);
        IndexKey.EncodeIndexDataResult named =
            IndexKey.encodeIndexDataValues(row, name, handle, true, table);
        assertThat(named.appendHandle).as("a NULL is not distinct").isEqualTo(handle == -7);
        // With the handle already, where one is due.
        IndexKey byName = IndexKey.toIndexKey(table.getId(), 1, named.keys);
        ByteString value = entry(session, reader, byName, null);
        if (named.appendHandle) {
          assertThat(value.toStringUtf8()).isEqualTo("0");
        } else {
          assertThat(TableCodec.decodeHandle(value.toByteArray())).isEqualTo(handle);
        }
        // Its row gives dates as days, which its own keys do not take.
        IndexKey byDay =
            IndexKey.toIndexKey(
                table.getId(),
                2,
                TypedKey.toTypedKey(Date.valueOf(day), DateType.DATE),
                TypedKey.toTypedKey(row.getLong(2), IntegerType.INT));
        assertThat(entry(session, reader, byDay, handle).toStringUtf8()).isEqualTo("0");
      }
    }
  }

  /**
   * The value stored under a key that the official client has made.
   *
   * @param handle to be appended; null for none
   */
  private static ByteString entry(TiSession session, KVClient reader, IndexKey index, Long handle) {
    CodecDataOutput key = new CodecDataOutput();
    key.write(index.getBytes());
    if (handle != null) {
      IntegerType.BIGINT.encode(key, EncodeType.KEY, handle);
    }
    ByteString value = reader.get(key.toByteString(), session.getTimestamp().getVersion());
    assertThat(value.isEmpty()).as("no entry at %s", index).isFalse();
    return value;
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
