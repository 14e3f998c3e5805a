package io.arrowraft.pd.schedule;

import com.google.protobuf.ByteString;
import io.arrowraft.pd.operator.OperatorBoard;
import io.arrowraft.pd.region.RegionInfo;
import io.arrowraft.pd.region.RegionTree;
import io.arrowraft.pd.region.ReportOutcome;
import io.arrowraft.pd.schedule.round.Scheduling;
import io.arrowraft.pd.settings.RuleJson;
import io.arrowraft.pd.settings.Settings;
import io.arrowraft.pd.state.PdCommand;
import io.arrowraft.pd.state.PdState;
import io.arrowraft.pd.store.StoreRegistry;
import io.arrowraft.pd.testing.ManualLoop;
import io.arrowraft.proto.eraftpb.ConfChangeType;
import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.metapb.PeerRole;
import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.metapb.Store;
import io.arrowraft.proto.pdpb.ChangePeer;
import io.arrowraft.proto.pdpb.OperatorStatus;
import io.arrowraft.proto.pdpb.RegionHeartbeatResponse;
import io.arrowraft.proto.pdpb.StoreStats;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;

/** Stores that obey orders at once, except that a new peer lags for one round. */
final class ToyCluster {
  private long nextId = 1000;
  final ManualLoop loop = new ManualLoop();
  final RegionTree tree = new RegionTree();
  final TreeMap<Long, Duration> silence = new TreeMap<>();
  final TreeMap<Long, Long> slowScores = new TreeMap<>();
  final PdState state = new PdState();
  final StoreRegistry stores = new StoreRegistry(state, loop);
  final Scheduling scheduling =
      new Scheduling(
          tree,
          stores,
          new Settings(state, ScheduleLimits.defaults(), 3),
          () -> OptionalLong.of(nextId++),
          loop,
          new SplittableRandom(7));
  final OperatorBoard board = scheduling.board();
  private final TreeSet<Long> lagging = new TreeSet<>();
  int ordersObeyed;

  ToyCluster(int stores) {
    for (long id = 1; id <= stores; id++) {
      silence.put(id, Duration.ZERO);
    }
  }

  /** Regions with one peer each, all on the first store. */
  void addRegions(int count) {
    for (int i = 0; i < count; i++) {
      Region.Builder region =
          Region.newBuilder()
              .setId(nextId++)
              .setStartKey(i == 0 ? ByteString.EMPTY : key(i))
              .setEndKey(i == count - 1 ? ByteString.EMPTY : key(i + 1));
      region.getRegionEpochBuilder().setConfVer(1).setVersion(1);
      Peer peer = Peer.newBuilder().setId(nextId++).setStoreId(1).build();
      report(region.addPeers(peer).build(), peer, 1);
    }
  }

  void run(int rounds) {
    for (int i = 0; i < rounds; i++) {
      loop.advance(Duration.ofMillis(1100));
      heartbeats();
      scheduling.round();
      for (RegionInfo region : List.copyOf(tree.all())) {
        board.advance(region).ifPresent(order -> obey(region, order));
      }
      lagging.clear();
      for (RegionInfo region : List.copyOf(tree.all())) {
        report(region.meta(), region.leader().orElseThrow(), region.term());
      }
    }
  }

  /** Stores report unless they are to be silent. */
  private void heartbeats() {
    silence.forEach(
        (id, quiet) -> {
          if (state.store(id).isEmpty()) {
            state.apply(
                new PdCommand.PutStore(
                    Store.newBuilder().setId(id).setAddress("store-" + id).build()));
          }
          if (quiet.isZero()) {
            stores.heartbeat(
                StoreStats.newBuilder()
                    .setStoreId(id)
                    .setSlowScore(slowScores.getOrDefault(id, 1L))
                    .build());
          }
        });
  }

  /** Adds a scheduler, as a person would. */
  void schedule(String name, String settings) {
    state.apply(scheduling.schedulers().add(name, RuleJson.parse(settings)));
  }

  void unschedule(String name) {
    state.apply(scheduling.schedulers().remove(name));
  }

  /** Operators with a description that have succeeded. */
  long succeeded(String description) {
    return board.endedSince(0).stream()
        .filter(progress -> progress.operator().description().equals(description))
        .filter(progress -> progress.status() == OperatorStatus.SUCCESS)
        .count();
  }

  long leadersOn(long store) {
    return tree.all().stream().filter(region -> region.leaderStore() == store).count();
  }

  private void obey(RegionInfo region, RegionHeartbeatResponse order) {
    ordersObeyed++;
    Region.Builder meta = region.meta().toBuilder();
    Peer leader = region.leader().orElseThrow();
    long term = region.term();
    if (order.hasTransferLeader()) {
      term++;
    } else if (order.hasChangePeer()) {
      change(region, meta, order.getChangePeer(), leader);
    } else if (order.hasMerge()) {
      merge(region, order.getMerge().getTarget());
      return;
    } else if (order.hasChangePeerV2()) {
      // Enters the joint state and leaves it between two reports.
      order.getChangePeerV2().getChangesList().forEach(c -> change(region, meta, c, leader));
    }
    report(meta.build(), leaderAfter(order, leader), term);
  }

  /** The target takes the range of the source, which is gone at that moment. */
  private void merge(RegionInfo source, Region named) {
    RegionInfo target = tree.find(named.getId()).orElseThrow();
    if (!target.epoch().equals(named.getRegionEpoch())) {
      throw new AssertionError("a merge was ordered into an old shape of its target");
    }
    Region.Builder meta = target.meta().toBuilder();
    if (source.endKey().equals(target.startKey())) {
      meta.setStartKey(source.startKey());
    } else {
      meta.setEndKey(source.endKey());
    }
    meta.getRegionEpochBuilder()
        .setVersion(1 + Math.max(source.epoch().getVersion(), target.epoch().getVersion()));
    report(meta.build(), target.leader().orElseThrow(), target.term());
  }

  private static Peer leaderAfter(RegionHeartbeatResponse order, Peer before) {
    return order.hasTransferLeader() ? order.getTransferLeader().getPeer() : before;
  }

  private void change(RegionInfo region, Region.Builder meta, ChangePeer change, Peer leader) {
    Peer peer = change.getPeer();
    List<Peer> others =
        meta.getPeersList().stream().filter(other -> other.getId() != peer.getId()).toList();
    meta.clearPeers().addAllPeers(others);
    ConfChangeType type = change.getChangeType();
    if (type != ConfChangeType.RemoveNode) {
      meta.addPeers(peer);
    }
    if (type == ConfChangeType.AddLearnerNode && region.peer(peer.getId()).isEmpty()) {
      lagging.add(peer.getId());
    }
    if (type == ConfChangeType.AddNode
        && region.peer(peer.getId()).filter(p -> !region.healthy(p)).isPresent()) {
      throw new AssertionError("a lagging learner was promoted: " + peer);
    }
    if (peer.getId() == leader.getId()) {
      throw new AssertionError("the leader was changed: " + peer);
    }
    meta.getRegionEpochBuilder().setConfVer(meta.getRegionEpoch().getConfVer() + 1);
  }

  private void report(Region meta, Peer leader, long term) {
    List<Peer> pending =
        meta.getPeersList().stream().filter(peer -> lagging.contains(peer.getId())).toList();
    RegionInfo region = new RegionInfo(meta, Optional.of(leader), term, List.of(), pending, 1, 1);
    if (tree.report(region) instanceof ReportOutcome.Accepted accepted) {
      scheduling.heard(region, accepted);
    }
  }

  static boolean isVoter(Peer peer) {
    return peer.getRole() == PeerRole.Voter;
  }

  private static ByteString key(int n) {
    return ByteString.copyFrom(ByteBuffer.allocate(4).putInt(n).flip());
  }
}
