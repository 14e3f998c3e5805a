package io.arrowraft.e2e.spark;

import io.arrowraft.client.table.TableDefinition;
import io.arrowraft.table.DataType;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Tables whose values lie where answers go wrong unnoticed. */
final class EdgeCases {
  static final String NAMESPACE = "edge";

  private static final int ROWS = 120;
  private static final List<String> STRINGS =
      Arrays.asList("a", "a ", " a", "A", "", "Z", "zebra", "50%", "_x", "é", "日本", null);
  private static final List<LocalDate> DAYS =
      Arrays.asList(
          LocalDate.of(1969, 12, 31),
          LocalDate.of(1970, 1, 1),
          LocalDate.of(1582, 10, 4),
          LocalDate.of(1, 1, 1),
          LocalDate.of(2024, 2, 29),
          null,
          LocalDate.of(9999, 12, 31));
  private static final List<Instant> INSTANTS =
      Arrays.asList(
          Instant.parse("2024-03-31T00:30:00Z"),
          Instant.parse("2024-03-31T01:30:00.123456Z"),
          Instant.parse("2024-11-03T05:30:00Z"),
          Instant.parse("2024-11-03T06:30:00Z"),
          null,
          Instant.parse("1969-12-31T23:59:59.999999Z"),
          Instant.parse("1900-01-01T00:00:00Z"));
  private static final List<LocalDateTime> LOCALS =
      Arrays.asList(
          LocalDateTime.parse("2024-03-31T02:30:00"),
          LocalDateTime.parse("2024-11-03T01:30:00.5"),
          null,
          LocalDateTime.parse("1969-12-31T23:59:59.999999"));
  private static final List<Double> DOUBLES =
      Arrays.asList(0.0, -0.0, Double.NaN, 1.25, -7.5, null, 1e300, Double.NEGATIVE_INFINITY);

  private static final List<BigDecimal> TOTALS =
      Arrays.asList(
          BigDecimal.ZERO,
          new BigDecimal("18446744073709551615"),
          new BigDecimal("9223372036854775808"),
          null,
          new BigDecimal(255));

  private EdgeCases() {}

  static List<TestTable> tables() {
    return List.of(values(), large(), pairs(), counts());
  }

  private static TestTable values() {
    TableDefinition definition =
        TableDefinition.named(NAMESPACE + ".edges")
            .required("id", DataType.BIGINT)
            .column("tiny", DataType.TINYINT)
            .column("small", DataType.SMALLINT)
            .column("n", DataType.INTEGER)
            .column("big", DataType.BIGINT)
            .column("amount", DataType.decimal(12, 2))
            .column("wide", DataType.decimal(38, 6))
            .column("f", DataType.FLOAT)
            .column("d", DataType.DOUBLE)
            .column("b", DataType.BOOLEAN)
            .column("s", DataType.STRING)
            .column("raw", DataType.BINARY)
            .column("day", DataType.DATE)
            .column("moment", DataType.TIMESTAMP)
            .column("local", DataType.TIMESTAMP_NTZ)
            .column("ut", DataType.TINYINT_UNSIGNED)
            .column("un", DataType.INTEGER_UNSIGNED)
            .column("ub", DataType.BIGINT_UNSIGNED)
            .primaryKey("id")
            .build();
    List<Object[]> rows = new ArrayList<>();
    for (int i = 0; i < ROWS; i++) {
      rows.add(
          new Object[] {
            (long) i,
            i % 5 == 0 ? null : (byte) (i - 60),
            i % 6 == 0 ? null : (short) (i * 200 - 12_000),
            i % 7 == 0 ? null : i - 50,
            bigOf(i),
            i % 11 == 0 ? null : BigDecimal.valueOf(i * 110L - 3_000, 2),
            i % 9 == 0 ? null : new BigDecimal("12345678901234567890.123456").add(small(i)),
            i % 8 == 0 ? null : i / 4f,
            DOUBLES.get(i % DOUBLES.size()),
            i % 3 == 0 ? null : i % 2 == 0,
            STRINGS.get(i % STRINGS.size()),
            i % 4 == 0 ? null : new byte[] {0, (byte) (i * 17)},
            DAYS.get(i % DAYS.size()),
            INSTANTS.get(i % INSTANTS.size()),
            LOCALS.get(i % LOCALS.size()),
            i % 13 == 0 ? null : (short) (i * 2 + 10),
            i % 12 == 0 ? null : 4_294_967_295L - i,
            TOTALS.get(i % TOTALS.size())
          });
    }
    return new TestTable(definition, rows, List.<Object[]>of(new Object[] {70L}));
  }

  /** The last rows make any sum over them leave the range of a long. */
  private static Long bigOf(int i) {
    if (i >= ROWS - 3) {
      return Long.MAX_VALUE - i;
    }
    return i % 10 == 0 ? null : Long.valueOf(i * 1_000_000_007L);
  }

  private static BigDecimal small(int i) {
    return BigDecimal.valueOf(i, 6);
  }

  /** One region whose amounts sum to 7.6e10, more than their type holds, and one with 1.00. */
  private static TestTable large() {
    TableDefinition definition =
        TableDefinition.named(NAMESPACE + ".large")
            .required("id", DataType.BIGINT)
            .required("amount", DataType.decimal(12, 2))
            .primaryKey("id")
            .build();
    List<Object[]> rows = new ArrayList<>();
    for (long id = 0; id < 8; id++) {
      rows.add(new Object[] {id, new BigDecimal("9500000000.00")});
    }
    rows.add(new Object[] {100L, new BigDecimal("1.00")});
    return new TestTable(definition, rows, List.<Object[]>of(new Object[] {100L}));
  }

  /** A key without a sign, and one region for the numbers that a long does not hold. */
  private static TestTable counts() {
    TableDefinition definition =
        TableDefinition.named(NAMESPACE + ".counts")
            .required("id", DataType.BIGINT_UNSIGNED)
            .required("part", DataType.INTEGER_UNSIGNED)
            .column("total", DataType.BIGINT_UNSIGNED)
            .primaryKey("id", "part")
            .build();
    List<Object[]> rows = new ArrayList<>();
    for (BigDecimal id : TOTALS) {
      for (long part = 4_294_967_290L; id != null && part < 4_294_967_296L; part++) {
        rows.add(new Object[] {id, part, part % 2 == 0 ? null : id});
      }
    }
    return new TestTable(
        definition,
        rows,
        List.<Object[]>of(new Object[] {new BigDecimal("9223372036854775808"), 0L}));
  }

  /** A key of two parts, the first of them a string. */
  private static TestTable pairs() {
    TableDefinition definition =
        TableDefinition.named(NAMESPACE + ".pairs")
            .required("part", DataType.STRING)
            .required("number", DataType.INTEGER)
            .column("amount", DataType.decimal(12, 2))
            .primaryKey("part", "number")
            .build();
    List<Object[]> rows = new ArrayList<>();
    for (String part : List.of("", "a", "a ", "b", "日本")) {
      for (int number = -2; number < 3; number++) {
        rows.add(new Object[] {part, number, BigDecimal.valueOf(number * 100L + part.length(), 2)});
      }
    }
    return new TestTable(definition, rows, List.<Object[]>of(new Object[] {"a ", 0}));
  }
}
