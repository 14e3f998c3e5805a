package io.arrowraft.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class TableSchemaTest {
  private static TableSchema.Builder table() {
    return TableSchema.builder(1, TableName.parse("shop.sales"))
        .required("id", DataType.BIGINT)
        .column("note", DataType.STRING)
        .column("data", DataType.JSON);
  }

  @Test
  void oneIntegerKeyColumnIsAHandle() {
    TableSchema schema = table().primaryKey("ID").build();
    assertThat(schema.primaryKey()).isEqualTo(new PrimaryKey.IntegerHandle(1));
    assertThat(schema.column("NOTE")).map(Column::id).contains(2L);
    assertThat(table().build().primaryKey()).isEqualTo(new PrimaryKey.HiddenRowId());
  }

  @Test
  void contradictionsAreRefusedByName() {
    assertThatThrownBy(() -> table().primaryKey("nothing").build())
        .isInstanceOf(SchemaException.class)
        .hasMessageContaining("unknown column nothing");
    assertThatThrownBy(() -> table().primaryKey("note").build())
        .isInstanceOf(SchemaException.class)
        .hasMessageContaining("note must not be nullable");
    assertThatThrownBy(() -> table().column("Note", DataType.DATE).build())
        .isInstanceOf(SchemaException.class)
        .hasMessageContaining("two columns named Note");
    assertThatThrownBy(() -> table().index("twice", true, "note", "note").build())
        .isInstanceOf(SchemaException.class)
        .hasMessageContaining("twice");
    assertThatThrownBy(() -> DataType.decimal(39, 0)).isInstanceOf(SchemaException.class);
    assertThatThrownBy(() -> DataType.decimal(5, 6)).isInstanceOf(SchemaException.class);
    assertThatThrownBy(() -> TableName.parse("one.two.three")).isInstanceOf(SchemaException.class);
  }

  @Test
  void typesReturnFromTheirSqlText() {
    for (DataType.Kind kind : DataType.Kind.values()) {
      DataType type = kind == DataType.Kind.DECIMAL ? DataType.decimal(15, 2) : DataType.of(kind);
      assertThat(DataType.parse(type.sql())).isEqualTo(type);
    }
    assertThatThrownBy(() -> DataType.parse("MONEY")).isInstanceOf(SchemaException.class);
  }

  @Test
  void valuesThatDoNotFitAreRefusedWithColumnAndType() {
    assertThatThrownBy(() -> ColumnValue.canonical("small", DataType.TINYINT, 200))
        .isInstanceOf(ValueException.class)
        .hasMessageContaining("small")
        .hasMessageContaining("TINYINT");
    assertThatThrownBy(
            () -> ColumnValue.canonical("price", DataType.decimal(5, 2), new BigDecimal("1234.5")))
        .isInstanceOf(ValueException.class);
    assertThatThrownBy(
            () -> ColumnValue.canonical("price", DataType.decimal(5, 2), new BigDecimal("1.234")))
        .isInstanceOf(ValueException.class);
    assertThatThrownBy(() -> ColumnValue.canonical("n", DataType.BIGINT, "7"))
        .isInstanceOf(ValueException.class)
        .hasMessageContaining("String");
    assertThat(ColumnValue.canonical("price", DataType.decimal(5, 2), 7))
        .isEqualTo(new BigDecimal("7.00"));
  }

  @Test
  void keysHaveThePublishedBytes() {
    assertThat(HexFormat.of().formatHex(TableKeys.rowKey(1, 2)))
        .isEqualTo("74" + "8000000000000001" + "5f72" + "8000000000000002");
    TableSchema schema = table().primaryKey("id").index("by_note", false, "note").build();
    byte[] entry =
        TableKeys.indexKey(
            schema, schema.indexes().get(0), new Object[] {"ab"}, TableKeys.rowKey(1, 2));
    assertThat(HexFormat.of().formatHex(entry))
        .isEqualTo(
            "74"
                + "8000000000000001"
                + "5f69"
                + "8000000000000001"
                + "016162000000000000f9"
                + "038000000000000002");
  }

  @Property(tries = 300)
  void rowKeysOrderAsHandles(@ForAll long a, @ForAll long b) {
    assertThat(
            Integer.signum(Arrays.compareUnsigned(TableKeys.rowKey(7, a), TableKeys.rowKey(7, b))))
        .isEqualTo(Long.compare(a, b));
    assertThat(TableKeys.handleOf(TableKeys.rowKey(7, a))).isEqualTo(a);
    assertThat(TableKeys.tableIdOf(TableKeys.rowKey(a, b))).hasValue(a);
    assertThat(TableKeys.tableRange(7).contains(Bytes.copyOf(TableKeys.rowKey(7, a)))).isTrue();
    assertThat(TableKeys.tableRange(7).contains(Bytes.copyOf(TableKeys.rowKey(8, a)))).isFalse();
    assertThat(
            TableKeys.handleRange(7, Math.min(a, b), Math.max(a, b))
                .contains(Bytes.copyOf(TableKeys.rowKey(7, b))))
        .isTrue();
    assertThat(TableKeys.handlePoint(7, a).contains(Bytes.copyOf(TableKeys.rowKey(7, a)))).isTrue();
  }

  @Test
  void rangesIntersect() {
    KeyRange left = KeyRange.of(new byte[] {1}, new byte[] {5});
    KeyRange open = KeyRange.of(new byte[] {3}, new byte[0]);
    assertThat(left.intersection(open)).contains(KeyRange.of(new byte[] {3}, new byte[] {5}));
    assertThat(KeyRange.of(new byte[] {7}, new byte[0]).intersection(left)).isEmpty();
    assertThat(KeyRange.prefix(new byte[] {1, (byte) 0xFF}).end())
        .isEqualTo(Bytes.copyOf(new byte[] {2}));
    assertThat(List.of(left, open)).noneMatch(KeyRange::isEmpty);
  }
}
