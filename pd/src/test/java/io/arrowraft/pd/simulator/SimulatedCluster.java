package io.arrowraft.pd.simulator;

import com.google.protobuf.ByteString;
import io.arrowraft.pd.operator.Operator;
import io.arrowraft.pd.operator.Progress;
import io.arrowraft.pd.placement.Rule;
import io.arrowraft.pd.region.RegionInfo;
import io.arrowraft.pd.region.RegionTraffic;
import io.arrowraft.pd.region.RegionTree;
import io.arrowraft.pd.region.ReportOutcome;
import io.arrowraft.pd.region.StoreShelf;
import io.arrowraft.pd.schedule.ScheduleLimits;
import io.arrowraft.pd.schedule.round.Scheduling;
import io.arrowraft.pd.settings.Option;
import io.arrowraft.pd.settings.Settings;
import io.arrowraft.pd.state.PdCommand;
import io.arrowraft.pd.state.PdState;
import io.arrowraft.pd.store.StoreRegistry;
import io.arrowraft.proto.eraftpb.ConfChangeType;
import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.metapb.PeerRole;
import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.metapb.Store;
import io.arrowraft.proto.pdpb.ChangePeer;
import io.arrowraft.proto.pdpb.RegionHeartbeatResponse;
import io.arrowraft.proto.pdpb.StoreStats;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;

/** Stores that do what they are told, as fast as their disks and networks allow. */
final class SimulatedCluster {
  private static final long SECOND = Duration.ofSeconds(1).toNanos();

  /** Time from an order to the report that it was obeyed, where no data is copied. */
  private static final long QUICK = Duration.ofMillis(200).toNanos();

  /** What one store receives in a second. */
  private static final double COPY_MIB_PER_SECOND = 100;

  private static final long CAPACITY = 4L << 40;

  private static final class Machine {
    private boolean alive = true;
    private long copyingUntilNanos;
    private long capacityBytes = CAPACITY;
  }

  private record Event(long atNanos, long order, Runnable action) implements Comparable<Event> {
    @Override
    public int compareTo(Event other) {
      int byTime = Long.compare(atNanos, other.atNanos);
      return byTime != 0 ? byTime : Long.compare(order, other.order);
    }
  }

  private final SimulatedClock clock = new SimulatedClock();
  private final SplittableRandom random;
  private final PdState state = new PdState();
  private final RegionTree tree = new RegionTree();
  private final StoreRegistry stores = new StoreRegistry(state, clock);
  private final Scheduling scheduling;
  private final TreeMap<Long, Machine> machines = new TreeMap<>();
  private final PriorityQueue<Event> events = new PriorityQueue<>();
  private final Set<Long> obeying = new HashSet<>();
  private final Moves peerMoves = new Moves();
  private final Moves leaderMoves = new Moves();
  private final PeerTrail trail = new PeerTrail();

  /** Queries a second by region that clients send to its youngest follower. */
  private final TreeMap<Long, Long> followerReads = new TreeMap<>();

  private long nextId = 1_000_000;
  private long sequence;
  private long nowNanos;

  SimulatedCluster(long seed, int storeCount) {
    this.random = new SplittableRandom(seed);
    this.scheduling =
        new Scheduling(
            tree,
            stores,
            new Settings(state, ScheduleLimits.defaults(), 3),
            () -> OptionalLong.of(nextId++),
            clock,
            random.split());
    // The usual limit would only make the simulation longer: 15 a minute are 200 minutes.
    set(Option.STORE_LIMIT, "60");
    set(Option.PATROL_REGION_BATCH, "256");
    for (long id = 1; id <= storeCount; id++) {
      addStore(id);
    }
  }

  void set(Option option, String value) {
    state.apply(scheduling.settings().change(Map.of(option, value)));
  }

  void set(Rule... rules) {
    state.apply(scheduling.settings().changeRules(List.of(rules), List.of()));
  }

  void addStore(long id) {
    addStore(id, Map.of());
  }

  void addStore(long id, Map<String, String> labels) {
    Store.Builder store = Store.newBuilder().setId(id).setAddress("store-" + id + ":20160");
    new TreeMap<>(labels)
        .forEach((key, value) -> store.addLabelsBuilder().setKey(key).setValue(value));
    state.apply(new PdCommand.PutStore(store.build()));
    machines.put(id, new Machine());
    heartbeat(id);
  }

  /** Gives a store a disk of another size. */
  void resizeDisk(long storeId, long bytes) {
    machines.get(storeId).capacityBytes = bytes;
    heartbeat(storeId);
  }

  /** Regions of 64 to 128 MiB, three replicas each, on stores that hold little so far. */
  void addRegions(int count) {
    int[] peers = new int[machines.size() + 1];
    int[] leaders = new int[machines.size() + 1];
    for (int i = 0; i < count; i++) {
      Region.Builder region =
          Region.newBuilder()
              .setId(i + 1)
              .setStartKey(i == 0 ? ByteString.EMPTY : key(i))
              .setEndKey(i == count - 1 ? ByteString.EMPTY : key(i + 1));
      region.getRegionEpochBuilder().setConfVer(1).setVersion(1);
      Peer leader = null;
      while (region.getPeersCount() < 3) {
        int store = emptier(peers, region);
        peers[store]++;
        Peer peer = Peer.newBuilder().setId(nextId++).setStoreId(store).build();
        region.addPeers(peer);
        leader =
            leader == null || leaders[store] < leaders[(int) leader.getStoreId()] ? peer : leader;
      }
      leaders[(int) leader.getStoreId()]++;
      long mib = 64L + random.nextInt(65);
      report(
          new RegionInfo(
              region.build(), Optional.of(leader), 1, List.of(), List.of(), mib << 20, mib * 1000));
    }
  }

  /** The emptiest of a few stores picked at random. */
  private int emptier(int[] peers, Region.Builder region) {
    int best = 0;
    for (int i = 0; i < 4; i++) {
      int store = 1 + random.nextInt(peers.length - 1);
      boolean used = region.getPeersList().stream().anyMatch(p -> p.getStoreId() == store);
      if (!used && (best == 0 || peers[store] < peers[best])) {
        best = store;
      }
    }
    return best == 0 ? emptier(peers, region) : best;
  }

  /** A machine dies: others take over the leadership of its regions and report it. */
  void kill(long storeId) {
    machines.get(storeId).alive = false;
    for (RegionInfo region : on(storeId)) {
      Peer dead = region.peerOn(storeId).orElseThrow();
      Peer leader =
          region.leaderStore() != storeId
              ? region.leader().orElseThrow()
              : region.peers().stream()
                  .filter(p -> p.getRole() == PeerRole.Voter && isAlive(p))
                  .findFirst()
                  .orElseThrow();
      List<Peer> pending = new ArrayList<>(region.pending());
      pending.add(dead);
      long term = region.term() + 1;
      report(with(region, region.meta(), leader, term, pending));
    }
  }

  List<RegionInfo> on(long storeId) {
    List<RegionInfo> found = new ArrayList<>();
    for (StoreShelf.Kind kind : StoreShelf.Kind.values()) {
      StoreShelf shelf = tree.shelf(storeId);
      for (int i = 0; i < shelf.count(kind); i++) {
        tree.find(shelf.at(kind, i)).ifPresent(found::add);
      }
    }
    return found;
  }

  /** Lets time pass, with a round of scheduling every second. */
  void run(Duration span) {
    long until = nowNanos + span.toNanos();
    while (nowNanos < until) {
      long next = nowNanos + SECOND;
      runEvents(next);
      nowNanos = next;
      clock.set(nowNanos);
      if (nowNanos / SECOND % 10 == 0) {
        machines.forEach(
            (id, machine) -> {
              if (machine.alive) {
                heartbeat(id);
              }
            });
      }
      scheduling.round();
      for (long region : scheduling.board().overdue()) {
        tree.find(region).ifPresent(this::advance);
      }
    }
  }

  /** Lets time pass until nothing has been going on for a while. */
  Duration settle(Duration most) {
    long began = nowNanos;
    long quietSince = nowNanos;
    while (nowNanos - began < most.toNanos() && nowNanos - quietSince < 120 * SECOND) {
      run(Duration.ofSeconds(1));
      if (scheduling.board().size() > 0) {
        quietSince = nowNanos;
      }
    }
    return Duration.ofNanos(nowNanos - began);
  }

  /** A region's leader reports the reads of the last ten seconds. */
  void serve(long regionId, long queriesPerSecond) {
    long queries = queriesPerSecond * 10;
    reportTraffic(regionId, new RegionTraffic(0, 0, queries * 100, queries, 0, queries, 10));
  }

  /** A region's leader reports the writes of the last ten seconds. */
  void write(long regionId, long queriesPerSecond) {
    long queries = queriesPerSecond * 10;
    reportTraffic(regionId, new RegionTraffic(queries * 1000, queries, 0, 0, queries, 0, 10));
  }

  /** From now on clients read a region at its youngest follower. */
  void readAtFollower(long regionId, long queriesPerSecond) {
    followerReads.put(regionId, queriesPerSecond);
  }

  private void addFollowerReads(StoreStats.Builder stats) {
    long seconds = nowNanos / SECOND;
    stats.getIntervalBuilder().setStartTimestamp(seconds - 10).setEndTimestamp(seconds);
    followerReads.forEach(
        (id, queries) -> {
          RegionInfo region = tree.find(id).orElseThrow();
          List<Peer> followers = region.peers().stream().filter(p -> !region.isLeader(p)).toList();
          if (followers.get(followers.size() - 1).getStoreId() == stats.getStoreId()) {
            stats
                .addPeerStatsBuilder()
                .setRegionId(id)
                .setReadKeys(queries * 10)
                .getQueryStatsBuilder()
                .setGet(queries * 10);
          }
        });
  }

  private void reportTraffic(long regionId, RegionTraffic traffic) {
    RegionInfo region = tree.find(regionId).orElseThrow();
    report(
        new RegionInfo(
            region.meta(),
            region.leader(),
            region.term(),
            region.down(),
            region.pending(),
            region.approximateBytes(),
            region.approximateKeys(),
            traffic));
  }

  RegionTree tree() {
    return tree;
  }

  Scheduling scheduling() {
    return scheduling;
  }

  Moves peerMoves() {
    return peerMoves;
  }

  Moves leaderMoves() {
    return leaderMoves;
  }

  PeerTrail trail() {
    return trail;
  }

  long nowNanos() {
    return nowNanos;
  }

  private void heartbeat(long id) {
    long used = tree.shelf(id).mib() << 20;
    long capacity = machines.get(id).capacityBytes;
    StoreStats.Builder stats =
        StoreStats.newBuilder()
            .setStoreId(id)
            .setCapacity(capacity)
            .setAvailable(Math.max(0, capacity - used))
            .setUsedSize(used)
            .setRegionCount(tree.shelf(id).regions());
    addFollowerReads(stats);
    stores.heartbeat(stats.build());
    scheduling.heard(stats.build());
  }

  private void runEvents(long until) {
    while (!events.isEmpty() && events.peek().atNanos() <= until) {
      Event event = events.poll();
      nowNanos = Math.max(nowNanos, event.atNanos());
      clock.set(nowNanos);
      event.action().run();
    }
  }

  private void later(long delay, Runnable action) {
    events.add(new Event(nowNanos + delay, sequence++, action));
  }

  private void report(RegionInfo region) {
    if (tree.report(region) instanceof ReportOutcome.Accepted accepted) {
      scheduling.heard(region, accepted);
      advance(region);
    } else {
      throw new AssertionError("a report was refused: " + region);
    }
  }

  private void advance(RegionInfo region) {
    scheduling.board().advance(region).ifPresent(order -> obey(region.id(), order));
  }

  private void obey(long regionId, RegionHeartbeatResponse order) {
    if (!obeying.add(regionId)) {
      return; // It is at it already.
    }
    later(
        QUICK,
        () -> {
          obeying.remove(regionId);
          tree.find(regionId).ifPresent(region -> obeyNow(region, order));
        });
  }

  private void obeyNow(RegionInfo region, RegionHeartbeatResponse order) {
    Peer leader = region.leader().orElseThrow();
    if (order.hasTransferLeader()) {
      Peer to = order.getTransferLeader().getPeer();
      if (!isAlive(to)) {
        return;
      }
      boolean alone =
          scheduling.board().progress(region.id()).map(Progress::operator).stream()
              .noneMatch(Operator::changesPeers);
      if (alone) {
        leaderMoves.add(region.id(), region.mib(), nowNanos);
      }
      report(with(region, region.meta(), to, region.term() + 1, region.pending()));
    } else if (order.hasChangePeer()) {
      changeOne(region, order.getChangePeer(), leader);
    } else if (order.hasChangePeerV2()) {
      changeVotes(region, order.getChangePeerV2().getChangesList(), leader);
    } else {
      throw new AssertionError("an order that nobody expected: " + order);
    }
  }

  private void changeOne(RegionInfo region, ChangePeer change, Peer leader) {
    Peer peer = change.getPeer();
    Region.Builder meta = without(region.meta(), peer);
    List<Peer> pending = new ArrayList<>(region.pending());
    if (change.getChangeType() == ConfChangeType.RemoveNode) {
      if (peer.getId() == leader.getId()) {
        throw new AssertionError("a leader was to be removed: " + region);
      }
      pending.removeIf(p -> p.getId() == peer.getId());
      trail.left(region.id(), peer.getStoreId(), nowNanos);
    } else {
      meta.addPeers(peer);
      if (region.peer(peer.getId()).isEmpty()) {
        pending.add(peer);
        peerMoves.add(region.id(), region.mib(), nowNanos);
        trail.came(region.id(), peer.getStoreId(), nowNanos);
        copy(region, peer);
      }
    }
    report(with(region, meta.build(), leader, region.term(), pending));
  }

  /** Data arrives one region after the other. */
  private void copy(RegionInfo region, Peer peer) {
    Machine machine = machines.get(peer.getStoreId());
    machine.copyingUntilNanos =
        Math.max(machine.copyingUntilNanos, nowNanos)
            + (long) (region.mib() / COPY_MIB_PER_SECOND * SECOND);
    later(
        machine.copyingUntilNanos - nowNanos,
        () ->
            tree.find(region.id())
                .filter(now -> now.peer(peer.getId()).isPresent() && isAlive(peer))
                .ifPresent(
                    now -> {
                      List<Peer> pending = new ArrayList<>(now.pending());
                      pending.removeIf(p -> p.getId() == peer.getId());
                      report(
                          with(now, now.meta(), now.leader().orElseThrow(), now.term(), pending));
                    }));
  }

  private void changeVotes(RegionInfo region, List<ChangePeer> changes, Peer leader) {
    if (changes.isEmpty()) {
      leaveJoint(region.id());
      return;
    }
    Region.Builder meta = region.meta().toBuilder();
    for (ChangePeer change : changes) {
      Peer peer = change.getPeer();
      if (peer.getId() == leader.getId()) {
        throw new AssertionError("a leader was to lose its vote: " + region);
      }
      meta = without(meta.build(), peer);
      boolean gains = change.getChangeType() == ConfChangeType.AddNode;
      meta.addPeers(
          peer.toBuilder().setRole(gains ? PeerRole.IncomingVoter : PeerRole.DemotingVoter));
    }
    later(QUICK, () -> leaveJoint(region.id()));
    report(with(region, meta.build(), leader, region.term(), region.pending()));
  }

  private void leaveJoint(long regionId) {
    Optional<RegionInfo> region = tree.find(regionId).filter(RegionInfo::inJointState);
    if (region.isEmpty()) {
      return;
    }
    Region.Builder meta = region.get().meta().toBuilder();
    for (Peer.Builder peer : meta.getPeersBuilderList()) {
      if (peer.getRole() == PeerRole.IncomingVoter) {
        peer.setRole(PeerRole.Voter);
      } else if (peer.getRole() == PeerRole.DemotingVoter) {
        peer.setRole(PeerRole.Learner);
      }
    }
    meta.getRegionEpochBuilder().setConfVer(meta.getRegionEpoch().getConfVer() + 1);
    report(
        with(
            region.get(),
            meta.build(),
            region.get().leader().orElseThrow(),
            region.get().term(),
            region.get().pending()));
  }

  private boolean isAlive(Peer peer) {
    return machines.get(peer.getStoreId()).alive;
  }

  private static Region.Builder without(Region meta, Peer peer) {
    Region.Builder changed = meta.toBuilder().clearPeers();
    meta.getPeersList().stream().filter(p -> p.getId() != peer.getId()).forEach(changed::addPeers);
    changed.getRegionEpochBuilder().setConfVer(meta.getRegionEpoch().getConfVer() + 1);
    return changed;
  }

  private static RegionInfo with(
      RegionInfo region, Region meta, Peer leader, long term, List<Peer> pending) {
    return new RegionInfo(
        meta,
        Optional.of(leader),
        term,
        region.down(),
        pending,
        region.approximateBytes(),
        region.approximateKeys());
  }

  private static ByteString key(int n) {
    return ByteString.copyFrom(ByteBuffer.allocate(4).putInt(n).flip());
  }
}
