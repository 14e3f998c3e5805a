package io.arrowraft.pd.schedule;

import com.google.protobuf.ByteString;
import io.arrowraft.pd.region.RegionInfo;
import io.arrowraft.pd.region.RegionTree;
import io.arrowraft.pd.store.StoreStatus;
import io.arrowraft.pd.testing.ManualLoop;
import io.arrowraft.proto.eraftpb.ConfChangeType;
import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.metapb.PeerRole;
import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.metapb.Store;
import io.arrowraft.proto.pdpb.RegionHeartbeatResponse;
import io.arrowraft.proto.pdpb.StoreStats;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.TreeSet;

/** Stores that obey orders at once, except that a new peer lags for one round. */
final class ToyCluster {
  final ManualLoop loop = new ManualLoop();
  final RegionTree tree = new RegionTree();
  final OperatorBoard board = new OperatorBoard(loop);
  final ScheduleLimits limits = ScheduleLimits.defaults();
  final TreeMap<Long, Duration> silence = new TreeMap<>();
  private final SchedulerRound round = new SchedulerRound(limits);
  private final TreeSet<Long> lagging = new TreeSet<>();
  private long nextId = 1000;
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
      board.sweep(tree);
      round.run(view(), board);
      for (RegionInfo region : List.copyOf(tree.all())) {
        board.advance(region).ifPresent(order -> obey(region, order));
      }
      lagging.clear();
      for (RegionInfo region : List.copyOf(tree.all())) {
        report(region.meta(), region.leader().orElseThrow(), region.term());
      }
    }
  }

  ClusterView view() {
    List<StoreStatus> stores = new ArrayList<>();
    silence.forEach(
        (id, quiet) ->
            stores.add(
                new StoreStatus(
                    Store.newBuilder().setId(id).build(), StoreStats.getDefaultInstance(), quiet)));
    return new ClusterView(tree, stores, limits, 3, board::isBusy, () -> OptionalLong.of(nextId++));
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
      leader = order.getTransferLeader().getPeer();
      term++;
    } else if (order.hasChangePeer()) {
      Peer peer = order.getChangePeer().getPeer();
      meta.clearPeers();
      for (Peer other : region.peers()) {
        if (other.getId() != peer.getId()) {
          meta.addPeers(other);
        }
      }
      ConfChangeType type = order.getChangePeer().getChangeType();
      if (type != ConfChangeType.RemoveNode) {
        meta.addPeers(peer);
      }
      if (type == ConfChangeType.AddLearnerNode) {
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
    report(meta.build(), leader, term);
  }

  private void report(Region meta, Peer leader, long term) {
    List<Peer> pending =
        meta.getPeersList().stream().filter(peer -> lagging.contains(peer.getId())).toList();
    tree.report(new RegionInfo(meta, Optional.of(leader), term, List.of(), pending, 1, 1));
  }

  static boolean isVoter(Peer peer) {
    return peer.getRole() == PeerRole.Voter;
  }

  private static ByteString key(int n) {
    return ByteString.copyFrom(ByteBuffer.allocate(4).putInt(n).flip());
  }
}
