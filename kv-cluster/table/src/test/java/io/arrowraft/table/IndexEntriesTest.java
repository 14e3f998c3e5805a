package io.arrowraft.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class IndexEntriesTest {
  private static final TableSchema NUMBERED =
      TableSchema.builder(7, TableName.parse("shop.people"))
          .required("id", DataType.BIGINT)
          .column("mail", DataType.STRING)
          .column("born", DataType.DATE)
          .column("score", DataType.DOUBLE)
          .primaryKey("id")
          .index("by_mail", true, "mail")
          .index("by_born", false, "born", "score")
          .build();

  private static final TableSchema NAMED =
      TableSchema.builder(8, TableName.parse("shop.lines"))
          .required("part", DataType.STRING)
          .required("line", DataType.INTEGER)
          .column("code", DataType.BIGINT)
          .primaryKey("part", "line")
          .index("by_code", true, "code")
          .build();

  private static final byte[] ROW = TableKeys.rowKey(7, 5);
  private static final byte[] NAMED_ROW = TableKeys.rowKey(NAMED, new Object[] {"a b", 3}, 0);

  @Test
  void aDistinctEntryOfAnIntegerHandleIsTheHandleInEightBytes() {
    IndexEntry entry = entry(NUMBERED, "by_mail", ROW, 5L, "a@b", null, null);
    assertThat(entry.distinct()).isTrue();
    assertThat(entry.key().toString())
        .isEqualTo(
            HexFormat.of().formatHex("t".getBytes(StandardCharsets.UTF_8))
                + "8000000000000007"
                + "5f69"
                + "8000000000000001"
                + "01"
                + "6140620000000000"
                + "fa");
    assertThat(entry.value().toString()).isEqualTo("0000000000000005");
    assertThat(rowKey(NUMBERED, entry)).isEqualTo(ROW);
  }

  @Test
  void anEntryWithNullEndsWithItsHandle() {
    IndexEntry entry = entry(NUMBERED, "by_mail", ROW, 5L, null, null, null);
    assertThat(entry.distinct()).isFalse();
    assertThat(entry.key().toString())
        .endsWith("8000000000000001" + "00" + "03" + "8000000000000005");
    assertThat(entry.value().toString()).isEqualTo("30");
    assertThat(rowKey(NUMBERED, entry)).isEqualTo(ROW);
  }

  @Test
  void anEntryThatOthersMayShareEndsWithItsHandle() {
    IndexEntry entry = entry(NUMBERED, "by_born", ROW, 5L, "x", LocalDate.of(2000, 2, 29), -1.5);
    assertThat(entry.distinct()).isFalse();
    assertThat(entry.key().toString()).endsWith("03" + "8000000000000005");
    assertThat(rowKey(NUMBERED, entry)).isEqualTo(ROW);
  }

  @Test
  void aCompositeHandleIsCarriedByVersionOne() {
    IndexEntry entry = entry(NAMED, "by_code", NAMED_ROW, "a b", 3, 9L);
    String handle = HexFormat.of().formatHex(NAMED_ROW, TableKeys.PREFIX_LENGTH, NAMED_ROW.length);
    assertThat(entry.value().toString())
        .isEqualTo("007d01" + "7f" + String.format("%04x", handle.length() / 2) + handle);
    assertThat(rowKey(NAMED, entry)).isEqualTo(NAMED_ROW);
    IndexEntry shared = entry(NAMED, "by_code", NAMED_ROW, "a b", 3, null);
    assertThat(shared.value().toString()).isEqualTo("007d01");
    assertThat(shared.key().toString()).endsWith("00" + handle);
    assertThat(rowKey(NAMED, shared)).isEqualTo(NAMED_ROW);
  }

  @Test
  void tidbsEntriesWithRestoredDataAreLedBackToTheirRows() {
    IndexEntry entry = entry(NUMBERED, "by_mail", ROW, 5L, "a@b", null, null);
    // Tail length, a row of one column as restored data, the handle.
    byte[] value = HexFormat.of().parseHex("08" + "800001000000020300614062" + "0000000000000005");
    IndexSchema index = NUMBERED.index("by_mail").orElseThrow();
    assertThat(IndexEntries.rowKeyOf(NUMBERED, index, entry.key().toByteArray(), value))
        .isEqualTo(ROW);
  }

  @Test
  void damageIsReported() {
    IndexEntry entry = entry(NAMED, "by_code", NAMED_ROW, "a b", 3, 9L);
    byte[] value = entry.value().toByteArray();
    assertThatThrownBy(
            () ->
                IndexEntries.rowKeyOf(
                    NAMED,
                    entry.index(),
                    entry.key().toByteArray(),
                    Arrays.copyOf(value, value.length - 1)))
        .isInstanceOf(CorruptRowException.class)
        .hasMessageContaining("by_code");
  }

  @Test
  void rangesHoldWhatTheirBoundsSay() {
    IndexSchema index = NUMBERED.index("by_born").orElseThrow();
    LocalDate day = LocalDate.of(2020, 1, 1);
    IndexEntries.Bound one = new IndexEntries.Bound(1.0, true);
    IndexEntries.Bound belowTwo = new IndexEntries.Bound(2.0, false);
    KeyRange from = IndexEntries.rangeOf(NUMBERED, index, List.of(day), one, null);
    KeyRange between = IndexEntries.rangeOf(NUMBERED, index, List.of(day), one, belowTwo);
    KeyRange below = IndexEntries.rangeOf(NUMBERED, index, List.of(day), null, belowTwo);
    KeyRange whole = IndexEntries.rangeOf(NUMBERED, index, List.of(day));
    for (Object score : new Object[] {null, 0.5, 1.0, 1.5, 2.0, 2.5}) {
      Bytes key = entry(NUMBERED, "by_born", ROW, 5L, "x", day, score).key();
      double number = score == null ? Double.NaN : (Double) score;
      assertThat(from.contains(key)).as("from 1: %s", score).isEqualTo(number >= 1);
      assertThat(between.contains(key))
          .as("1 to 2: %s", score)
          .isEqualTo(number >= 1 && number < 2);
      assertThat(below.contains(key)).as("below 2: %s", score).isEqualTo(number < 2);
      assertThat(whole.contains(key)).isTrue();
    }
    Bytes other = entry(NUMBERED, "by_born", ROW, 5L, "x", day.plusDays(1), 1.0).key();
    assertThat(whole.contains(other)).isFalse();
    assertThat(from.contains(other)).isFalse();
  }

  @Test
  void keysAreToldInWords() {
    assertThat(KeyText.of(NUMBERED, ROW)).isEqualTo("primary key (5)");
    assertThat(KeyText.of(NAMED, NAMED_ROW)).isEqualTo("primary key (a b, 3)");
    assertThat(
            KeyText.of(
                NUMBERED,
                entry(NUMBERED, "by_mail", ROW, 5L, "a@b", null, null).key().toByteArray()))
        .isEqualTo("index by_mail, key (a@b)");
  }

  private static IndexEntry entry(TableSchema schema, String index, byte[] rowKey, Object... row) {
    return IndexEntries.of(schema, schema.index(index).orElseThrow(), row, rowKey);
  }

  private static byte[] rowKey(TableSchema schema, IndexEntry entry) {
    return IndexEntries.rowKeyOf(
        schema, entry.index(), entry.key().toByteArray(), entry.value().toByteArray());
  }
}
