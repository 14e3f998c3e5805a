package io.arrowraft.client.error;

import io.arrowraft.runtime.Bytes;
import java.util.Optional;

/** The request can never succeed as it is. Nothing was changed. */
public final class InvalidRequestException extends ArrowraftException {
  private static final long serialVersionUID = 1L;

  private final transient Bytes key;

  public InvalidRequestException(ErrorCode code, String message) {
    this(code, message, (Throwable) null);
  }

  public InvalidRequestException(ErrorCode code, String message, Throwable cause) {
    super(code, message, cause);
    this.key = null;
  }

  /** Names the key that was the reason. */
  public InvalidRequestException(ErrorCode code, String message, Bytes key) {
    super(code, message, null);
    this.key = key;
  }

  /** The key that was the reason, if one was. */
  public Optional<Bytes> key() {
    return Optional.ofNullable(key);
  }
}
