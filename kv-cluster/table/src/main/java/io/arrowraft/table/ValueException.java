package io.arrowraft.table;

/** A value that its column does not take: wrong type, too large, NULL where none is allowed. */
public final class ValueException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  public ValueException(String message) {
    super(message);
  }

  public ValueException(String message, Throwable cause) {
    super(message, cause);
  }
}
