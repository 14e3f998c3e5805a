package io.arrowraft.server.coprocessor;

/** A plan that cannot be executed as it was asked for; the text goes to the client. */
public final class CoprocessorRefusal extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public CoprocessorRefusal(String message) {
    super(message, null, false, false);
  }
}
