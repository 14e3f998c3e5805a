package io.arrowraft.runtime.rpc;

/** A call or stream that ended without its answer. */
public final class RpcException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final RpcStatus status;
  private final boolean unreached;

  public RpcException(RpcStatus status, String message) {
    this(status, message, null);
  }

  public RpcException(RpcStatus status, String message, Throwable cause) {
    this(status, message, cause, false);
  }

  private RpcException(RpcStatus status, String message, Throwable cause, boolean unreached) {
    // A refusal to send must cost little, since it comes when there is too much to do already.
    super(message, cause, true, !(unreached && cause == null));
    this.status = status;
    this.unreached = unreached;
  }

  /** A failure to reach the other side at all: it knows nothing of the request. */
  public static RpcException unreached(String message, Throwable cause) {
    return new RpcException(RpcStatus.UNAVAILABLE, message, cause, true);
  }

  /** This side has too much under way to send the request: it can be sent later. */
  public static RpcException notSent(String message) {
    return new RpcException(RpcStatus.RESOURCE_EXHAUSTED, message, null, true);
  }

  public RpcStatus status() {
    return status;
  }

  /** Whether the request certainly did not reach the other side: it can be sent elsewhere. */
  public boolean isUnreached() {
    return unreached;
  }

  /** Whether this side refused to send the request, for want of room. */
  public boolean isNotSent() {
    return unreached && status == RpcStatus.RESOURCE_EXHAUSTED;
  }

  /** Whether the request may have been carried out although no answer came. */
  public boolean outcomeUnknown() {
    return !unreached
        && switch (status) {
          case CANCELLED, UNKNOWN, DEADLINE_EXCEEDED, UNAVAILABLE, INTERNAL -> true;
          default -> false;
        };
  }

  @Override
  public String toString() {
    return "RpcException[" + status + "]: " + getMessage();
  }
}
