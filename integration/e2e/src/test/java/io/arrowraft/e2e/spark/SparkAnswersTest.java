package io.arrowraft.e2e.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.SparkThrowable;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** An answer never depends on what the stores did of the work. */
class SparkAnswersTest extends SparkOverCluster {
  private static final StructType ANSWER_LINE =
      new StructType()
          .add("query", DataTypes.StringType)
          .add("line", DataTypes.IntegerType)
          .add("text", DataTypes.StringType);

  private static final List<String> QUERIES =
      List.of(
          Tpch.Q1,
          Tpch.Q3,
          Tpch.Q6,
          Tpch.Q14,
          "SELECT * FROM edges",
          "SELECT count(*), count(amount), min(s), max(s), min(day), max(day), min(moment),"
              + " max(moment), min(local), max(local), min(wide), max(wide), sum(n), avg(n),"
              + " sum(amount), avg(amount), min(b), max(tiny), sum(small), min(f) FROM edges",
          "SELECT s, count(*), sum(amount), avg(small), max(day) FROM edges GROUP BY s",
          "SELECT sum(ut), avg(un), min(ub), max(ub), sum(ub), count(ub), max(ut) FROM edges",
          "SELECT ub, count(*), min(un) FROM edges GROUP BY ub",
          "SELECT id, ut, un, ub FROM edges WHERE ut > 127 AND un > 2147483647",
          "SELECT id FROM edges WHERE ub = 18446744073709551615 OR ub > 9223372036854775807",
          "SELECT id FROM edges WHERE ut >= -5 AND ub < 256 AND ut IN (12, 16, 200)",
          "SELECT * FROM counts",
          "SELECT part, total FROM counts WHERE id = 18446744073709551615 AND part > 4294967291",
          "SELECT count(*), max(id), sum(part) FROM counts WHERE id > -1 AND id < 300",
          "SELECT b, day, count(*), min(moment) FROM edges GROUP BY b, day",
          "SELECT d, count(*) FROM edges GROUP BY d",
          "SELECT count(*), sum(amount), max(s) FROM edges WHERE id < 0",
          "SELECT s, count(*) FROM edges WHERE id < 0 GROUP BY s",
          "SELECT sum(big) FROM edges",
          "SELECT try_sum(big), sum(big % 1000) FROM edges WHERE id >= 100",
          "SELECT sum(n * 2 + small), sum(amount * amount), sum(amount * wide) FROM edges",
          "SELECT n / 2, n DIV 3, n % 5, -n, amount / 7, amount * 1.10 FROM edges WHERE id > 60",
          "SELECT id FROM edges WHERE s NOT IN ('a', NULL)",
          "SELECT id FROM edges WHERE s NOT IN ('a', 'Z')",
          "SELECT id FROM edges WHERE NOT (s <=> 'a') AND s <> 'Z'",
          "SELECT id, s <=> NULL FROM edges WHERE NOT (s = 'a') OR n IS NULL",
          "SELECT id FROM edges WHERE NOT (n > 3 AND amount < 10) AND NOT b",
          "SELECT id, length(s) FROM edges WHERE s = 'a ' OR s LIKE '%\\%' OR s LIKE 'é%'",
          "SELECT id FROM edges WHERE startswith(s, '_') OR contains(s, '%') OR endswith(s, ' ')",
          "SELECT id FROM edges WHERE d = 0.0D OR d > 1e299D",
          "SELECT max(d), min(d), count(d) FROM edges",
          "SELECT id FROM edges WHERE amount IN (1.40, 2.50, 80.60) OR amount BETWEEN -9 AND -5",
          "SELECT id FROM edges WHERE CAST(amount AS INT) = 3 OR CAST(s AS STRING) = 'Z'",
          "SELECT id FROM edges WHERE raw = X'0011' OR raw IS NULL AND id < 9",
          "SELECT id, moment FROM edges WHERE moment >= TIMESTAMP '2024-03-31 01:30:00'",
          "SELECT hour(moment), count(*), max(moment) FROM edges GROUP BY hour(moment)",
          "SELECT id FROM edges WHERE CAST(moment AS DATE) = DATE '2024-03-31'",
          "SELECT id, local FROM edges WHERE local < TIMESTAMP_NTZ '2024-03-31 02:30:00.000001'",
          "SELECT id, day FROM edges WHERE day <= DATE '1582-10-15' OR day = DATE '1970-01-01'",
          "SELECT count(*) FROM (SELECT id FROM edges WHERE n > 0 LIMIT 7)",
          "SELECT count(DISTINCT s), count(DISTINCT n), sum(DISTINCT tiny) FROM edges",
          "SELECT sum(CASE WHEN s LIKE 'a%' THEN amount ELSE 0 END), count_if(b) FROM edges",
          "SELECT e.s, count(*), sum(c_acctbal) FROM edges e JOIN customer ON c_custkey = e.id"
              + " GROUP BY e.s",
          "SELECT id FROM edges WHERE amount > (SELECT avg(amount) FROM edges) AND id IN"
              + " (SELECT o_custkey FROM orders WHERE o_orderdate < DATE '1993-01-01')",
          "SELECT * FROM pairs WHERE part = 'a ' AND number BETWEEN -1 AND 1",
          "SELECT part, sum(amount), count(*) FROM pairs WHERE part >= 'a' GROUP BY part",
          "SELECT sum(amount), avg(amount) FROM large");

  @ParameterizedTest
  @CsvSource({
    "true,UTC",
    "true,Asia/Kolkata",
    "true,America/New_York",
    "false,UTC",
    "false,Asia/Kolkata",
    "false,America/New_York"
  })
  void answersAreThoseOfTheSameRowsInMemory(String ansi, String zone) {
    compileNothing();
    set("spark.sql.ansi.enabled", ansi);
    set("spark.sql.session.timeZone", zone);
    viewsOfMemory();
    Dataset<Row> expected = answers();
    viewsOfCluster(Map.of());
    assertDataFrameEquals(expected, answers());
    viewsOfCluster(PUSH_NOTHING);
    assertDataFrameEquals(expected, answers());
  }

  /** The answers of all queries, errors included, line by line in one order. */
  private Dataset<Row> answers() {
    List<Row> lines = new ArrayList<>();
    for (String query : QUERIES) {
      List<String> answer = answer(query);
      for (int i = 0; i < answer.size(); i++) {
        lines.add(RowFactory.create(query, i, answer.get(i)));
      }
    }
    return spark().createDataFrame(lines, ANSWER_LINE);
  }

  private List<String> answer(String query) {
    List<String> lines = new ArrayList<>();
    try {
      Dataset<Row> rows = spark().sql(query);
      lines.addAll(rows.collectAsList().stream().map(SparkAnswersTest::text).sorted().toList());
      lines.add(0, rows.schema().simpleString());
    } catch (RuntimeException failure) {
      lines.clear();
      lines.add("failed: " + condition(failure));
    }
    return lines;
  }

  /** The stable name of what went wrong. */
  private static String condition(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof SparkThrowable known && known.getCondition() != null) {
        return known.getCondition();
      }
    }
    return failure.toString();
  }

  private static String text(Row row) {
    List<String> values = new ArrayList<>();
    for (int i = 0; i < row.length(); i++) {
      Object value = row.get(i);
      values.add(
          value instanceof byte[] bytes
              ? java.util.HexFormat.of().formatHex(bytes)
              : value + (value == null ? "" : ":" + value.getClass().getSimpleName()));
    }
    return String.join(" | ", values);
  }

  @Test
  void answersAreNotEmptyOrFailedByAccident() {
    compileNothing();
    viewsOfMemory();
    Map<String, List<String>> suspicious = new TreeMap<>();
    for (String query : QUERIES) {
      List<String> answer = answer(query);
      if (answer.size() < 2) {
        suspicious.put(query, answer);
      }
    }
    assertThat(suspicious)
        .containsOnly(
            Map.entry("SELECT sum(big) FROM edges", List.of("failed: ARITHMETIC_OVERFLOW")),
            Map.entry(
                "SELECT s, count(*) FROM edges WHERE id < 0 GROUP BY s",
                List.of("struct<s:string,count(1):bigint>")),
            Map.entry(
                "SELECT id FROM edges WHERE s NOT IN ('a', NULL)", List.of("struct<id:bigint>")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"true", "false"})
  void aRegionsSumMayExceedTheTypeOfItsColumn(String ansi) {
    set("spark.sql.ansi.enabled", ansi);
    viewsOfCluster(Map.of());
    Dataset<Row> sum = spark().sql("SELECT sum(amount) FROM large");
    assertThat(sum.head().getDecimal(0)).isEqualByComparingTo("76000000001.00");
    assertThat(
            scanOf(spark().sql("SELECT sum(amount) FROM large"), "edge.large").scan().description())
        .contains("pushed aggregates=[SUM(amount)");
  }

  @ParameterizedTest
  @CsvSource({"true,true", "true,false", "false,true", "false,false"})
  void precisionAndOverflowFollowTheSessionNotTheStores(String ansi, String precisionLoss) {
    set("spark.sql.ansi.enabled", ansi);
    set("spark.sql.decimalOperations.allowPrecisionLoss", precisionLoss);
    for (String query :
        List.of(
            "SELECT sum(amount * wide), sum(amount * amount * amount) FROM edges WHERE id < 50",
            "SELECT sum(l_extendedprice * (1 - l_discount) * (1 + l_tax)), avg(l_tax) FROM lineitem",
            "SELECT try_sum(wide * 1000000000000), round(try_avg(big) / 1e9D) FROM edges",
            "SELECT sum(wide), avg(wide) FROM edges")) {
      viewsOfMemory();
      List<String> expected = answer(query);
      viewsOfCluster(Map.of());
      assertThat(answer(query)).as(query).isEqualTo(expected);
    }
  }

  @Test
  void countOverNoRowsIsOneZeroAndWithGroupsNoRow() {
    viewsOfCluster(Map.of());
    assertDataFrameEquals(
        spark().sql("SELECT 0L AS c, CAST(NULL AS BIGINT) AS s"),
        spark().sql("SELECT count(*) AS c, sum(n) AS s FROM edges WHERE id > 5 AND id < 6"));
    assertThat(
            spark()
                .sql("SELECT s, count(*) FROM edges WHERE id > 5 AND id < 6 GROUP BY s")
                .collectAsList())
        .isEmpty();
  }

  @Test
  void stringsKeepTheSpacesAtTheirEndAndAreNoChars() {
    viewsOfCluster(Map.of());
    Dataset<Row> edges = spark().table("edges");
    assertThat(edges.schema().apply("s").dataType()).isEqualTo(DataTypes.StringType);
    assertThat(edges.schema().apply("s").metadata().toString()).isEqualTo("{}");
    assertThat(
            spark()
                .sql("SELECT s, count(*) FROM edges WHERE trim(s) = 'a' GROUP BY s ORDER BY s")
                .collectAsList()
                .toString())
        .isEqualTo("[[ a,10], [a,10], [a ,10]]");
    assertThat(spark().sql("SELECT count(*) FROM edges WHERE s = 'a'").head().getLong(0))
        .isEqualTo(10);
  }

  @Test
  void wideDecimalsKeepEveryDigit() {
    viewsOfCluster(Map.of());
    assertThat(spark().sql("SELECT wide FROM edges WHERE id = 1").head().getDecimal(0))
        .isEqualByComparingTo("12345678901234567890.123457");
  }
}
