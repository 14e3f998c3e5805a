package io.arrowraft.client.error;

/** A write was sent and no answer came before the deadline: it may or may not have taken effect. */
public final class OutcomeUnknownException extends ArrowraftException {
  private static final long serialVersionUID = 1L;

  public OutcomeUnknownException(ErrorCode code, String message) {
    super(code, message, null);
  }

  public OutcomeUnknownException(ErrorCode code, String message, Throwable cause) {
    super(code, message, cause);
  }
}
