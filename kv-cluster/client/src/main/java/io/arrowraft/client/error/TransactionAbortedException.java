package io.arrowraft.client.error;

/** The transaction did not commit and never will. Running it again from its start may succeed. */
public final class TransactionAbortedException extends ArrowraftException {
  private static final long serialVersionUID = 1L;

  public TransactionAbortedException(ErrorCode code, String message) {
    super(code, message, null);
  }

  public TransactionAbortedException(ErrorCode code, String message, Throwable cause) {
    super(code, message, cause);
  }
}
