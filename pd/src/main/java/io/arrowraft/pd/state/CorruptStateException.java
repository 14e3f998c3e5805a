package io.arrowraft.pd.state;

/** A stored record or a command of the log cannot be read; the member must not go on from it. */
public final class CorruptStateException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public CorruptStateException(String message) {
    super(message);
  }

  CorruptStateException(String message, Throwable cause) {
    super(message, cause);
  }
}
