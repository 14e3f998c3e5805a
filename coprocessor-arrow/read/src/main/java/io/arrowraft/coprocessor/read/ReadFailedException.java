package io.arrowraft.coprocessor.read;

/** A read that cannot go on, with a code that callers may decide by. */
public final class ReadFailedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Stable reasons. */
  public enum Code {
    /** A store sent what is no result of the plan. */
    MALFORMED_RESPONSE,
    /** The store refused or failed the plan; the same plan fails again. */
    PLAN_FAILED,
    /** The store sent more than the reader may hold back before a region is complete. */
    RESULT_TOO_LARGE,
    /** The stores did not answer in time, whatever was tried. */
    TIMED_OUT,
    /** The reader was closed, or its thread was interrupted. */
    CANCELLED
  }

  private final Code code;

  public ReadFailedException(Code code, String message) {
    super(message);
    this.code = code;
  }

  public ReadFailedException(Code code, String message, Throwable cause) {
    super(message, cause);
    this.code = code;
  }

  static ReadFailedException malformed(String detail) {
    return new ReadFailedException(
        Code.MALFORMED_RESPONSE, "a store sent a malformed result batch: " + detail);
  }

  public Code code() {
    return code;
  }
}
