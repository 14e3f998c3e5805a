package io.arrowraft.runtime.rpc;

/** A call or stream that ended without its answer. */
public final class RpcException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final RpcStatus status;

  public RpcException(RpcStatus status, String message) {
    this(status, message, null);
  }

  public RpcException(RpcStatus status, String message, Throwable cause) {
    super(message, cause);
    this.status = status;
  }

  public RpcStatus status() {
    return status;
  }

  /** Whether the request may have been carried out although no answer came. */
  public boolean outcomeUnknown() {
    return switch (status) {
      case CANCELLED, UNKNOWN, DEADLINE_EXCEEDED, UNAVAILABLE, INTERNAL -> true;
      default -> false;
    };
  }

  @Override
  public String toString() {
    return "RpcException[" + status + "]: " + getMessage();
  }
}
