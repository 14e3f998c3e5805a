package io.arrowraft.raft.grpc;

import io.arrowraft.proto.raft.MessageBatch;
import io.arrowraft.proto.raft.RaftTransportGrpc;
import io.arrowraft.proto.raft.SnapshotPiece;
import io.arrowraft.proto.raft.SnapshotReceipt;
import io.arrowraft.proto.raft.StreamClosed;
import io.arrowraft.rpc.RpcMethods;
import io.arrowraft.runtime.rpc.RpcMethod;

/** The methods of the transport's service. */
final class RaftMethods {
  static final RpcMethod<MessageBatch, StreamClosed> SEND =
      RpcMethods.of(RaftTransportGrpc.getSendMethod());
  static final RpcMethod<SnapshotPiece, SnapshotReceipt> SEND_SNAPSHOT =
      RpcMethods.of(RaftTransportGrpc.getSendSnapshotMethod());

  private RaftMethods() {}
}
