package io.arrowraft.coprocessor.plan;

import io.arrowraft.table.Bytes;
import io.arrowraft.table.ColumnSource;
import io.arrowraft.table.DataType;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** The text of a plan, for EXPLAIN and logs: one step a line, the last step first. */
public final class PlanPrinter {
  private static final int LITERALS_SHOWN = 8;

  private PlanPrinter() {}

  public static String print(PlanNode plan) {
    List<PlanNode> chain = PlanValidator.chain(plan);
    StringBuilder text = new StringBuilder();
    List<String> names = List.of();
    List<String> lines = new ArrayList<>();
    for (PlanNode node : chain) {
      lines.add(line(node, names));
      names = names(node, names);
    }
    for (int i = lines.size() - 1; i >= 0; i--) {
      text.append("  ".repeat(lines.size() - 1 - i)).append(lines.get(i)).append('\n');
    }
    return text.toString();
  }

  private static String line(PlanNode node, List<String> names) {
    if (node instanceof PlanNode.TableScan scan) {
      return "TableScan table="
          + scan.tableId()
          + " columns="
          + scan.columns().stream().map(PlanPrinter::column).toList()
          + (scan.descending() ? " descending" : "");
    }
    if (node instanceof PlanNode.Selection selection) {
      return "Selection " + join(selection.conditions(), names, " AND ");
    }
    if (node instanceof PlanNode.Projection projection) {
      return "Projection " + join(projection.expressions(), names, ", ");
    }
    if (node instanceof PlanNode.PartialAggregation aggregation) {
      String calls =
          aggregation.aggregates().stream()
              .map(each -> print(each, names))
              .collect(Collectors.joining(", "));
      return "PartialAggregation"
          + (aggregation.groupBy().isEmpty()
              ? ""
              : " by " + join(aggregation.groupBy(), names, ", "))
          + (calls.isEmpty() ? "" : ": " + calls);
    }
    if (node instanceof PlanNode.TopN topN) {
      return "TopN "
          + topN.count()
          + " by "
          + topN.keys().stream().map(key -> print(key, names)).collect(Collectors.joining(", "));
    }
    return "Limit " + ((PlanNode.Limit) node).count();
  }

  private static List<String> names(PlanNode node, List<String> input) {
    if (node instanceof PlanNode.TableScan scan) {
      return scan.columns().stream().map(column -> "#" + column.columnId()).toList();
    }
    if (node instanceof PlanNode.Projection || node instanceof PlanNode.PartialAggregation) {
      List<String> names = new ArrayList<>();
      for (int i = 0; i < ResultColumns.of(node).size(); i++) {
        names.add(ResultColumns.nameOf(i));
      }
      return names;
    }
    return input;
  }

  private static String column(ScanColumn column) {
    String source =
        column.source() instanceof ColumnSource.Handle
            ? " handle"
            : column.source() instanceof ColumnSource.HandlePart part
                ? " key part " + part.position()
                : "";
    String stored = column.unsigned() ? " unsigned" : "";
    return "#" + column.columnId() + " " + column.type().sql() + stored + source;
  }

  private static String join(List<Expression> expressions, List<String> names, String separator) {
    return expressions.stream()
        .map(each -> print(each, names))
        .collect(Collectors.joining(separator));
  }

  private static String print(AggregateCall aggregate, List<String> names) {
    return aggregate
        .argument()
        .map(argument -> aggregate.function().symbol() + "(" + print(argument, names) + ")")
        .orElse(aggregate.function().symbol());
  }

  private static String print(SortKey key, List<String> names) {
    return print(key.expression(), names)
        + (key.descending() ? " DESC" : " ASC")
        + (key.nullsFirst() ? " NULLS FIRST" : " NULLS LAST");
  }

  /** An expression whose columns have no names of their own. */
  public static String print(Expression expression) {
    return print(expression, List.of());
  }

  /**
   * @param names of the input's columns; a column without one is shown by its index
   */
  public static String print(Expression expression, List<String> names) {
    if (expression instanceof Expression.ColumnReference column) {
      return column.index() < names.size()
          ? names.get(column.index())
          : ResultColumns.nameOf(column.index());
    }
    if (expression instanceof Expression.Literal literal) {
      return literal.value().map(value -> literal(literal.type(), value)).orElse("NULL");
    }
    return call((Expression.Call) expression, names);
  }

  private static String literal(DataType type, Object value) {
    return switch (type.kind()) {
      case STRING, JSON -> "'" + ((String) value).replace("'", "''") + "'";
      case BINARY -> "X'" + (Bytes) value + "'";
      case DATE -> "DATE '" + LocalDate.ofEpochDay((Long) value) + "'";
      case TIMESTAMP, TIMESTAMP_NTZ ->
          type.sql() + " '" + Instant.EPOCH.plus((Long) value, ChronoUnit.MICROS) + "'";
      case DECIMAL -> ((BigDecimal) value).toPlainString();
      default -> value.toString();
    };
  }

  private static String call(Expression.Call call, List<String> names) {
    List<Expression> arguments = call.arguments();
    String symbol = call.operator().symbol();
    return switch (call.operator()) {
      case NOT -> "NOT " + print(arguments.get(0), names);
      case IS_NULL, IS_NOT_NULL -> print(arguments.get(0), names) + " " + symbol;
      case NEGATE -> "-" + print(arguments.get(0), names);
      case CAST -> "CAST(" + print(arguments.get(0), names) + " AS " + call.type().sql() + ")";
      case IN -> in(arguments, names);
      case CASE_WHEN -> caseWhen(arguments, names);
      case IF, STARTS_WITH, ENDS_WITH, CONTAINS ->
          symbol + "(" + join(arguments, names, ", ") + ")";
      default -> "(" + join(arguments, names, " " + symbol + " ") + ")";
    };
  }

  private static String in(List<Expression> arguments, List<String> names) {
    List<Expression> values = arguments.subList(1, arguments.size());
    String more = values.size() > LITERALS_SHOWN ? ", ... " + values.size() + " values" : "";
    return print(arguments.get(0), names)
        + " IN ("
        + join(values.subList(0, Math.min(values.size(), LITERALS_SHOWN)), names, ", ")
        + more
        + ")";
  }

  private static String caseWhen(List<Expression> arguments, List<String> names) {
    StringBuilder text = new StringBuilder("CASE");
    int i = 0;
    for (; i + 1 < arguments.size(); i += 2) {
      text.append(" WHEN ").append(print(arguments.get(i), names));
      text.append(" THEN ").append(print(arguments.get(i + 1), names));
    }
    if (i < arguments.size()) {
      text.append(" ELSE ").append(print(arguments.get(i), names));
    }
    return text.append(" END").toString();
  }
}
