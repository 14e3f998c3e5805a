package io.arrowraft.pd.client;

/**
 * A call to the placement driver that has no answer. The code is stable; the message carries the
 * remedy.
 */
public final class PdException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Why. */
  public enum Code {
    /** No placement driver answered at any of the addresses. */
    UNREACHABLE,
    /** A placement driver answered and could not finish the call in time. */
    TIMEOUT,
    /** The cluster has no store yet. */
    NOT_BOOTSTRAPPED,
    /** The placement driver serves another cluster than this client or store belongs to. */
    CLUSTER_MISMATCH,
    /** The store has been removed from the cluster for good. */
    STORE_REMOVED,
    /** No region is known for a key or id. */
    REGION_NOT_FOUND,
    /** The request is wrong; repeating it cannot help. */
    REJECTED,
    /** Too many calls wait already: back off. */
    OVERLOADED,
    /** The client has been closed. */
    CLOSED
  }

  private final Code code;

  public PdException(Code code, String message) {
    this(code, message, null);
  }

  public PdException(Code code, String message, Throwable cause) {
    super(message, cause);
    this.code = code;
  }

  public Code code() {
    return code;
  }

  /** Whether the same call may succeed later without any change. */
  public boolean retryable() {
    return switch (code) {
      case UNREACHABLE, TIMEOUT, OVERLOADED, NOT_BOOTSTRAPPED, REGION_NOT_FOUND -> true;
      case CLUSTER_MISMATCH, STORE_REMOVED, REJECTED, CLOSED -> false;
    };
  }
}
