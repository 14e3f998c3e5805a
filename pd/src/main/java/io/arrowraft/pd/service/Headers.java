package io.arrowraft.pd.service;

import io.arrowraft.pd.state.NotLeaderException;
import io.arrowraft.proto.pdpb.ErrorType;
import io.arrowraft.proto.pdpb.RequestHeader;
import io.arrowraft.proto.pdpb.ResponseHeader;
import io.arrowraft.runtime.Async;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcStatus;

/** What comes with every request and response. */
final class Headers {
  private Headers() {}

  static ResponseHeader ok(long clusterId) {
    return ResponseHeader.newBuilder().setClusterId(clusterId).build();
  }

  static ResponseHeader error(long clusterId, ErrorType type, String message) {
    ResponseHeader.Builder header = ResponseHeader.newBuilder().setClusterId(clusterId);
    header.getErrorBuilder().setType(type).setMessage(message);
    return header.build();
  }

  /** Throws what refuses a request that this member may not carry out. */
  static void require(LeaderState leader, RequestHeader header) {
    if (!leader.serving()) {
      throw notLeader();
    }
    requireCluster(leader, header);
  }

  /** The same for timestamps, which may wait until the lease has been renewed. */
  static void requireForTimestamps(LeaderState leader, RequestHeader header) {
    if (!leader.timestamps().serving()) {
      throw notLeader();
    }
    requireCluster(leader, header);
  }

  private static RpcException notLeader() {
    return new RpcException(
        RpcStatus.UNAVAILABLE, "not leader: this member of the placement driver does not lead");
  }

  private static void requireCluster(LeaderState leader, RequestHeader header) {
    if (header.getClusterId() != leader.state().clusterId()) {
      throw new RpcException(
          RpcStatus.FAILED_PRECONDITION,
          "mismatch cluster id, need %s but got %s"
              .formatted(
                  Long.toUnsignedString(leader.state().clusterId()),
                  Long.toUnsignedString(header.getClusterId())));
    }
  }

  /** The failure as callers should see it. */
  static RpcException wire(Throwable failure) {
    Throwable cause = Async.cause(failure);
    if (cause instanceof RpcException rpc) {
      return rpc;
    }
    if (cause instanceof NotLeaderException) {
      return new RpcException(RpcStatus.UNAVAILABLE, "not leader: " + cause.getMessage(), cause);
    }
    return new RpcException(RpcStatus.INTERNAL, String.valueOf(cause.getMessage()), cause);
  }
}
