package io.arrowraft.rpc.grpc;

import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcStatus;
import io.grpc.Status;
import java.net.ConnectException;
import java.net.NoRouteToHostException;

/** The two vocabularies of failure, each in the other's words. */
final class Statuses {
  private Statuses() {}

  static RpcException toException(Status status, String where) {
    String detail = status.getDescription() == null ? "" : ": " + status.getDescription();
    String cause = status.getCause() == null ? "" : " (" + status.getCause().getMessage() + ")";
    String message = where + detail + cause;
    // Only this side's transport gives a cause: the words of the other side come without one.
    return status.getCause() instanceof ConnectException
            || status.getCause() instanceof NoRouteToHostException
        ? RpcException.unreached(message, status.getCause())
        : new RpcException(RpcStatus.ofCode(status.getCode().value()), message, status.getCause());
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
