package io.arrowraft.spark;

import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.SparkSessionExtensions;
import org.apache.spark.sql.SparkSessionExtensionsProvider;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.rules.Rule;
import scala.Function1;
import scala.runtime.AbstractFunction1;
import scala.runtime.BoxedUnit;

/** What the connector adds to every session. Spark finds it by ServiceLoader. */
public final class TikvSessionExtensions
    extends AbstractFunction1<SparkSessionExtensions, BoxedUnit>
    implements SparkSessionExtensionsProvider {

  @Override
  public BoxedUnit apply(SparkSessionExtensions extensions) {
    // Plans are normalised once, whole and with their subqueries, before anything is optimised.
    extensions.injectPlanNormalizationRule(new NewRule());
    return BoxedUnit.UNIT;
  }

  private static final class NewRule extends AbstractFunction1<SparkSession, Rule<LogicalPlan>>
      implements Function1<SparkSession, Rule<LogicalPlan>> {
    @Override
    public Rule<LogicalPlan> apply(SparkSession session) {
      return new ReadTimestampRule();
    }
  }
}
