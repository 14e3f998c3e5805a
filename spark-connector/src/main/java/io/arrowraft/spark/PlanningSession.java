package io.arrowraft.spark;

import org.apache.spark.sql.internal.SQLConf;

/**
 * What a session's settings say about the meaning of expressions, taken once when a query is
 * planned.
 *
 * @param timeZone id of the session's time zone
 * @param ansi whether overflow and division by zero are errors
 * @param allowPrecisionLoss whether decimal results may lose fractional digits
 */
record PlanningSession(String timeZone, boolean ansi, boolean allowPrecisionLoss) {
  static PlanningSession current() {
    SQLConf conf = SQLConf.get();
    return new PlanningSession(
        conf.sessionLocalTimeZone(),
        conf.ansiEnabled(),
        conf.decimalOperationsAllowPrecisionLoss());
  }
}
