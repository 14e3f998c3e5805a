package io.arrowraft.client.error;

/** Nobody who could serve the request was found before the deadline. Nothing was changed. */
public final class RoutingException extends ArrowraftException {
  private static final long serialVersionUID = 1L;

  public RoutingException(ErrorCode code, String message) {
    super(code, message, null);
  }

  public RoutingException(ErrorCode code, String message, Throwable cause) {
    super(code, message, cause);
  }
}
