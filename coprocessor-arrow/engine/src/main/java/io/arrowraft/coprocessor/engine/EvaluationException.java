package io.arrowraft.coprocessor.engine;

import java.util.Objects;

/** A row for which an expression has no value, under ANSI rules. The same plan fails again. */
public final class EvaluationException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Stable reasons; the texts are for people. */
  public enum Code {
    ARITHMETIC_OVERFLOW("an integer result is out of its type's range"),
    DIVIDE_BY_ZERO("division by zero"),
    NUMERIC_VALUE_OUT_OF_RANGE("a decimal result has more digits than its type"),
    CAST_OVERFLOW("a cast value is out of the target type's range");

    private final String text;

    Code(String text) {
      this.text = text;
    }
  }

  private final Code code;

  public EvaluationException(Code code) {
    super(Objects.requireNonNull(code, "code") + ": " + code.text);
    this.code = code;
  }

  public Code code() {
    return code;
  }
}
