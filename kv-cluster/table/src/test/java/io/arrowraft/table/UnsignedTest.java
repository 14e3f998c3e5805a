package io.arrowraft.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class UnsignedTest {
  private static final BigDecimal LARGEST = new BigDecimal("18446744073709551615");

  private static final TableSchema TABLE =
      TableSchema.builder(7, TableName.parse("shop.counts"))
          .required("id", DataType.BIGINT_UNSIGNED)
          .column("tiny", DataType.TINYINT_UNSIGNED)
          .column("small", DataType.SMALLINT_UNSIGNED)
          .column("n", DataType.INTEGER_UNSIGNED)
          .column("big", DataType.BIGINT_UNSIGNED, true, 7)
          .index("by_big", false, "big", "tiny")
          .primaryKey("id")
          .build();

  private static Object[] row(Object... values) {
    Object[] canonical = new Object[values.length];
    for (int i = 0; i < values.length; i++) {
      Column column = TABLE.columns().get(i);
      canonical[i] =
          values[i] == null
              ? null
              : ColumnValue.canonical(column.name(), column.declared(), values[i]);
    }
    return canonical;
  }

  @Test
  void valuesHaveTheNextWiderType() {
    assertThat(TABLE.columns())
        .extracting(Column::type)
        .containsExactly(
            DataType.decimal(20, 0),
            DataType.SMALLINT,
            DataType.INTEGER,
            DataType.BIGINT,
            DataType.decimal(20, 0));
    assertThat(row(1, 255, 65_535, 4_294_967_295L, LARGEST))
        .containsExactly(new BigDecimal(1), (short) 255, 65_535, 4_294_967_295L, LARGEST);
  }

  @Test
  void typesAreWrittenAndReadAsSqlDoes() {
    for (Column column : TABLE.columns()) {
      assertThat(DataType.parse(column.declared().sql().toLowerCase(java.util.Locale.ROOT)))
          .isEqualTo(column.declared());
    }
    assertThat(DataType.INTEGER_UNSIGNED.sql()).isEqualTo("INTEGER UNSIGNED");
    assertThatThrownBy(() -> DataType.parse("DATE UNSIGNED")).isInstanceOf(SchemaException.class);
    assertThatThrownBy(() -> DataType.parse("TINYINT UNSIGNED UNSIGNED"))
        .isInstanceOf(SchemaException.class);
    TableSchema decoded = TableSchemaCodec.decode(TableSchemaCodec.encode(TABLE));
    assertThat(decoded).isEqualTo(TABLE);
    assertThat(decoded.column("big").orElseThrow().defaultValue()).contains(new BigDecimal(7));
  }

  @Test
  void whatIsOutOfRangeIsRefusedByName() {
    for (Object wrong : List.of(-1, 256, BigDecimal.TEN.movePointRight(3))) {
      assertThatThrownBy(() -> ColumnValue.canonical("tiny", DataType.TINYINT_UNSIGNED, wrong))
          .isInstanceOf(ValueException.class)
          .hasMessageContaining("tiny");
    }
    assertThatThrownBy(
            () ->
                ColumnValue.canonical(
                    "big", DataType.BIGINT_UNSIGNED, BigInteger.ONE.shiftLeft(64)))
        .hasMessageContaining("big is BIGINT UNSIGNED")
        .hasMessageContaining("18446744073709551616");
    assertThatThrownBy(() -> ColumnValue.canonical("big", DataType.BIGINT_UNSIGNED, -1L))
        .hasMessageContaining("out of its range");
  }

  @Test
  void rowsHoldThemInAsFewBytesAsTheyNeed() {
    Object[] row = row(LARGEST, 200, 300, 4_000_000_000L, LARGEST.subtract(BigDecimal.ONE));
    byte[] key = TableKeys.rowKey(TABLE, new Object[] {row[0]}, 0);
    byte[] value = new RowWriter().write(TABLE, row);
    assertThat(HexFormat.of().formatHex(value))
        .endsWith("c8" + "2c01" + "00286bee" + "feffffffffffffff");
    assertThat(new RowReader(TABLE).read(key, value)).containsExactly(row);
    assertThat(HexFormat.of().formatHex(key)).endsWith("04" + "ffffffffffffffff");
  }

  @Test
  void keysOrderAsTheNumbersDo() {
    List<BigDecimal> numbers =
        List.of(
            BigDecimal.ZERO,
            BigDecimal.ONE,
            new BigDecimal(Long.MAX_VALUE),
            new BigDecimal(Long.MAX_VALUE).add(BigDecimal.ONE),
            LARGEST);
    List<byte[]> rowKeys = new ArrayList<>();
    List<byte[]> entries = new ArrayList<>();
    for (BigDecimal number : numbers) {
      byte[] rowKey = TableKeys.rowKey(TABLE, new Object[] {number}, 0);
      rowKeys.add(rowKey);
      entries.add(
          TableKeys.indexKey(
              TABLE, TABLE.indexes().get(0), new Object[] {number, (short) 255}, rowKey));
    }
    assertThat(rowKeys).isSortedAccordingTo(Arrays::compareUnsigned);
    assertThat(entries).isSortedAccordingTo(Arrays::compareUnsigned);
  }

  @Test
  void aRowIdIsNeverUnsigned() {
    assertThat(TABLE.primaryKey()).isInstanceOf(PrimaryKey.CommonHandle.class);
    assertThatThrownBy(
            () ->
                new TableSchema(
                    1,
                    TableName.parse("a.b"),
                    1,
                    List.of(new Column(1, "id", DataType.BIGINT_UNSIGNED, false, Optional.empty())),
                    new PrimaryKey.IntegerHandle(1),
                    List.of(),
                    SchemaState.PUBLIC))
        .isInstanceOf(SchemaException.class)
        .hasMessageContaining("BIGINT UNSIGNED");
  }
}
