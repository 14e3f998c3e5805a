package io.arrowraft.server.peer;

import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.metapb.RegionEpoch;
import io.arrowraft.raft.PeerTransport;
import io.arrowraft.raft.RaftEnvelope;
import io.arrowraft.raft.RaftGroupConfig;
import io.arrowraft.raft.RaftReceiver;
import io.arrowraft.raft.SnapshotSink;
import io.arrowraft.raft.SnapshotSource;
import io.arrowraft.raft.StoreUnreachable;
import io.arrowraft.runtime.Deadline;
import io.arrowraft.server.apply.RegionFixture;
import io.arrowraft.server.region.RegionEvent;
import io.arrowraft.server.region.RegionRequest;
import io.arrowraft.server.region.RegionSnapshot;
import io.arrowraft.server.region.RegionStore;
import io.arrowraft.server.region.RegionView;
import io.arrowraft.storage.engine.ColumnFamily;
import io.arrowraft.storage.engine.CorruptDataException;
import io.arrowraft.storage.engine.WriteBatch;
import io.arrowraft.storage.memory.FaultyEngine;
import io.arrowraft.storage.memory.MemoryEngine;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/** Three stores in virtual time, with engines and logs in memory and a network that can be cut. */
final class TestCluster {
  /** Two seconds. */
  static final int REST_TICKS = 20;

  final TestWorld world;
  final TestPd pd = new TestPd();
  final TreeMap<Long, Node> nodes = new TreeMap<>();
  private final RegionConfig config;
  private final TreeSet<Long> cut = new TreeSet<>();
  private int groupMessages;
  private long blockedStore;
  private long blockedGroup;
  private Consumer<RaftEnvelope> tap = envelope -> {};

  /** One store over its lives. */
  static final class Node {
    final long id;
    final TestLogs logs;
    final List<RegionEvent> events = new ArrayList<>();
    MemoryEngine engine = new MemoryEngine();

    /** What the store sees of its engine, damage included. */
    FaultyEngine disk;

    /** What can be taken from the store in the midst of anything. */
    final PowerCut power = new PowerCut();

    private CorruptDataException.Damage damage;
    TestWorld.Life life;
    StoreRegions store;

    private Node(long id, TestLogs logs) {
      this.id = id;
      this.logs = logs;
    }

    RegionStore regions() {
      return store.regions();
    }

    boolean isUp() {
      return !life.isOver();
    }

    /** In this life and the next. */
    void damage(ColumnFamily family, byte[] start, byte[] end) {
      damage = new CorruptDataException.Damage(family, start, end);
      disk.damage(family, start, end);
    }

    void repair() {
      damage = null;
      disk.repair();
    }
  }

  TestCluster(long seed, RegionConfig config) {
    this.world = new TestWorld(seed);
    this.config = config;
    for (long id = 1; id <= 3; id++) {
      nodes.put(id, new Node(id, new TestLogs(world)));
    }
  }

  /** A further store, empty and running. */
  Node addStore(long id) {
    Node node = new Node(id, new TestLogs(world));
    nodes.put(id, node);
    start(node);
    return node;
  }

  /** Hears of every message that arrives, before its receiver does. */
  void tap(Consumer<RaftEnvelope> listener) {
    tap = listener;
  }

  /** A region 1 on all three stores, with peers 11, 12 and 13. */
  static TestCluster started(long seed, RegionConfig config) {
    TestCluster cluster = new TestCluster(seed, config);
    for (Node node : cluster.nodes.values()) {
      RegionFixture.create(node.engine, wholeRegion(), 10 + node.id);
      cluster.start(node);
    }
    cluster.leaderOf(1);
    return cluster;
  }

  static Region wholeRegion() {
    return RegionFixture.region(1, "", "");
  }

  void start(Node node) {
    open(node);
    world.await(node.store.start());
    node.store.openPlacementLine();
  }

  /** A store that can be reached and has not started. */
  void open(Node node) {
    node.life = new TestWorld.Life();
    node.power.attach(node.life);
    node.logs.attach(node.life, node.power);
    node.disk = new FaultyEngine(node.power.over(node.engine));
    if (node.damage != null) {
      node.disk.damage(node.damage.family(), node.damage.start(), node.damage.end());
    }
    node.store =
        new StoreRegions(
            world.environment(node.life),
            node.id,
            new StoreRegions.Threads(2, 2, 1),
            config,
            RaftGroupConfig.withTicks(Duration.ofMillis(100), 10, 2).withRest(REST_TICKS),
            new StoreRegions.Storage(node.disk, node.logs),
            pd.client(),
            unreachable -> new Wire(node.id, unreachable));
    node.regions().observers().register(node.events::add);
    node.store.use(new Answers(node.id));
  }

  /** Power loss: what was not synced is gone in part. */
  void crash(Node node) {
    crash(node, world.random());
  }

  /**
   * @param survivors chooses what is kept of what was not synced
   */
  void crash(Node node, RandomGenerator survivors) {
    node.life.end();
    node.engine = node.engine.crash(survivors);
  }

  /** Starts a store whose power is cut after so many writes; returns when it has started or not. */
  void startCutAfter(Node node, int writes) {
    open(node);
    node.power.after(writes);
    CompletableFuture<Void> started = node.store.start();
    world.until(
        "a start or a cut", Duration.ofSeconds(60), () -> started.isDone() || node.power.isLost());
    if (!node.power.isLost()) {
      node.store.openPlacementLine();
    }
  }

  void restart(Node node) {
    crash(node);
    start(node);
  }

  void isolate(Node node) {
    cut.add(node.id);
  }

  /** Messages of one group no longer reach one store. */
  void block(Node node, long groupId) {
    blockedStore = node.id;
    blockedGroup = groupId;
  }

  void unblock() {
    blockedStore = 0;
  }

  void heal() {
    cut.clear();
  }

  /** Messages of groups that were sent so far. */
  int groupMessages() {
    return groupMessages;
  }

  /** The store that leads the region with a lease; waits for one. */
  Node leaderOf(long regionId) {
    List<Node> found = new ArrayList<>();
    world.until(
        "a leader of region " + regionId,
        Duration.ofSeconds(30),
        () -> {
          found.clear();
          for (Node node : nodes.values()) {
            Optional<RegionView> view =
                node.isUp() && !cut.contains(node.id)
                    ? node.regions().region(regionId)
                    : Optional.empty();
            if (view.isPresent() && view.get().isLeader()) {
              found.add(node);
            }
          }
          return found.size() == 1;
        });
    return found.get(0);
  }

  List<Node> followersOf(long regionId) {
    long leader = leaderOf(regionId).id;
    return nodes.values().stream().filter(node -> node.id != leader && node.isUp()).toList();
  }

  RegionRequest request(Node node, long regionId) {
    RegionView view = node.regions().region(regionId).orElseThrow();
    return request(view.region().getRegionEpoch(), view.peer(), regionId);
  }

  RegionRequest request(RegionEpoch epoch, Peer peer, long regionId) {
    return new RegionRequest(
        regionId, epoch, peer, 0, false, false, Deadline.after(Duration.ofSeconds(5), world));
  }

  CompletionStage<Void> put(Node node, long regionId, String key, String value) {
    RegionRequest request = request(node, regionId);
    long term = node.regions().region(regionId).orElseThrow().term();
    return node.regions().write(request, term, List.of(RegionFixture.put(key, value)));
  }

  /** Writes through whoever leads, however often it takes. */
  void mustPut(long regionId, String key, String value) {
    world.await(put(leaderOf(regionId), regionId, key, value));
  }

  /** Reads, again when the region has moved on since the request was made. */
  Optional<String> get(Node node, long regionId, String key) {
    for (int attempt = 0; attempt < 20; attempt++) {
      try (RegionSnapshot snapshot =
          world.await(node.regions().snapshot(request(node, regionId)))) {
        byte[] value = snapshot.data().get(ColumnFamily.RAW, RegionFixture.bytes(key));
        return Optional.ofNullable(value)
            .map(bytes -> new String(bytes, java.nio.charset.StandardCharsets.UTF_8));
      } catch (java.util.concurrent.CompletionException refused) {
        world.run(Duration.ofMillis(20));
      }
    }
    throw new AssertionError("no answer for " + key);
  }

  List<Region> split(long regionId, String... keys) {
    Node leader = leaderOf(regionId);
    return world.await(
        leader
            .regions()
            .split(
                request(leader, regionId),
                List.of(keys).stream().map(RegionFixture::bytes).toList()));
  }

  /** Waits until all replicas of the region have applied the same and hold the same. */
  void replicasAgree(long regionId) {
    replicasAgree(regionId, nodes.values().toArray(new Node[0]));
  }

  void replicasAgree(long regionId, Node... among) {
    TreeSet<String> hashes = new TreeSet<>();
    try {
      untilEqual(regionId, hashes, List.of(among));
    } catch (AssertionError different) {
      throw new AssertionError("region " + regionId + ": " + hashes, different);
    }
  }

  private void untilEqual(long regionId, TreeSet<String> hashes, List<Node> among) {
    world.until(
        "equal replicas of region " + regionId,
        Duration.ofSeconds(60),
        () -> {
          hashes.clear();
          for (Node node : among) {
            Optional<RegionView> view = node.regions().region(regionId);
            hashes.add(view.isEmpty() ? "absent" : hash(node, regionId));
          }
          return hashes.size() == 1 && !hashes.contains("absent");
        });
  }

  private static String hash(Node node, long regionId) {
    try {
      return io.arrowraft.server.snapshot.RegionHasher.hash(node.engine, regionId).toString();
    } catch (io.arrowraft.server.region.RegionErrorException installing) {
      return "absent";
    }
  }

  /** The region that holds a key, by the word of any store that leads it. */
  long regionOf(String key) {
    long[] found = new long[1];
    world.until(
        "a leader for key " + key,
        Duration.ofSeconds(30),
        () -> {
          for (Node node : nodes.values()) {
            for (RegionView view : node.isUp() ? node.regions().regions() : List.<RegionView>of()) {
              if (view.isLeader()
                  && io.arrowraft.server.state.KeyRanges.contains(
                      view.region(), RegionFixture.bytes(key))) {
                found[0] = view.region().getId();
                return true;
              }
            }
          }
          return false;
        });
    return found[0];
  }

  boolean hasChunks(Node node) {
    return !io.arrowraft.server.state.RegionRecords.regionsWithChunks(node.engine).isEmpty();
  }

  boolean isCaughtUp(Node node) {
    return node.regions().region(1).map(RegionView::appliedIndex).orElse(0L)
        >= leaderOf(1).regions().region(1).orElseThrow().appliedIndex();
  }

  static WriteBatch.Operation putOf(String key, String value) {
    return RegionFixture.put(key, value);
  }

  private boolean connected(long from, long to) {
    return !cut.contains(from) && !cut.contains(to) && nodes.get(to).isUp();
  }

  /** What one store asks the others about their replicas. */
  private final class Answers implements OtherReplicas {
    private final long from;

    private Answers(long from) {
      this.from = from;
    }

    @Override
    public CompletionStage<ReplicaHash> hashAt(long store, long region, long index) {
      return connected(from, store)
          ? CompletableFuture.completedFuture(nodes.get(store).store.hashAt(region, index))
          : CompletableFuture.failedFuture(
              new IllegalStateException("store " + store + " is not reached"));
    }

    @Override
    public CompletionStage<Boolean> hasMerged(long store, long region) {
      return connected(from, store)
          ? nodes.get(store).store.hasMerged(region)
          : CompletableFuture.failedFuture(
              new IllegalStateException("store " + store + " is not reached"));
    }

    @Override
    public CompletionStage<Void> requestCheck(long store, long region) {
      return connected(from, store)
          ? nodes.get(store).store.checkConsistency(region).thenApply(report -> null)
          : CompletableFuture.failedFuture(
              new IllegalStateException("store " + store + " is not reached"));
    }
  }

  /** The way from one store to the others. */
  private final class Wire implements PeerTransport {
    private final long from;
    private final StoreUnreachable unreachable;

    private Wire(long from, StoreUnreachable unreachable) {
      this.from = from;
      this.unreachable = unreachable;
    }

    @Override
    public void send(RaftEnvelope envelope) {
      groupMessages += envelope.groupId() == 0 ? 0 : 1;
      long delayMicros = 500L + world.random().nextInt(1000);
      world.after(
          Duration.ofNanos(delayMicros * 1000),
          () -> {
            boolean blocked =
                envelope.toStore() == blockedStore && envelope.groupId() == blockedGroup;
            if (connected(from, envelope.toStore()) && !blocked) {
              tap.accept(envelope);
              receiver(envelope.toStore()).receive(envelope);
            } else {
              unreachable.unreachable(envelope.groupId(), envelope.message().to());
            }
          });
    }

    @Override
    public void sendSnapshot(RaftEnvelope envelope, SnapshotSource source, Consumer<Boolean> told) {
      boolean[] over = new boolean[1];
      Consumer<Boolean> delivered =
          success -> {
            if (!over[0]) {
              over[0] = true;
              told.accept(success);
            }
          };
      // A receiver that dies breaks the stream.
      world.after(Duration.ofSeconds(2), () -> end(source, delivered, false));
      world.after(
          Duration.ofMillis(1),
          () -> {
            Optional<SnapshotSink> sink =
                connected(from, envelope.toStore())
                    ? receiver(envelope.toStore()).receiveSnapshot(envelope)
                    : Optional.empty();
            if (sink.isEmpty()) {
              end(source, delivered, false);
            } else {
              pump(envelope, source, sink.get(), delivered);
            }
          });
    }

    private void pump(
        RaftEnvelope envelope,
        SnapshotSource source,
        SnapshotSink sink,
        Consumer<Boolean> delivered) {
      source
          .next()
          .whenComplete(
              (piece, failure) -> {
                if (failure != null || !connected(from, envelope.toStore())) {
                  sink.abort();
                  end(source, delivered, false);
                } else if (piece.isPresent()) {
                  sink.write(piece.get())
                      .whenComplete(
                          (none, refused) -> {
                            if (refused == null) {
                              pump(envelope, source, sink, delivered);
                            } else {
                              sink.abort();
                              end(source, delivered, false);
                            }
                          });
                } else {
                  sink.finish()
                      .whenComplete(
                          (none, refused) -> {
                            if (refused == null) {
                              tap.accept(envelope);
                              receiver(envelope.toStore()).receive(envelope);
                            }
                            end(source, delivered, refused == null);
                          });
                }
              });
    }

    private void end(SnapshotSource source, Consumer<Boolean> delivered, boolean success) {
      source.close();
      delivered.accept(success);
    }

    private RaftReceiver receiver(long store) {
      return nodes.get(store).store.receiver();
    }
  }
}
