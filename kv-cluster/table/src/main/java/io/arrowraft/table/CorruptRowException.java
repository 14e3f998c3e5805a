package io.arrowraft.table;

/** Bytes that are no key or row of the published format, or end early. */
public final class CorruptRowException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public CorruptRowException(String message) {
    super(message);
  }
}
