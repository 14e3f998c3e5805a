package io.arrowraft.client.error;

/** A limit was hit, here or at a store. Backing off helps. */
public final class OverloadedException extends ArrowraftException {
  private static final long serialVersionUID = 1L;

  public OverloadedException(ErrorCode code, String message) {
    super(code, message, null);
  }

  public OverloadedException(ErrorCode code, String message, Throwable cause) {
    super(code, message, cause);
  }
}
