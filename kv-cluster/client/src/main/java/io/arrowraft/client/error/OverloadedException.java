package io.arrowraft.client.error;

import io.arrowraft.runtime.Async;

/** A limit was hit, here or at a store. Backing off helps. */
public final class OverloadedException extends ArrowraftException {
  private static final long serialVersionUID = 1L;

  public OverloadedException(ErrorCode code, String message) {
    super(code, message, null);
  }

  public OverloadedException(ErrorCode code, String message, Throwable cause) {
    super(code, message, cause);
  }

  /** Whether an answer was too large for one message: asking for less at a time helps. */
  public static boolean isTooLarge(Throwable failure) {
    return Async.cause(failure) instanceof OverloadedException overloaded
        && overloaded.code() == ErrorCode.RESPONSE_TOO_LARGE;
  }
}
