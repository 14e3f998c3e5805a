package io.arrowraft.runtime.rpc;

/** How a call can fail, with gRPC's codes and meanings. */
public enum RpcStatus {
  CANCELLED(1),
  UNKNOWN(2),
  INVALID_ARGUMENT(3),
  DEADLINE_EXCEEDED(4),
  NOT_FOUND(5),
  ALREADY_EXISTS(6),
  PERMISSION_DENIED(7),
  RESOURCE_EXHAUSTED(8),
  FAILED_PRECONDITION(9),
  ABORTED(10),
  OUT_OF_RANGE(11),
  UNIMPLEMENTED(12),
  INTERNAL(13),
  UNAVAILABLE(14),
  DATA_LOSS(15),
  UNAUTHENTICATED(16);

  private final int code;

  RpcStatus(int code) {
    this.code = code;
  }

  /** gRPC's number for this status. */
  public int code() {
    return code;
  }

  /** The status with gRPC's number {@code code}; {@link #UNKNOWN} for a number that has none. */
  public static RpcStatus ofCode(int code) {
    for (RpcStatus status : values()) {
      if (status.code == code) {
        return status;
      }
    }
    return UNKNOWN;
  }
}
