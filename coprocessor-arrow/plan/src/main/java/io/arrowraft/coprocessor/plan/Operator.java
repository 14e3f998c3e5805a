package io.arrowraft.coprocessor.plan;

/**
 * Operators of {@link Expression.Call}, each with Spark's meaning.
 *
 * <p>Comparisons: numbers compare by value (decimals of different scale too), NaN equals NaN and is
 * above all else, -0.0 equals 0.0; strings and binary compare by unsigned bytes. Arithmetic on
 * integers and decimals that leaves the result type, and division by zero, is an error under ANSI
 * and otherwise wraps (integers), or is NULL (decimals, division by zero).
 */
public enum Operator {
  EQUAL(1, "="),
  NOT_EQUAL(2, "<>"),
  LESS(3, "<"),
  LESS_OR_EQUAL(4, "<="),
  GREATER(5, ">"),
  GREATER_OR_EQUAL(6, ">="),
  /** Like {@link #EQUAL}, but NULL equals NULL and the result is never NULL. */
  NULL_SAFE_EQUAL(7, "<=>"),

  /** Two or more arguments, three-valued. */
  AND(10, "AND"),
  /** Two or more arguments, three-valued. */
  OR(11, "OR"),
  NOT(12, "NOT"),
  IS_NULL(13, "IS NULL"),
  IS_NOT_NULL(14, "IS NOT NULL"),
  /**
   * The first argument is one of the others, which are literals of its type. NULL if it is NULL, or
   * if it matches none of them and one of them is NULL.
   */
  IN(15, "IN"),

  ADD(20, "+"),
  SUBTRACT(21, "-"),
  MULTIPLY(22, "*"),
  /** On DECIMAL, FLOAT and DOUBLE only. */
  DIVIDE(23, "/"),
  /** The sign is that of the dividend. */
  REMAINDER(24, "%"),
  NEGATE(25, "-"),
  /**
   * One argument, to the type of the call: between integers and decimals, from those to FLOAT and
   * DOUBLE, FLOAT to DOUBLE, and any type to itself.
   */
  CAST(26, "CAST"),

  /** On STRING, by bytes; the second argument is the raw text, no pattern. */
  STARTS_WITH(30, "STARTS_WITH"),
  ENDS_WITH(31, "ENDS_WITH"),
  CONTAINS(32, "CONTAINS"),

  /** Condition, value, condition, value, ..., and a last value for "else" where there is one. */
  CASE_WHEN(40, "CASE"),
  /** Condition, value if true, value otherwise. */
  IF(41, "IF");

  private final int code;
  private final String symbol;

  Operator(int code, String symbol) {
    this.code = code;
    this.symbol = symbol;
  }

  /** The number that encoded plans carry. Never changed, never reused. */
  public int code() {
    return code;
  }

  /** The operator as SQL writes it. */
  public String symbol() {
    return symbol;
  }

  public boolean isComparison() {
    return code <= NULL_SAFE_EQUAL.code;
  }

  public static Operator ofCode(int code) {
    for (Operator operator : values()) {
      if (operator.code == code) {
        return operator;
      }
    }
    throw new PlanException(
        PlanException.Code.UNSUPPORTED_OPERATION, "unknown operator number " + code);
  }
}
