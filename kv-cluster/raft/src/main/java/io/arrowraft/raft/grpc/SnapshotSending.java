package io.arrowraft.raft.grpc;

import com.google.protobuf.UnsafeByteOperations;
import io.arrowraft.proto.raft.SnapshotContent;
import io.arrowraft.proto.raft.SnapshotEnd;
import io.arrowraft.proto.raft.SnapshotHeader;
import io.arrowraft.proto.raft.SnapshotPiece;
import io.arrowraft.proto.raft.SnapshotReceipt;
import io.arrowraft.raft.RaftEnvelope;
import io.arrowraft.raft.SnapshotSource;
import io.arrowraft.runtime.EventLoop;
import io.arrowraft.runtime.rpc.RpcClient;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcReceiver;
import io.arrowraft.runtime.rpc.RpcStatus;
import io.arrowraft.runtime.rpc.RpcStream;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One snapshot on its way out: a piece is read when the stream has room for it. Lives on the
 * transport's loop.
 */
final class SnapshotSending implements RpcReceiver<SnapshotReceipt> {
  private static final Logger log = LoggerFactory.getLogger(SnapshotSending.class);

  private final EventLoop loop;
  private final SnapshotSource source;
  private final BiConsumer<SnapshotSending, Boolean> delivered;
  private RpcStream<SnapshotPiece> stream;
  private boolean reading;
  private boolean sentAll;
  private boolean received;
  private boolean over;
  private long pieces;
  private long bytes;

  /**
   * @param delivered told once, on the loop, how it ended
   */
  SnapshotSending(
      EventLoop loop, SnapshotSource source, BiConsumer<SnapshotSending, Boolean> delivered) {
    this.loop = loop;
    this.source = source;
    this.delivered = delivered;
  }

  void start(RpcClient client, String address, Duration timeout, RaftEnvelope envelope) {
    stream = client.open(address, RaftMethods.SEND_SNAPSHOT, timeout, this);
    stream.request(1);
    stream.send(
        SnapshotPiece.newBuilder()
            .setHeader(
                SnapshotHeader.newBuilder()
                    .setFromStore(envelope.fromStore())
                    .setToStore(envelope.toStore())
                    .setEnvelope(MessageCodec.encode(envelope)))
            .build());
    pump();
  }

  private void pump() {
    if (over || reading || sentAll || stream == null || !stream.isReady()) {
      return;
    }
    reading = true;
    source.next().whenComplete((piece, failure) -> loop.execute(() -> onPiece(piece, failure)));
  }

  private void onPiece(Optional<byte[]> piece, Throwable failure) {
    reading = false;
    if (over) {
      source.close();
      return;
    }
    if (failure != null) {
      fail(failure);
      return;
    }
    if (piece.isPresent()) {
      sendContent(piece.get());
    } else {
      sentAll = true;
      stream.send(
          SnapshotPiece.newBuilder()
              .setEnd(SnapshotEnd.newBuilder().setPieces(pieces).setBytes(bytes))
              .build());
      stream.complete();
    }
    pump();
  }

  private void sendContent(byte[] data) {
    pieces++;
    bytes += data.length;
    stream.send(
        SnapshotPiece.newBuilder()
            .setContent(
                SnapshotContent.newBuilder()
                    .setData(UnsafeByteOperations.unsafeWrap(data))
                    .setChecksum(Checksums.crc32c(data)))
            .build());
  }

  @Override
  public void onMessage(SnapshotReceipt receipt) {
    loop.execute(() -> received = true);
  }

  @Override
  public void onComplete() {
    loop.execute(
        () -> {
          if (received) {
            end(true);
          } else {
            fail(new RpcException(RpcStatus.INTERNAL, "the receiver gave no receipt"));
          }
        });
  }

  @Override
  public void onError(RpcException failure) {
    loop.execute(() -> fail(failure));
  }

  @Override
  public void onReady() {
    loop.execute(this::pump);
  }

  void fail(Throwable failure) {
    if (over) {
      return;
    }
    log.atInfo()
        .addKeyValue("pieces", pieces)
        .addKeyValue("bytes", bytes)
        .setCause(failure)
        .log("sending a snapshot failed");
    if (stream != null) {
      stream.fail(new RpcException(RpcStatus.CANCELLED, "the snapshot cannot be sent"));
    }
    end(false);
  }

  private void end(boolean success) {
    if (over) {
      return;
    }
    over = true;
    if (!reading) {
      source.close();
    }
    delivered.accept(this, success);
  }
}
