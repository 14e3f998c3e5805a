package io.arrowraft.client.error;

/** Another transaction held a key until the deadline. Nothing was changed. */
public final class LockConflictException extends ArrowraftException {
  private static final long serialVersionUID = 1L;

  public LockConflictException(ErrorCode code, String message) {
    super(code, message, null);
  }

  public LockConflictException(ErrorCode code, String message, Throwable cause) {
    super(code, message, cause);
  }
}
