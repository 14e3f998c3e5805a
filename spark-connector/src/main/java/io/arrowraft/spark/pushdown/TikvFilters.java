package io.arrowraft.spark.pushdown;

import io.arrowraft.coprocessor.plan.Expression;
import io.arrowraft.table.DataType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.connector.expressions.filter.Predicate;

/**
 * Sorts predicates into those that stores evaluate and those that stay with Spark.
 *
 * @param pushed what stores evaluate exactly, in the order given
 * @param residual what Spark evaluates after the scan
 */
public record TikvFilters(List<Pushed> pushed, List<Predicate> residual) {
  public TikvFilters {
    pushed = List.copyOf(pushed);
    residual = List.copyOf(residual);
  }

  /** A predicate of Spark's and what a plan says for it. */
  public record Pushed(Predicate predicate, Expression condition) {}

  public static TikvFilters none() {
    return new TikvFilters(List.of(), List.of());
  }

  public static TikvFilters of(Predicate[] predicates, TikvExpressions expressions) {
    List<Pushed> pushed = new ArrayList<>();
    List<Predicate> residual = new ArrayList<>();
    for (Predicate predicate : predicates) {
      Optional<Expression> condition =
          expressions
              .translate(predicate)
              .filter(translated -> translated.type().kind() == DataType.Kind.BOOLEAN)
              // Stores evaluate conditions in any order, so none may rely on another's guard.
              .filter(translated -> !expressions.canFail(translated));
      if (condition.isPresent()) {
        pushed.add(new Pushed(predicate, condition.get()));
      } else {
        residual.add(predicate);
      }
    }
    return new TikvFilters(pushed, residual);
  }

  public List<Expression> conditions() {
    return pushed.stream().map(Pushed::condition).toList();
  }

  public Predicate[] pushedPredicates() {
    return pushed.stream().map(Pushed::predicate).toArray(Predicate[]::new);
  }
}
