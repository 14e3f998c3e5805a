package io.arrowraft.coprocessor.engine;

import io.arrowraft.coprocessor.plan.Expression;
import io.arrowraft.coprocessor.plan.PlanNode;
import io.arrowraft.coprocessor.plan.PlanRequest;
import io.arrowraft.coprocessor.plan.PlanValidator;
import io.arrowraft.coprocessor.plan.ResultColumns;
import io.arrowraft.table.DataType;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/**
 * The steps of a plan, wired.
 *
 * @param steps in the order in which rows pass them; the last one is the output
 */
record Pipeline(ScanStep scan, List<Step> steps, OutputStep output) {

  static Pipeline of(PlanRequest request, ExecutionLimits limits, MemoryBudget budget) {
    PlanValidator.validate(request);
    ExpressionCompiler compiler = new ExpressionCompiler(request.ansi());
    List<PlanNode> chain = PlanValidator.chain(request.plan());
    PlanNode.TableScan table = (PlanNode.TableScan) chain.get(0);
    List<Expression> conditions = new ArrayList<>();
    int above = 1;
    while (above < chain.size() && chain.get(above) instanceof PlanNode.Selection selection) {
      conditions.addAll(selection.conditions());
      above++;
    }
    List<PlanNode> rest = chain.subList(above, chain.size());
    ScanStep scan = new ScanStep(table, conditions, neededBy(table, rest), compiler);

    OutputStep output =
        new OutputStep(
            ResultColumns.of(request.plan()),
            request.batchRowsMax(),
            limits.batchBytesMax(),
            budget);
    Deque<Step> steps = new ArrayDeque<>();
    steps.addFirst(output);
    for (int i = rest.size() - 1; i >= 0; i--) {
      steps.addFirst(step(rest.get(i), steps.getFirst(), compiler, limits, budget));
    }
    return new Pipeline(scan, List.copyOf(steps), output);
  }

  private static Step step(
      PlanNode node,
      Step next,
      ExpressionCompiler compiler,
      ExecutionLimits limits,
      MemoryBudget budget) {
    if (node instanceof PlanNode.Selection selection) {
      List<DataType> types = ResultColumns.of(selection);
      return new FilterStep(compiler.compileAll(selection.conditions()), types, next);
    }
    if (node instanceof PlanNode.Projection projection) {
      return new ProjectStep(compiler.compileAll(projection.expressions()), next);
    }
    if (node instanceof PlanNode.PartialAggregation aggregation) {
      return new AggregateStep(aggregation, compiler, limits.groupsMax(), budget, next);
    }
    if (node instanceof PlanNode.TopN topN) {
      List<Evaluator> keys =
          topN.keys().stream().map(k -> compiler.compile(k.expression())).toList();
      return new TopNStep(topN.keys(), keys, topN.count(), ResultColumns.of(topN), budget, next);
    }
    if (node instanceof PlanNode.Limit limit) {
      return new LimitStep(limit.count(), next);
    }
    throw new IllegalStateException("a table scan above another step: " + node);
  }

  /** Which columns of the scan the steps above its selections read. */
  private static boolean[] neededBy(PlanNode.TableScan table, List<PlanNode> rest) {
    boolean[] needed = new boolean[table.columns().size()];
    for (PlanNode node : rest) {
      if (node instanceof PlanNode.Projection projection) {
        projection.expressions().forEach(each -> mark(each, needed));
        return needed;
      }
      if (node instanceof PlanNode.PartialAggregation aggregation) {
        aggregation.groupBy().forEach(each -> mark(each, needed));
        aggregation.aggregates().stream()
            .flatMap(aggregate -> aggregate.argument().stream())
            .forEach(each -> mark(each, needed));
        return needed;
      }
      if (node instanceof PlanNode.TopN || node instanceof PlanNode.Selection) {
        break;
      }
    }
    // The columns reach the output, or a step that keeps whole rows.
    Arrays.fill(needed, true);
    return needed;
  }

  private static void mark(Expression expression, boolean[] needed) {
    for (int column : ScanStep.columnsOf(expression)) {
      needed[column] = true;
    }
  }
}
