package io.arrowraft.server.store;

/** A store that cannot start as it is; the message names the remedy. */
public final class StoreStartException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Why. */
  public enum Code {
    /** The data directory belongs to another cluster than the placement driver's. */
    OTHER_CLUSTER,
    /** The data directory holds regions, but the placement driver's cluster was never started. */
    CLUSTER_LOST
  }

  private final Code code;

  StoreStartException(Code code, String message) {
    super(message);
    this.code = code;
  }

  public Code code() {
    return code;
  }
}
