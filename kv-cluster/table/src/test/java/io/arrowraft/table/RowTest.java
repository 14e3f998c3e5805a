package io.arrowraft.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class RowTest {
  private static final TableSchema ALL_TYPES =
      TableSchema.builder(77, TableName.parse("test.all_types"))
          .required("k1", DataType.BIGINT)
          .required("k2", DataType.STRING)
          .required("k3", DataType.DATE)
          .required("k4", DataType.decimal(20, 3))
          .column("c_boolean", DataType.BOOLEAN)
          .column("c_tinyint", DataType.TINYINT)
          .column("c_smallint", DataType.SMALLINT)
          .column("c_integer", DataType.INTEGER)
          .column("c_bigint", DataType.BIGINT)
          .column("c_float", DataType.FLOAT)
          .column("c_double", DataType.DOUBLE)
          .column("c_decimal", DataType.decimal(15, 2))
          .column("c_wide", DataType.decimal(38, 10))
          .column("c_string", DataType.STRING)
          .column("c_binary", DataType.BINARY)
          .column("c_date", DataType.DATE)
          .column("c_timestamp", DataType.TIMESTAMP)
          .column("c_ntz", DataType.TIMESTAMP_NTZ)
          .column("c_json", DataType.JSON)
          .primaryKey("k1", "k2", "k3", "k4")
          .build();

  static Object randomValue(DataType type, Random random) {
    long micros =
        Math.floorMod(random.nextLong(), 200_000_000_000_000_000L) - 50_000_000_000_000_000L;
    return switch (type.kind()) {
      case BOOLEAN -> random.nextBoolean();
      case TINYINT -> (byte) random.nextInt();
      case SMALLINT -> (short) random.nextInt();
      case INTEGER -> random.nextInt() >> random.nextInt(32);
      case BIGINT -> random.nextLong() >> random.nextInt(64);
      case FLOAT -> Float.intBitsToFloat(random.nextInt());
      case DOUBLE -> Double.longBitsToDouble(random.nextLong());
      case DECIMAL -> {
        DataType.Decimal decimal = (DataType.Decimal) type;
        BigInteger unscaled = new BigInteger(random.nextInt(120), random);
        unscaled = unscaled.mod(BigInteger.TEN.pow(decimal.precision()));
        yield new BigDecimal(random.nextBoolean() ? unscaled : unscaled.negate(), decimal.scale());
      }
      case STRING, JSON -> "x".repeat(random.nextInt(20)) + "\u00e4\u6f22" + random.nextInt();
      case BINARY -> {
        byte[] bytes = new byte[random.nextInt(30)];
        random.nextBytes(bytes);
        yield bytes;
      }
      case DATE -> LocalDate.ofEpochDay(random.nextInt(60_000) - 20_000);
      case TIMESTAMP -> Instant.EPOCH.plusNanos(micros / 1000 * 1000).plusSeconds(micros >> 30);
      case TIMESTAMP_NTZ -> LocalDateTime.of(2000, 1, 1, 0, 0).plusNanos(micros / 1000 * 1000);
    };
  }

  private static Object[] randomRow(TableSchema schema, Random random) {
    Object[] row = new Object[schema.columns().size()];
    for (int i = 0; i < row.length; i++) {
      Column column = schema.columns().get(i);
      if (!column.nullable() || random.nextInt(4) != 0) {
        row[i] =
            ColumnValue.canonical(column.name(), column.type(), randomValue(column.type(), random));
      }
    }
    return row;
  }

  @Property(tries = 300)
  void rowsReturnAsTheyWere(@ForAll long seed) {
    Random random = new Random(seed);
    RowWriter writer = new RowWriter();
    RowReader reader = new RowReader(ALL_TYPES);
    for (int i = 0; i < 5; i++) {
      Object[] row = randomRow(ALL_TYPES, random);
      byte[] key = TableKeys.rowKey(ALL_TYPES, Arrays.copyOf(row, 4), 0);
      byte[] value = writer.write(ALL_TYPES, row);
      assertThat(reader.read(key, value)).isEqualTo(row);
    }
  }

  @Test
  void smallRowHasThePublishedBytes() {
    byte[] row =
        new RowWriter()
            .setString(3, "ab")
            .setLong(1, 300)
            .setNull(2)
            .setDecimal(4, 12345, DecimalLayout.of(15, 2))
            .toByteArray();
    assertThat(HexFormat.of().formatHex(row))
        .isEqualTo(
            "8000"
                + "0300"
                + "0100"
                + "010304"
                + "02"
                + "0200"
                + "0400"
                + "0d00"
                + "2c01"
                + "6162"
                + "0f0280000000007b2d");
  }

  @Test
  void largeIdsAndLongDataUseTheLargeForm() {
    byte[] wide = new RowWriter().setLong(256, 1).setNull(7).toByteArray();
    assertThat(wide[1]).isEqualTo((byte) 1);
    assertThat(find(wide, 256)).isZero();
    assertThat(find(wide, 7)).isEqualTo(RowLayout.NULL);
    assertThat(find(wide, 8)).isEqualTo(RowLayout.ABSENT);

    byte[] text = new byte[70_000];
    byte[] longRow = new RowWriter().setBytes(1, text).setLong(2, -5).toByteArray();
    assertThat(longRow[1]).isEqualTo((byte) 1);
    RowLayout layout = new RowLayout();
    ByteBuffer buffer = ByteBuffer.wrap(longRow).order(ByteOrder.LITTLE_ENDIAN);
    layout.parse(buffer, 0, longRow.length);
    assertThat(layout.valueEnd(0) - layout.valueStart(0)).isEqualTo(70_000);
    assertThat(RowLayout.readInt(buffer, layout.valueStart(1), layout.valueEnd(1))).isEqualTo(-5);
  }

  private static int find(byte[] row, long id) {
    RowLayout layout = new RowLayout();
    layout.parse(ByteBuffer.wrap(row).order(ByteOrder.LITTLE_ENDIAN), 0, row.length);
    return layout.find(id);
  }

  @Test
  void layoutTellsWhetherTheColumnsAreThoseOfTheRowBefore() {
    byte[] first = new RowWriter().setLong(1, 5).setString(2, "abc").toByteArray();
    byte[] second = new RowWriter().setLong(1, 70_000).setString(2, "").toByteArray();
    byte[] third = new RowWriter().setLong(1, 5).setNull(2).toByteArray();
    ByteBuffer rows =
        ByteBuffer.allocateDirect(first.length + second.length + third.length)
            .order(ByteOrder.LITTLE_ENDIAN);
    rows.put(first).put(second).put(third);
    RowLayout layout = new RowLayout();
    int secondAt = first.length;
    int thirdAt = secondAt + second.length;
    assertThat(layout.parse(rows, 0, secondAt)).isFalse();
    assertThat(layout.parse(rows, secondAt, thirdAt)).isTrue();
    assertThat(RowLayout.readInt(rows, layout.valueStart(0), layout.valueEnd(0))).isEqualTo(70_000);
    assertThat(layout.valueEnd(1)).isEqualTo(layout.valueStart(1));
    assertThat(layout.parse(rows, thirdAt, rows.capacity())).isFalse();
    assertThat(layout.find(2)).isEqualTo(RowLayout.NULL);
  }

  @Property(tries = 200)
  void shapesFindWhatLayoutsFind(@ForAll long seed) {
    Random random = new Random(seed);
    long[] wanted = {3, 9, 13, 200};
    RowShapes shapes = new RowShapes(wanted);
    RowLayout layout = new RowLayout();
    for (int i = 0; i < 40; i++) {
      RowWriter writer = new RowWriter();
      int columns = random.nextInt(20);
      for (int id = 1; id <= columns; id++) {
        if (random.nextInt(8) == 0) {
          writer.setNull(id);
        } else {
          writer.setLong(id, random.nextLong() >> random.nextInt(64));
        }
      }
      byte[] row = writer.setLong(random.nextBoolean() ? 200 : 300, 1).toByteArray();
      ByteBuffer buffer = ByteBuffer.wrap(row).order(ByteOrder.LITTLE_ENDIAN);
      layout.parse(buffer, 0, row.length);
      RowShape shape = shapes.of(buffer, 0, row.length);
      for (int w = 0; w < wanted.length; w++) {
        int slot = shape.slot(w);
        assertThat(slot).isEqualTo(layout.find(wanted[w]));
        if (slot >= 0) {
          assertThat(shape.valueStart(buffer, 0, slot)).isEqualTo(layout.valueStart(slot));
          assertThat(shape.valueEnd(buffer, 0, slot)).isEqualTo(layout.valueEnd(slot));
        }
      }
    }
  }

  @Property(tries = 200)
  void damagedRowsAreReportedNotMisread(@ForAll long seed) {
    Random random = new Random(seed);
    Object[] row = randomRow(ALL_TYPES, random);
    byte[] key = TableKeys.rowKey(ALL_TYPES, Arrays.copyOf(row, 4), 0);
    byte[] value = new RowWriter().write(ALL_TYPES, row);
    byte[] cut = Arrays.copyOf(value, random.nextInt(value.length));
    RowReader reader = new RowReader(ALL_TYPES);
    try {
      reader.read(key, cut);
      // A cut within the trailing values may leave a readable, shorter row only if nothing of the
      // columns' bytes is missing; that cannot be, since offsets are checked against the end.
      assertThat(cut.length).isEqualTo(value.length);
    } catch (CorruptRowException expected) {
      assertThat(expected).hasMessageNotContaining("null");
    }
  }

  @Test
  void rowsOlderThanAColumnShowItsDefault() {
    TableSchema schema =
        TableSchema.builder(5, TableName.parse("a.b"))
            .required("id", DataType.INTEGER)
            .column("added", DataType.decimal(10, 2), false, new BigDecimal("1.50"))
            .column("plain", DataType.STRING)
            .primaryKey("id")
            .build();
    byte[] value = new RowWriter().toByteArray();
    Object[] row = new RowReader(schema).read(TableKeys.rowKey(5, -3), value);
    assertThat(row).containsExactly(-3, new BigDecimal("1.50"), null);
  }

  @Test
  void nullInARequiredColumnIsRefusedByName() {
    assertThatThrownBy(() -> new RowWriter().write(ALL_TYPES, new Object[19]))
        .isInstanceOf(ValueException.class)
        .hasMessageContaining("k1");
  }

  @Test
  void schemaReturnsFromItsBytes() {
    TableSchema schema =
        TableSchema.builder(9, TableName.parse("tpch.orders"))
            .required("o_orderkey", DataType.BIGINT)
            .column("o_total", DataType.decimal(15, 2), true, new BigDecimal("0.00"))
            .column("o_day", DataType.DATE)
            .primaryKey("o_orderkey")
            .index("by_day", false, "o_day", "o_total")
            .schemaVersion(4)
            .state(SchemaState.WRITE_ONLY)
            .build();
    assertThat(TableSchemaCodec.decode(TableSchemaCodec.encode(schema))).isEqualTo(schema);
    assertThat(TableSchemaCodec.decode(TableSchemaCodec.encode(ALL_TYPES))).isEqualTo(ALL_TYPES);
    byte[] newer = TableSchemaCodec.encode(schema);
    newer[0] = 3;
    assertThatThrownBy(() -> TableSchemaCodec.decode(newer))
        .isInstanceOf(SchemaException.class)
        .hasMessageContaining("version 3");
    assertThatThrownBy(() -> TableSchemaCodec.decode(Arrays.copyOf(newer, 20)))
        .isInstanceOf(SchemaException.class);
  }

  @Test
  void integerKeyColumnsLiveInTheKeyAlone() {
    assertThat(ALL_TYPES.sourceOf(ALL_TYPES.columns().get(0)))
        .isEqualTo(new ColumnSource.HandlePart(0));
    assertThat(ALL_TYPES.sourceOf(ALL_TYPES.columns().get(1))).isEqualTo(ColumnSource.VALUE);
    assertThat(ALL_TYPES.primaryKeyColumns())
        .extracting(Column::name)
        .isEqualTo(List.of("k1", "k2", "k3", "k4"));
  }
}
