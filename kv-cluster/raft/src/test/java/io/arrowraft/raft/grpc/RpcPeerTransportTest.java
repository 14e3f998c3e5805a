package io.arrowraft.raft.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.raft.RaftEnvelope;
import io.arrowraft.raft.RaftReceiver;
import io.arrowraft.raft.SnapshotSink;
import io.arrowraft.raft.SnapshotSource;
import io.arrowraft.raft.core.Membership;
import io.arrowraft.raft.core.Message;
import io.arrowraft.raft.core.Snapshot;
import io.arrowraft.rpc.grpc.GrpcRpcClient;
import io.arrowraft.rpc.grpc.GrpcRpcServers;
import io.arrowraft.rpc.grpc.GrpcTransportOptions;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.runtime.rpc.RpcServer;
import io.arrowraft.runtime.threads.SystemTime;
import io.arrowraft.runtime.threads.ThreadLoopFactory;
import java.io.ByteArrayOutputStream;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The transport over real gRPC on a loopback port. */
class RpcPeerTransportTest {
  private static final long WAIT_SECONDS = 10;

  private final ThreadLoopFactory loops =
      new ThreadLoopFactory(
          "test",
          (component, cause) -> {
            throw new AssertionError(component, cause);
          });
  private final GrpcRpcServers servers =
      new GrpcRpcServers("test", GrpcTransportOptions.defaults(), SystemTime.INSTANCE);
  private final GrpcRpcClient client = new GrpcRpcClient("test", GrpcTransportOptions.defaults());
  private final Receiver receiver = new Receiver();
  private final BlockingQueue<Long> unreachable = new LinkedBlockingQueue<>();
  private RpcServer server = servers.bind("127.0.0.1", 0, List.of(RaftRpcService.of(2, receiver)));
  private final RpcPeerTransport transport =
      new RpcPeerTransport(
          1,
          RpcTransportOptions.defaults(),
          loops.newLoop("transport"),
          client,
          store -> CompletableFuture.completedFuture(server.address()),
          (group, peer) -> unreachable.add(peer));

  @AfterEach
  void close() {
    transport.close();
    client.close();
    server.close();
    loops.close();
  }

  private static RaftEnvelope envelope(long toStore, Message message) {
    return new RaftEnvelope(7, 1, toStore, message, Bytes.ofUtf8("epoch"));
  }

  @Test
  void messagesArriveInOrder() throws Exception {
    for (long i = 1; i <= 1_000; i++) {
      transport.send(envelope(2, new Message.HeartbeatResponse(11, 12, 6, i)));
    }
    for (long i = 1; i <= 1_000; i++) {
      assertThat(receiver.envelopes.poll(WAIT_SECONDS, TimeUnit.SECONDS))
          .isEqualTo(envelope(2, new Message.HeartbeatResponse(11, 12, 6, i)));
    }
  }

  @Test
  void storeRefusesWhatIsMeantForAnother() throws Exception {
    for (long i = 1; receiver.envelopes.isEmpty() && unreachable.isEmpty(); i++) {
      transport.send(envelope(3, new Message.HeartbeatResponse(11, 13, 6, i)));
    }
    assertThat(unreachable.poll(WAIT_SECONDS, TimeUnit.SECONDS)).isEqualTo(13L);
    assertThat(receiver.envelopes).isEmpty();
  }

  @Test
  void lossIsReportedAndTheStreamComesBackWithTheStore() throws Exception {
    transport.send(envelope(2, new Message.TimeoutNow(11, 12, 6, 1)));
    assertThat(receiver.envelopes.poll(WAIT_SECONDS, TimeUnit.SECONDS)).isNotNull();
    server.close();
    while (unreachable.isEmpty()) {
      transport.send(envelope(2, new Message.TimeoutNow(11, 12, 6, 2)));
    }
    assertThat(unreachable.poll()).isEqualTo(12L);
    receiver.envelopes.clear();
    server = servers.bind("127.0.0.1", 0, List.of(RaftRpcService.of(2, receiver)));
    RaftEnvelope arrived = null;
    while (arrived == null) {
      transport.send(envelope(2, new Message.TimeoutNow(11, 12, 6, 3)));
      arrived = receiver.envelopes.poll(20, TimeUnit.MILLISECONDS);
    }
    assertThat(arrived.message().from()).isEqualTo(11);
  }

  @Test
  void snapshotArrivesWholeBeforeItsMessage() throws Exception {
    CompletableFuture<Boolean> delivered = new CompletableFuture<>();
    RaftEnvelope install =
        envelope(
            2,
            new Message.InstallSnapshot(
                11, 12, 6, new Snapshot(9, 6, Membership.ofVoters(11, 12), new byte[] {4})));
    Pieces pieces = new Pieces(List.of(new byte[1 << 20], new byte[] {1, 2, 3}, new byte[100_000]));
    transport.sendSnapshot(install, pieces, delivered::complete);
    assertThat(delivered.get(WAIT_SECONDS, TimeUnit.SECONDS)).isTrue();
    assertThat(receiver.envelopes.poll()).isEqualTo(install);
    assertThat(receiver.content.size()).isEqualTo((1 << 20) + 3 + 100_000);
    assertThat(receiver.finished).isTrue();
    assertThat(pieces.closed.get(WAIT_SECONDS, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void snapshotThatCannotBeReadIsAbortedAndReported() throws Exception {
    CompletableFuture<Boolean> delivered = new CompletableFuture<>();
    SnapshotSource broken =
        new SnapshotSource() {
          private int calls;

          @Override
          public CompletionStage<Optional<byte[]>> next() {
            return calls++ == 0
                ? CompletableFuture.completedFuture(Optional.of(new byte[10]))
                : CompletableFuture.failedFuture(new IllegalStateException("gone"));
          }

          @Override
          public void close() {}
        };
    transport.sendSnapshot(
        envelope(
            2,
            new Message.InstallSnapshot(
                11, 12, 6, new Snapshot(9, 6, Membership.ofVoters(11, 12), new byte[0]))),
        broken,
        delivered::complete);
    assertThat(delivered.get(WAIT_SECONDS, TimeUnit.SECONDS)).isFalse();
    assertThat(receiver.envelopes).isEmpty();
  }

  private static final class Pieces implements SnapshotSource {
    private final Iterator<byte[]> pieces;
    private final CompletableFuture<Boolean> closed = new CompletableFuture<>();

    Pieces(List<byte[]> pieces) {
      this.pieces = pieces.iterator();
    }

    @Override
    public CompletionStage<Optional<byte[]>> next() {
      return CompletableFuture.completedFuture(
          pieces.hasNext() ? Optional.of(pieces.next()) : Optional.empty());
    }

    @Override
    public void close() {
      closed.complete(true);
    }
  }

  private static final class Receiver implements RaftReceiver, SnapshotSink {
    private final BlockingQueue<RaftEnvelope> envelopes = new LinkedBlockingQueue<>();
    private final ByteArrayOutputStream content = new ByteArrayOutputStream();
    private volatile boolean finished;

    @Override
    public void receive(RaftEnvelope envelope) {
      envelopes.add(envelope);
    }

    @Override
    public Optional<SnapshotSink> receiveSnapshot(RaftEnvelope envelope) {
      return Optional.of(this);
    }

    @Override
    public CompletionStage<Void> write(byte[] piece) {
      content.writeBytes(piece);
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletionStage<Void> finish() {
      finished = true;
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public void abort() {
      content.reset();
    }
  }
}
