package io.arrowraft.server.txn;

/** An answer would pass the bound on response size; asking for less succeeds. */
public final class ResponseTooLargeException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public ResponseTooLargeException(String request, long bytesMax) {
    super(
        "the answer to this "
            + request
            + " is larger than responseBytesMax="
            + bytesMax
            + " bytes; ask for fewer keys",
        null,
        false,
        false);
  }
}
