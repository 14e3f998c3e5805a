package io.arrowraft.coprocessor.engine;

import static io.arrowraft.coprocessor.plan.Expression.column;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arrowraft.coprocessor.plan.AggregateCall;
import io.arrowraft.coprocessor.plan.Expression;
import io.arrowraft.coprocessor.plan.Operator;
import io.arrowraft.coprocessor.plan.PlanNode;
import io.arrowraft.coprocessor.plan.PlanRequest;
import io.arrowraft.coprocessor.plan.ScanColumn;
import io.arrowraft.table.Bytes;
import io.arrowraft.table.ColumnSource;
import io.arrowraft.table.CorruptRowException;
import io.arrowraft.table.DataType;
import io.arrowraft.table.TableName;
import io.arrowraft.table.TableSchema;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.junit.jupiter.api.Test;

class CoprocessorExecutorTest {
  private static final DataType SMALL_MONEY = DataType.decimal(12, 2);
  private static final TableSchema ACCOUNTS =
      TableSchema.builder(3, TableName.parse("bank.accounts"))
          .required("id", DataType.BIGINT)
          .column("balance", SMALL_MONEY)
          .column("owner", DataType.STRING)
          .column("points", DataType.BIGINT)
          .primaryKey("id")
          .build();

  private final TestRows accounts = new TestRows(ACCOUNTS);

  private static Expression balance() {
    return column(1, SMALL_MONEY);
  }

  private PlanNode aggregate(List<Expression> groupBy, AggregateCall... calls) {
    return new PlanNode.PartialAggregation(accounts.scan(), groupBy, List.of(calls));
  }

  @Test
  void query6ComputesWhatItsRowsSay() {
    TestRows table = new TestRows(LineItems.SCHEMA);
    Random random = new Random(6);
    BigDecimal expected = BigDecimal.ZERO;
    for (int i = 0; i < 5000; i++) {
      Object[] row = LineItems.row(i, random);
      table.add(row);
      BigDecimal discount = (BigDecimal) row[6];
      boolean passes =
          ((LocalDate) row[10]).getYear() == 1994
              && discount.compareTo(new BigDecimal("0.05")) >= 0
              && discount.compareTo(new BigDecimal("0.07")) <= 0
              && ((BigDecimal) row[4]).compareTo(new BigDecimal("24")) < 0;
      if (passes) {
        expected = expected.add(((BigDecimal) row[5]).multiply(discount));
      }
    }
    assertThat(table.run(PlanRequest.of(LineItems.query6()))).isEqualTo(List.of(List.of(expected)));
  }

  @Test
  void query1ComputesWhatItsRowsSay() {
    TestRows table = new TestRows(LineItems.SCHEMA);
    Random random = new Random(1);
    Map<String, BigDecimal[]> expected = new TreeMap<>();
    for (int i = 0; i < 5000; i++) {
      Object[] row = LineItems.row(i, random);
      table.add(row);
      if (((LocalDate) row[10]).isAfter(LocalDate.of(1998, 9, 2))) {
        continue;
      }
      BigDecimal price = (BigDecimal) row[5];
      BigDecimal discounted = price.multiply(BigDecimal.ONE.subtract((BigDecimal) row[6]));
      BigDecimal charge = discounted.multiply(BigDecimal.ONE.add((BigDecimal) row[7]));
      BigDecimal[] sums =
          expected.computeIfAbsent(
              row[8] + "|" + row[9],
              key -> {
                BigDecimal[] zeros = new BigDecimal[9];
                Arrays.fill(zeros, BigDecimal.ZERO);
                return zeros;
              });
      BigDecimal one = BigDecimal.ONE;
      BigDecimal[] adds = {
        (BigDecimal) row[4], price, discounted, charge, one, one, (BigDecimal) row[6], one, one
      };
      for (int s = 0; s < adds.length; s++) {
        sums[s] = sums[s].add(adds[s]);
      }
    }
    Map<String, String> actual = new TreeMap<>();
    for (List<Object> row : table.run(PlanRequest.of(LineItems.query1()))) {
      actual.put(row.get(0) + "|" + row.get(1), row.subList(2, row.size()).toString());
    }
    Map<String, String> text = new TreeMap<>();
    expected.forEach((key, sums) -> text.put(key, Arrays.toString(sums)));
    assertThat(actual).isEqualTo(text).hasSize(6);
  }

  @Test
  void columnsOfACompositeKeyComeFromTheKey() {
    TestRows table = new TestRows(LineItems.SCHEMA);
    for (int i = 0; i < 10; i++) {
      table.add(LineItems.row(i, new Random(i)));
    }
    List<List<Object>> rows =
        table.run(PlanRequest.of(LineItems.scan("l_linenumber", "l_orderkey", "l_shipmode")));
    assertThat(rows.get(6)).isEqualTo(List.of(3L, 2L, "TRUCK"));
  }

  /** Spark adds partials up as the input type: a partial that does not fit it would be lost. */
  @Test
  void sumThatDoesNotFitTheInputTypeComesInPartsThatDo() {
    for (int i = 0; i < 9; i++) {
      accounts.add((long) i, new BigDecimal("9000000000.00"), "one", Long.MAX_VALUE);
    }
    accounts.add(9L, new BigDecimal("1.00"), "two", -1L);
    List<List<Object>> rows =
        accounts.run(
            PlanRequest.of(
                aggregate(
                    List.of(column(2, DataType.STRING)),
                    AggregateCall.sum(balance()),
                    AggregateCall.sum(column(3, DataType.BIGINT)),
                    AggregateCall.count(balance()),
                    AggregateCall.max(balance()))));
    BigDecimal total = BigDecimal.ZERO;
    BigDecimal points = BigDecimal.ZERO;
    long count = 0;
    for (List<Object> row : rows.subList(0, rows.size() - 1)) {
      assertThat(row.get(0)).isEqualTo("one");
      BigDecimal part = (BigDecimal) row.get(1);
      if (part != null) {
        assertThat(part.precision()).isLessThanOrEqualTo(12);
        total = total.add(part);
      }
      points = row.get(2) == null ? points : points.add(BigDecimal.valueOf((Long) row.get(2)));
      count += (Long) row.get(3);
    }
    assertThat(rows).hasSize(10);
    assertThat(total).isEqualByComparingTo("81000000000.00");
    assertThat(points)
        .isEqualByComparingTo(BigDecimal.valueOf(Long.MAX_VALUE).multiply(BigDecimal.valueOf(9)));
    assertThat(count).isEqualTo(9);
    assertThat(rows.get(9))
        .isEqualTo(List.of("two", new BigDecimal("1.00"), -1L, 1L, new BigDecimal("1.00")));
  }

  @Test
  void countOverNothingIsOneRowWithZeroButNoGroupsWithKeys() {
    PlanNode plan = aggregate(List.of(), AggregateCall.countAll(), AggregateCall.sum(balance()));
    assertThat(accounts.run(PlanRequest.of(plan))).isEqualTo(List.of(Arrays.asList(0L, null)));
    PlanNode grouped = aggregate(List.of(column(2, DataType.STRING)), AggregateCall.countAll());
    assertThat(accounts.run(PlanRequest.of(grouped))).isEmpty();
  }

  @Test
  void countOfRowsReadsNoColumn() {
    for (int i = 0; i < 3000; i++) {
      accounts.keys.add(new byte[1]);
      accounts.values.add(new byte[0]);
    }
    PlanNode plan =
        new PlanNode.PartialAggregation(
            new PlanNode.TableScan(3, List.of(), false),
            List.of(),
            List.of(AggregateCall.countAll()));
    assertThat(accounts.run(PlanRequest.of(plan))).isEqualTo(List.of(List.of(3000L)));
  }

  @Test
  void errorsBehindAFalseConditionAreNotRaised() {
    accounts.add(1L, new BigDecimal("0.00"), "a", 0L);
    accounts.add(2L, new BigDecimal("5.00"), "b", 2L);
    Expression points = column(3, DataType.BIGINT);
    Expression quotient =
        Expression.call(Operator.REMAINDER, DataType.BIGINT, Expression.Literal.of(7L), points);
    Expression guard = Expression.predicate(Operator.NOT_EQUAL, points, Expression.Literal.of(0L));
    Expression test = Expression.predicate(Operator.EQUAL, quotient, Expression.Literal.of(1L));
    PlanNode guarded = new PlanNode.Selection(accounts.scan(), List.of(guard, test));
    assertThat(accounts.run(PlanRequest.of(guarded))).hasSize(1);
    PlanNode bare = new PlanNode.Selection(accounts.scan(), List.of(test));
    assertThatThrownBy(() -> accounts.run(PlanRequest.of(bare)))
        .isInstanceOfSatisfying(
            EvaluationException.class,
            e -> assertThat(e.code()).isEqualTo(EvaluationException.Code.DIVIDE_BY_ZERO));
    assertThat(accounts.run(PlanRequest.of(bare).withAnsi(false))).hasSize(1);
  }

  @Test
  void memoryLimitIsNamedWithItsRemedy() {
    for (int i = 0; i < 20_000; i++) {
      accounts.add((long) i, BigDecimal.ONE, "the owner of account number " + i, 1L);
    }
    PlanNode plan = aggregate(List.of(column(2, DataType.STRING)), AggregateCall.sum(balance()));
    assertThatThrownBy(() -> accounts.run(PlanRequest.of(plan).withMemoryLimitBytes(500_000)))
        .isInstanceOf(MemoryLimitExceeded.class)
        .hasMessageContaining("memoryLimitBytes = 500000")
        .hasMessageContaining("raise the limit");
    ExecutionLimits fewGroups = new ExecutionLimits(64 << 20, 1000, 1 << 20);
    assertThatThrownBy(() -> TestRows.run(PlanRequest.of(plan), accounts.source(1000), fewGroups))
        .isInstanceOfSatisfying(
            MemoryLimitExceeded.class, e -> assertThat(e.limitName()).isEqualTo("groupsMax"));
    assertThat(accounts.run(PlanRequest.of(plan))).hasSize(20_000);
  }

  @Test
  void resultsLargerThanTheLimitAreRefusedAndLeakNothing() {
    accounts.add(1L, BigDecimal.ONE, "x".repeat(300_000), 1L);
    assertThatThrownBy(
            () -> accounts.run(PlanRequest.of(accounts.scan()).withMemoryLimitBytes(200_000)))
        .isInstanceOf(MemoryLimitExceeded.class);
  }

  @Test
  void limitStopsTheScan() {
    for (int i = 0; i < 5000; i++) {
      accounts.add((long) i, BigDecimal.ONE, "o", 1L);
    }
    PlanRequest request =
        PlanRequest.of(new PlanNode.Limit(accounts.scan(), 1500)).withBatchRowsMax(400);
    try (BufferAllocator allocator = new RootAllocator();
        CoprocessorExecutor executor =
            CoprocessorExecutor.open(request, accounts.source(1024), allocator)) {
      List<Integer> sizes = new ArrayList<>();
      for (Optional<EncodedBatch> batch = executor.next();
          batch.isPresent();
          batch = executor.next()) {
        sizes.add(batch.get().rows());
      }
      assertThat(sizes).containsExactly(400, 400, 400, 300);
      assertThat(executor.outcome()).isEqualTo(new Outcome.Finished());
      assertThat(executor.summary().rowsScanned()).isEqualTo(2048);
    }
  }

  @Test
  void locksPausesAndCancellationEndTheExecution() {
    accounts.add(1L, BigDecimal.ONE, "o", 1L);
    Bytes key = Bytes.ofHex("74ff");
    assertThat(outcomeOf(new FillResult.LockMet("lock info"), 0))
        .isEqualTo(new Outcome.Blocked("lock info"));
    assertThat(outcomeOf(new FillResult.Cancelled(), 0)).isEqualTo(new Outcome.Cancelled());
    assertThat(outcomeOf(new FillResult.Paused(key), 1)).isEqualTo(new Outcome.Paused(key));
  }

  private Outcome outcomeOf(FillResult result, int expectedBatches) {
    RowSource source =
        (batch, maxRows) -> {
          batch.append(
              ByteBuffer.wrap(accounts.keys.get(0)), ByteBuffer.wrap(accounts.values.get(0)));
          return result;
        };
    try (BufferAllocator allocator = new RootAllocator();
        CoprocessorExecutor executor =
            CoprocessorExecutor.open(PlanRequest.of(accounts.scan()), source, allocator)) {
      int batches = 0;
      while (executor.next().isPresent()) {
        batches++;
      }
      assertThat(batches).isEqualTo(expectedBatches);
      return executor.outcome();
    }
  }

  @Test
  void rowsInBuffersOfTheSourceAreReadWithoutACopy() {
    accounts.add(1L, new BigDecimal("2.50"), "lent", 7L);
    byte[] key = accounts.keys.get(0);
    byte[] value = accounts.values.get(0);
    ByteBuffer keys = ByteBuffer.allocateDirect(key.length).put(key);
    ByteBuffer values = ByteBuffer.allocateDirect(value.length).put(value);
    RowSource source =
        (batch, maxRows) -> {
          batch.borrow(keys, new int[] {0, key.length}, values, new int[] {0, value.length}, 1);
          return new FillResult.Filled(true);
        };
    assertThat(TestRows.run(PlanRequest.of(accounts.scan()), source, ExecutionLimits.DEFAULT))
        .isEqualTo(List.of(List.of(1L, new BigDecimal("2.50"), "lent", 7L)));
  }

  @Test
  void unsignedNumbersAreThoseOfTheirWiderType() {
    BigDecimal largest = new BigDecimal("18446744073709551615");
    TestRows counts =
        new TestRows(
            TableSchema.builder(9, TableName.parse("bank.counts"))
                .required("part", DataType.INTEGER_UNSIGNED)
                .required("id", DataType.BIGINT_UNSIGNED)
                .column("tiny", DataType.TINYINT_UNSIGNED)
                .column("total", DataType.BIGINT_UNSIGNED)
                .primaryKey("part", "id")
                .build());
    counts.add(4_294_967_295L, largest, (short) 255, largest);
    counts.add(0L, BigDecimal.ZERO, (short) 0, null);
    counts.add(1L, BigDecimal.ONE, null, new BigDecimal("9223372036854775808"));
    assertThat(
            counts.run(PlanRequest.of(counts.scan())).stream()
                .map(row -> row.stream().map(String::valueOf).toList()))
        .containsExactly(
            List.of("4294967295", largest.toString(), "255", largest.toString()),
            List.of("0", "0", "0", "null"),
            List.of("1", "1", "null", "9223372036854775808"));
    PlanNode sum =
        new PlanNode.PartialAggregation(
            counts.scan(),
            List.of(),
            List.of(AggregateCall.max(column(3, DataType.decimal(20, 0)))));
    assertThat(counts.run(PlanRequest.of(sum))).isEqualTo(List.of(List.of(largest)));
  }

  @Test
  void rowsOlderThanAColumnShowItsDefault() {
    accounts.add(1L, null, "old", 7L);
    List<ScanColumn> columns =
        List.of(
            new ScanColumn(
                50,
                DataType.STRING,
                ColumnSource.VALUE,
                Optional.of(Expression.Literal.of("none"))),
            new ScanColumn(
                51,
                DataType.decimal(38, 2),
                ColumnSource.VALUE,
                Optional.of(Expression.Literal.of(new BigDecimal("1.25"), 38, 2))),
            new ScanColumn(2, SMALL_MONEY, ColumnSource.VALUE, Optional.empty()),
            new ScanColumn(52, DataType.DATE, ColumnSource.VALUE, Optional.empty()));
    assertThat(accounts.run(PlanRequest.of(new PlanNode.TableScan(3, columns, false))))
        .isEqualTo(List.of(Arrays.asList("none", new BigDecimal("1.25"), null, null)));
  }

  @Test
  void damagedRowsAreReported() {
    accounts.add(1L, BigDecimal.ONE, "owner", 7L);
    byte[] value = accounts.values.get(0);
    for (int length = 0; length < value.length; length++) {
      accounts.values.set(0, Arrays.copyOf(value, length));
      assertThatThrownBy(() -> accounts.run(PlanRequest.of(accounts.scan())))
          .isInstanceOf(CorruptRowException.class);
    }
  }
}
