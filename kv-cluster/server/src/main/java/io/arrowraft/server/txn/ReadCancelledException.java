package io.arrowraft.server.txn;

/** A read stopped because its caller gave up. */
public final class ReadCancelledException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public ReadCancelledException() {
    super("the caller gave up while the read ran", null, false, false);
  }
}
