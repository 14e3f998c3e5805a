package io.arrowraft.rpc.grpc;

import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcStatus;
import io.grpc.Status;

/** The two vocabularies of failure, each in the other's words. */
final class Statuses {
  private Statuses() {}

  static RpcException toException(Status status, String where) {
    String detail = status.getDescription() == null ? "" : ": " + status.getDescription();
    String cause = status.getCause() == null ? "" : " (" + status.getCause().getMessage() + ")";
    return new RpcException(
        RpcStatus.ofCode(status.getCode().value()), where + detail + cause, status.getCause());
  }

  /** As above, without saying where: for a server's own words, which clients match on. */
  static Status toStatus(Throwable failure) {
    if (failure instanceof RpcException rpc) {
      return Status.fromCodeValue(rpc.status().code()).withDescription(rpc.getMessage());
    }
    String message = failure.getMessage();
    return Status.INTERNAL
        .withDescription(message == null ? failure.getClass().getSimpleName() : message)
        .withCause(failure);
  }
}
