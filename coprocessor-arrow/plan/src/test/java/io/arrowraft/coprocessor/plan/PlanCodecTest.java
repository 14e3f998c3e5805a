package io.arrowraft.coprocessor.plan;

import static io.arrowraft.coprocessor.plan.Expression.call;
import static io.arrowraft.coprocessor.plan.Expression.column;
import static io.arrowraft.coprocessor.plan.Expression.predicate;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arrowraft.coprocessor.plan.Expression.Literal;
import io.arrowraft.coprocessor.plan.PlanException.Code;
import io.arrowraft.coprocessor.plan.proto.EncodedPlan;
import io.arrowraft.table.Bytes;
import io.arrowraft.table.ColumnSource;
import io.arrowraft.table.DataType;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class PlanCodecTest {
  private static final DataType MONEY = DataType.decimal(15, 2);

  private static ScanColumn value(long id, DataType type) {
    return new ScanColumn(id, type, ColumnSource.VALUE, Optional.empty());
  }

  /** The shape of TPC-H Q6, with a top-n and a limit on top. */
  private static PlanRequest sample() {
    PlanNode scan =
        new PlanNode.TableScan(
            42,
            List.of(
                new ScanColumn(1, DataType.BIGINT, new ColumnSource.Handle(), Optional.empty()),
                new ScanColumn(
                    2, DataType.INTEGER, new ColumnSource.HandlePart(1), Optional.empty()),
                value(6, MONEY),
                new ScanColumn(
                    7, MONEY, ColumnSource.VALUE, Optional.of(Literal.of(BigDecimal.ONE, 15, 2))),
                value(11, DataType.DATE),
                new ScanColumn(
                    77, DataType.decimal(20, 0), ColumnSource.VALUE, Optional.empty(), true)),
            true);
    PlanNode filter =
        new PlanNode.Selection(
            scan,
            List.of(
                predicate(
                    Operator.GREATER_OR_EQUAL,
                    column(4, DataType.DATE),
                    Literal.of(DataType.DATE, 8766L)),
                predicate(
                    Operator.LESS, column(3, MONEY), Literal.of(new BigDecimal("0.07"), 15, 2))));
    DataType product = DataType.decimal(31, 4);
    PlanNode aggregation =
        new PlanNode.PartialAggregation(
            filter,
            List.of(column(1, DataType.INTEGER)),
            List.of(
                AggregateCall.sum(
                    call(Operator.MULTIPLY, product, column(2, MONEY), column(3, MONEY))),
                AggregateCall.countAll(),
                AggregateCall.min(column(4, DataType.DATE))));
    PlanNode top =
        new PlanNode.TopN(
            aggregation, List.of(new SortKey(column(2, DataType.BIGINT), true, false)), 10);
    PlanNode projection =
        new PlanNode.Projection(top, List.of(column(0, DataType.INTEGER), column(1, product)));
    return PlanRequest.of(new PlanNode.Limit(projection, 5)).withSessionTimeZone("Asia/Kolkata");
  }

  @Test
  void plansReturnFromTheirBytes() {
    PlanRequest request = sample().withAnsi(false).withFloatingSumAllowed(true);
    assertThat(PlanCodec.decode(PlanCodec.encode(request))).isEqualTo(request);
  }

  @Test
  void literalsOfEveryTypeReturnFromTheirBytes() {
    List<Expression> literals = new ArrayList<>();
    literals.add(Literal.of(true));
    literals.add(Literal.of(DataType.TINYINT, -128L));
    literals.add(Literal.of(DataType.SMALLINT, 32767L));
    literals.add(Literal.of(DataType.INTEGER, -1L));
    literals.add(Literal.of(Long.MIN_VALUE));
    literals.add(Literal.of(DataType.FLOAT, -0.0f));
    literals.add(Literal.of(DataType.DOUBLE, Double.NaN));
    literals.add(Literal.of(new BigDecimal("-123.45"), 38, 2));
    literals.add(Literal.of("it's \u6f22"));
    literals.add(Literal.of(DataType.BINARY, Bytes.ofHex("00ff")));
    literals.add(Literal.of(DataType.DATE, -1L));
    literals.add(Literal.of(DataType.TIMESTAMP, 1L));
    literals.add(Literal.of(DataType.TIMESTAMP_NTZ, Long.MAX_VALUE));
    literals.add(Literal.of(DataType.JSON, "{}"));
    for (DataType.Kind kind : DataType.Kind.values()) {
      literals.add(Literal.nullOf(kind == DataType.Kind.DECIMAL ? MONEY : DataType.of(kind)));
    }
    PlanRequest request =
        PlanRequest.of(
            new PlanNode.Projection(new PlanNode.TableScan(1, List.of(), false), literals));
    assertThat(PlanCodec.decode(PlanCodec.encode(request))).isEqualTo(request);
  }

  @Test
  void unknownOperatorsAndVersionsAreRefused() throws Exception {
    EncodedPlan plan = EncodedPlan.parseFrom(PlanCodec.encode(sample()));
    EncodedPlan.Builder unknown = plan.toBuilder();
    unknown
        .getNodesBuilder(1)
        .getSelectionBuilder()
        .getConditionsBuilder(0)
        .getCallBuilder()
        .setOperator(999);
    assertRefused(unknown.build(), Code.UNSUPPORTED_OPERATION);
    assertRefused(plan.toBuilder().setVersion(2).build(), Code.UNSUPPORTED_VERSION);
    assertRefused(plan.toBuilder().removeNodes(0).build(), Code.MALFORMED);
    assertRefused(withEmptyStep(plan), Code.UNSUPPORTED_OPERATION);
  }

  private static EncodedPlan withEmptyStep(EncodedPlan plan) {
    EncodedPlan.Builder builder = plan.toBuilder();
    builder.addNodesBuilder();
    return builder.build();
  }

  private static void assertRefused(EncodedPlan plan, Code code) {
    assertThatThrownBy(() -> PlanCodec.decode(plan.toByteArray()))
        .isInstanceOfSatisfying(PlanException.class, e -> assertThat(e.code()).isEqualTo(code));
  }

  @Property(tries = 500)
  void damagedBytesAreAPlanExceptionOrAValidPlan(@ForAll long seed) {
    Random random = new Random(seed);
    byte[] bytes = PlanCodec.encode(sample());
    byte[] damaged = Arrays.copyOf(bytes, random.nextInt(bytes.length) + 1);
    damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
    try {
      PlanValidator.validate(PlanCodec.decode(damaged));
    } catch (PlanException expected) {
      assertThat(expected.code()).isNotNull();
    }
  }

  @Test
  void deepExpressionsAreRefused() {
    Expression expression = Literal.of(true);
    for (int i = 0; i < 200; i++) {
      expression = predicate(Operator.NOT, expression);
    }
    PlanRequest request =
        PlanRequest.of(
            new PlanNode.Selection(
                new PlanNode.TableScan(1, List.of(), false), List.of(expression)));
    assertThatThrownBy(() -> PlanCodec.encode(request))
        .isInstanceOfSatisfying(
            PlanException.class, e -> assertThat(e.code()).isEqualTo(Code.TOO_LARGE));
  }

  @Test
  void typesThatDoNotFitAreRefused() {
    PlanNode scan =
        new PlanNode.TableScan(1, List.of(value(1, MONEY), value(2, DataType.DOUBLE)), false);
    assertInvalid(
        new PlanNode.Selection(scan, List.of(column(0, MONEY))), "a condition is BOOLEAN");
    assertInvalid(
        new PlanNode.Projection(scan, List.of(column(2, MONEY))), "column 2 is not among");
    assertInvalid(
        new PlanNode.Projection(scan, List.of(column(0, DataType.DATE))),
        "DECIMAL(15,2), not DATE");
    assertInvalid(
        new PlanNode.Selection(
            scan, List.of(predicate(Operator.EQUAL, column(0, MONEY), column(1, DataType.DOUBLE)))),
        "EQUAL over (DECIMAL(15,2), DOUBLE)");
    assertInvalid(
        new PlanNode.PartialAggregation(
            scan, List.of(), List.of(AggregateCall.sum(column(1, DataType.DOUBLE)))),
        "depends on the order of rows");
    assertInvalid(
        new PlanNode.PartialAggregation(
            scan,
            List.of(),
            List.of(
                new AggregateCall(
                    AggregateFunction.SUM,
                    Optional.of(column(0, MONEY)),
                    DataType.decimal(14, 2)))),
        "SUM over DECIMAL(15,2) cannot yield DECIMAL(14,2)");
  }

  private static void assertInvalid(PlanNode plan, String message) {
    assertThatThrownBy(() -> PlanValidator.validate(PlanRequest.of(plan)))
        .isInstanceOfSatisfying(
            PlanException.class,
            e -> {
              assertThat(e.code()).isEqualTo(Code.INVALID);
              assertThat(e).hasMessageContaining(message);
            });
  }

  @Test
  void operatorNumbersAreUniqueAndFound() {
    for (Operator operator : Operator.values()) {
      assertThat(Operator.ofCode(operator.code())).isEqualTo(operator);
    }
    for (AggregateFunction function : AggregateFunction.values()) {
      assertThat(AggregateFunction.ofCode(function.code())).isEqualTo(function);
    }
  }

  @Test
  void everyStepHasATextAndResultColumns() {
    PlanNode plan = sample().plan();
    assertThat(PlanPrinter.print(plan))
        .isEqualTo(
            """
            Limit 5
              Projection c0, c1
                TopN 10 by c2 DESC NULLS LAST
                  PartialAggregation by #2: SUM((#6 * #7)), COUNT(*), MIN(#11)
                    Selection (#11 >= DATE '1994-01-01') AND (#7 < 0.07)
                      TableScan table=42 columns=[#1 BIGINT handle, #2 INTEGER key part 1, \
            #6 DECIMAL(15,2), #7 DECIMAL(15,2), #11 DATE, #77 DECIMAL(20,0) unsigned] descending
            """);
    assertThat(ResultColumns.of(plan)).containsExactly(DataType.INTEGER, DataType.decimal(31, 4));
    assertThat(PlanNode.class.getPermittedSubclasses()).hasSize(6);
  }

  @Test
  void summariesReturnFromTheirBytes() {
    ExecutionSummary summary = new ExecutionSummary(10, 3, 2, 999).plus(ExecutionSummary.NONE);
    assertThat(PlanCodec.decodeSummary(PlanCodec.encodeSummary(summary))).isEqualTo(summary);
  }
}
