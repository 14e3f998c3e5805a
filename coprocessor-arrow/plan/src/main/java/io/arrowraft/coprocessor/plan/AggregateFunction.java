package io.arrowraft.coprocessor.plan;

/** Aggregates that can be computed in parts. An average is asked for as a SUM and a COUNT. */
public enum AggregateFunction {
  /** Rows, NULL or not; takes no argument; BIGINT. */
  COUNT_ALL(1, "COUNT(*)"),
  /** Rows whose argument is not NULL; BIGINT. */
  COUNT(2, "COUNT"),
  /**
   * The sum of what is not NULL, NULL if nothing is. A group whose sum does not fit the declared
   * type comes as as many rows as are needed for each part to fit.
   */
  SUM(3, "SUM"),
  /** NaN is largest; -0.0 equals 0.0. */
  MIN(4, "MIN"),
  MAX(5, "MAX");

  private final int code;
  private final String symbol;

  AggregateFunction(int code, String symbol) {
    this.code = code;
    this.symbol = symbol;
  }

  public int code() {
    return code;
  }

  public String symbol() {
    return symbol;
  }

  public static AggregateFunction ofCode(int code) {
    for (AggregateFunction function : values()) {
      if (function.code == code) {
        return function;
      }
    }
    throw new PlanException(
        PlanException.Code.UNSUPPORTED_OPERATION, "unknown aggregate number " + code);
  }
}
