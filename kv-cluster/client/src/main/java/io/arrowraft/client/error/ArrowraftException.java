package io.arrowraft.client.error;

import java.util.Objects;

/** A failed operation. The subclass says how to react. */
public abstract sealed class ArrowraftException extends RuntimeException
    permits RoutingException,
        LockConflictException,
        TransactionAbortedException,
        OverloadedException,
        InvalidRequestException,
        OutcomeUnknownException {
  private static final long serialVersionUID = 1L;

  private final ErrorCode code;

  ArrowraftException(ErrorCode code, String message, Throwable cause) {
    super(message, cause);
    this.code = Objects.requireNonNull(code, "code");
  }

  /** What happened. */
  public final ErrorCode code() {
    return code;
  }

  /** What the caller can do about it. */
  public final String remedy() {
    return code.remedy();
  }

  @Override
  public final String toString() {
    return getClass().getSimpleName()
        + "["
        + code
        + "]: "
        + getMessage()
        + " ("
        + code.remedy()
        + ")";
  }
}
