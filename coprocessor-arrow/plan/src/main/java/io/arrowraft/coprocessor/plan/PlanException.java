package io.arrowraft.coprocessor.plan;

import java.util.Objects;

/** A plan that no executor may run. The same plan fails again, so it is never worth a retry. */
public final class PlanException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  /** Stable reasons, for callers that decide by them. */
  public enum Code {
    /** The bytes are no plan. */
    MALFORMED,
    /** A newer format than this code reads. */
    UNSUPPORTED_VERSION,
    /** A node, operator, aggregate or type that this code does not know. */
    UNSUPPORTED_OPERATION,
    /** Types, indexes or arguments that do not fit together. */
    INVALID,
    /** Deeper or larger than the bounds that a validated plan keeps. */
    TOO_LARGE
  }

  private final Code code;

  public PlanException(Code code, String message) {
    super(message);
    this.code = Objects.requireNonNull(code, "code");
  }

  public PlanException(Code code, String message, Throwable cause) {
    super(message, cause);
    this.code = Objects.requireNonNull(code, "code");
  }

  public Code code() {
    return code;
  }
}
