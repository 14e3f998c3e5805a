package io.arrowraft.raft.grpc;

import io.arrowraft.proto.raft.SnapshotContent;
import io.arrowraft.proto.raft.SnapshotEnd;
import io.arrowraft.proto.raft.SnapshotHeader;
import io.arrowraft.proto.raft.SnapshotPiece;
import io.arrowraft.proto.raft.SnapshotReceipt;
import io.arrowraft.raft.RaftEnvelope;
import io.arrowraft.raft.RaftReceiver;
import io.arrowraft.raft.SnapshotSink;
import io.arrowraft.raft.core.Message;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcReceiver;
import io.arrowraft.runtime.rpc.RpcStatus;
import io.arrowraft.runtime.rpc.RpcStream;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One snapshot on its way in. The next piece is requested when the sink has taken the last one, so
 * callbacks of the stream and of the sink alternate; the lock makes what one did visible to the
 * other, and lets a broken stream in at any time.
 */
final class SnapshotReceiving implements RpcReceiver<SnapshotPiece> {
  private static final Logger log = LoggerFactory.getLogger(SnapshotReceiving.class);

  private final long storeId;
  private final RaftReceiver receiver;
  private final RpcStream<SnapshotReceipt> responses;
  private RaftEnvelope envelope;
  private SnapshotSink sink;
  private boolean over;
  private long pieces;
  private long bytes;

  SnapshotReceiving(long storeId, RaftReceiver receiver, RpcStream<SnapshotReceipt> responses) {
    this.storeId = storeId;
    this.receiver = receiver;
    this.responses = responses;
  }

  @Override
  public synchronized void onMessage(SnapshotPiece piece) {
    if (over) {
      return;
    }
    try {
      switch (piece.getPartCase()) {
        case HEADER -> onHeader(piece.getHeader());
        case CONTENT -> onContent(piece.getContent());
        case END -> onEnd(piece.getEnd());
        case PART_NOT_SET -> refuse(RpcStatus.INVALID_ARGUMENT, "a piece without a part");
      }
    } catch (IllegalArgumentException malformed) {
      refuse(RpcStatus.INVALID_ARGUMENT, String.valueOf(malformed.getMessage()));
    } catch (RpcException malformed) {
      refuse(malformed.status(), malformed.getMessage());
    }
  }

  private void onHeader(SnapshotHeader header) {
    if (sink != null || header.getToStore() != storeId) {
      RpcException misdirected = RaftRpcService.misdirected(storeId, header.getToStore());
      refuse(misdirected.status(), misdirected.getMessage());
      return;
    }
    envelope =
        MessageCodec.decode(header.getEnvelope(), header.getFromStore(), header.getToStore());
    if (!(envelope.message() instanceof Message.InstallSnapshot)) {
      refuse(RpcStatus.INVALID_ARGUMENT, "a snapshot without its message");
      return;
    }
    Optional<SnapshotSink> opened = receiver.receiveSnapshot(envelope);
    if (opened.isEmpty()) {
      refuse(RpcStatus.FAILED_PRECONDITION, "the snapshot is not wanted");
      return;
    }
    sink = opened.get();
    responses.request(1);
  }

  private void onContent(SnapshotContent content) {
    byte[] data = content.getData().toByteArray();
    if (sink == null || Checksums.crc32c(data) != content.getChecksum()) {
      refuse(RpcStatus.DATA_LOSS, "a piece of the snapshot is damaged or out of place");
      return;
    }
    pieces++;
    bytes += data.length;
    sink.write(data)
        .whenComplete(
            (done, failure) -> {
              if (failure != null) {
                refuse(RpcStatus.INTERNAL, "the snapshot cannot be kept: " + failure);
              } else {
                responses.request(1);
              }
            });
  }

  private void onEnd(SnapshotEnd end) {
    if (sink == null || end.getPieces() != pieces || end.getBytes() != bytes) {
      refuse(RpcStatus.DATA_LOSS, "the snapshot is incomplete");
      return;
    }
    sink.finish()
        .whenComplete(
            (done, failure) -> {
              if (failure != null) {
                refuse(RpcStatus.INTERNAL, "the snapshot cannot be kept: " + failure);
              } else {
                deliver();
              }
            });
  }

  private synchronized void deliver() {
    if (over) {
      return;
    }
    over = true;
    receiver.receive(envelope);
    responses.send(SnapshotReceipt.getDefaultInstance());
    responses.complete();
  }

  private synchronized void refuse(RpcStatus status, String reason) {
    if (over) {
      return;
    }
    abort(reason);
    responses.fail(new RpcException(status, reason));
  }

  private void abort(String reason) {
    over = true;
    log.atInfo()
        .addKeyValue("pieces", pieces)
        .addKeyValue("reason", reason)
        .log("receiving a snapshot failed");
    if (sink != null) {
      sink.abort();
    }
  }

  @Override
  public void onComplete() {
    // The last piece says whether the content is complete, not the end of the stream.
  }

  @Override
  public synchronized void onError(RpcException failure) {
    if (!over) {
      abort(failure.toString());
    }
  }
}
