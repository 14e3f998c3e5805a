package io.arrowraft.raft.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.raft.CommittedEntry;
import io.arrowraft.raft.DropReason;
import io.arrowraft.raft.GroupOwner;
import io.arrowraft.raft.GroupRole;
import io.arrowraft.raft.GroupServices;
import io.arrowraft.raft.GroupStart;
import io.arrowraft.raft.LogStore;
import io.arrowraft.raft.LogStores;
import io.arrowraft.raft.MultiRaft;
import io.arrowraft.raft.ProposalResult;
import io.arrowraft.raft.RaftEnvelope;
import io.arrowraft.raft.RaftGroup;
import io.arrowraft.raft.RaftGroupConfig;
import io.arrowraft.raft.RaftMeters;
import io.arrowraft.raft.RaftReceiver;
import io.arrowraft.raft.ReadOutcome;
import io.arrowraft.raft.SnapshotSink;
import io.arrowraft.raft.SnapshotSource;
import io.arrowraft.raft.core.Membership;
import io.arrowraft.raft.core.Snapshot;
import io.arrowraft.rpc.grpc.GrpcRpcClient;
import io.arrowraft.rpc.grpc.GrpcRpcServers;
import io.arrowraft.rpc.grpc.GrpcTransportOptions;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.runtime.rpc.RpcServer;
import io.arrowraft.runtime.threads.SystemTime;
import io.arrowraft.runtime.threads.ThreadLoopFactory;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Three nodes with real threads and real gRPC. */
class RealNetworkTest {
  private static final long GROUP = 1;
  private static final int VALUES = 2_000;

  private final Map<Long, String> addresses = new ConcurrentHashMap<>();
  private final List<Node> nodes = new ArrayList<>();

  @AfterEach
  void close() {
    // Senders first: a server waits for the streams that are still open.
    nodes.forEach(Node::closeSending);
    nodes.forEach(Node::close);
  }

  @Test
  void groupReplicatesOverRealThreadsAndSockets() throws Exception {
    for (long id = 1; id <= 3; id++) {
      nodes.add(new Node(id));
    }
    Node leader = awaitLeader();
    for (int i = 0; i < VALUES; i++) {
      int value = i;
      ProposalResult result =
          leader.ask(
              group -> group.propose(ByteBuffer.allocate(4).putInt(value).array(), value, 0));
      assertThat(result).isInstanceOf(ProposalResult.Accepted.class);
    }
    // Accepted is not committed yet, and a read owes nobody what is not.
    awaitApplied(leader);
    for (Node node : nodes) {
      CompletableFuture<ReadOutcome> read = new CompletableFuture<>();
      node.ask(
          group -> {
            group.readIndex(read::complete);
            return true;
          });
      assertThat(read.get(10, TimeUnit.SECONDS)).isInstanceOf(ReadOutcome.Ready.class);
      List<Integer> values = node.ask(group -> List.copyOf(node.values));
      assertThat(values).hasSize(VALUES).startsWith(0, 1, 2).endsWith(VALUES - 1);
    }
    assertThat(leader.group.lease().term()).isNotZero();
  }

  private static void awaitApplied(Node node) throws Exception {
    long end = SystemTime.INSTANCE.nanos() + TimeUnit.SECONDS.toNanos(30);
    while (node.ask(group -> node.values.size()) < VALUES) {
      assertThat(SystemTime.INSTANCE.nanos()).isLessThan(end);
    }
  }

  private Node awaitLeader() throws Exception {
    while (true) {
      for (Node node : nodes) {
        if (node.ask(group -> group.role().isLeader())) {
          return node;
        }
      }
    }
  }

  private final class Node implements GroupOwner<Integer>, RaftReceiver {
    private final ThreadLoopFactory loops;
    private final GrpcRpcClient client;
    private final RpcServer server;
    private final RpcPeerTransport transport;
    private final MultiRaft raft;
    private final List<Integer> values = new ArrayList<>();
    private final CompletableFuture<RaftGroup<Integer>> opened = new CompletableFuture<>();
    private RaftGroup<Integer> group;

    Node(long id) throws Exception {
      loops =
          new ThreadLoopFactory(
              "node" + id, (component, cause) -> opened.completeExceptionally(cause));
      client = new GrpcRpcClient("node" + id, GrpcTransportOptions.defaults());
      RaftGroupConfig config = RaftGroupConfig.withTicks(Duration.ofMillis(20), 10, 2);
      raft =
          new MultiRaft(
              MultiRaft.Config.defaults(config.tickInterval()),
              List.of(loops.newLoop("raft")),
              envelope -> {});
      server =
          new GrpcRpcServers("node" + id, GrpcTransportOptions.defaults(), SystemTime.INSTANCE)
              .bind("127.0.0.1", 0, List.of(RaftRpcService.of(id, this)));
      addresses.put(id, server.address());
      transport =
          new RpcPeerTransport(
              id,
              RpcTransportOptions.defaults(),
              loops.newLoop("transport"),
              client,
              store ->
                  addresses.containsKey(store)
                      ? CompletableFuture.completedFuture(addresses.get(store))
                      : CompletableFuture.failedFuture(new IllegalStateException("not up yet")),
              raft::unreachable);
      LogStore logs = LogStores.inMemory(loops.newLoop("log"));
      raft.post(
          GROUP,
          () -> {
            group =
                new RaftGroup<>(
                    config,
                    GroupStart.bootstrap(GROUP, id, Membership.ofVoters(1, 2, 3)),
                    new GroupServices(
                        raft.loopOf(GROUP),
                        SystemTime.INSTANCE,
                        new Random(id),
                        logs,
                        transport,
                        id,
                        new RaftMeters(new SimpleMeterRegistry())),
                    this);
            raft.add(GROUP, group);
            opened.complete(group);
          });
      opened.get(10, TimeUnit.SECONDS);
      raft.start();
    }

    <T> T ask(Function<RaftGroup<Integer>, T> question) throws Exception {
      CompletableFuture<T> answer = new CompletableFuture<>();
      assertThat(raft.post(GROUP, () -> answer.complete(question.apply(group)))).isTrue();
      return answer.get(10, TimeUnit.SECONDS);
    }

    void closeSending() {
      raft.close();
      transport.close();
      client.close();
    }

    void close() {
      server.close();
      loops.close();
    }

    @Override
    public void receive(RaftEnvelope envelope) {
      raft.receive(envelope);
    }

    @Override
    public Optional<SnapshotSink> receiveSnapshot(RaftEnvelope envelope) {
      return Optional.empty();
    }

    @Override
    public void apply(List<CommittedEntry<Integer>> entries) {
      long last = 0;
      for (CommittedEntry<Integer> committed : entries) {
        last = committed.entry().index();
        if (committed.entry().data().length > 0) {
          values.add(ByteBuffer.wrap(committed.entry().data()).getInt());
        }
      }
      group.applied(last);
    }

    @Override
    public void dropped(Integer proposal, DropReason reason) {
      throw new AssertionError("dropped " + proposal + ": " + reason);
    }

    @Override
    public void roleChanged(GroupRole role) {}

    @Override
    public Optional<Snapshot> snapshot(long peer, long indexMin) {
      return Optional.empty();
    }

    @Override
    public SnapshotSource open(Snapshot snapshot) {
      throw new AssertionError("no snapshot was made");
    }

    @Override
    public void install(Snapshot snapshot, Runnable installed) {
      throw new AssertionError("no snapshot was sent");
    }

    @Override
    public long storeOf(long peer) {
      return peer;
    }

    @Override
    public Bytes envelope() {
      return Bytes.EMPTY;
    }
  }
}
