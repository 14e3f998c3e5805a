package io.arrowraft.client.error;

/** The request can never succeed as it is. Nothing was changed. */
public final class InvalidRequestException extends ArrowraftException {
  private static final long serialVersionUID = 1L;

  public InvalidRequestException(ErrorCode code, String message) {
    super(code, message, null);
  }

  public InvalidRequestException(ErrorCode code, String message, Throwable cause) {
    super(code, message, cause);
  }
}
