package io.arrowraft.server.peer;

import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.proto.eraftpb.ConfChangeType;
import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.metapb.PeerRole;
import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.pdpb.ChangePeer;
import io.arrowraft.proto.pdpb.ChangePeerV2;
import io.arrowraft.proto.pdpb.Merge;
import io.arrowraft.proto.pdpb.RegionHeartbeatResponse;
import io.arrowraft.proto.pdpb.TransferLeader;
import io.arrowraft.proto.store.RegionPhase;
import io.arrowraft.proto.store.RegionState;
import io.arrowraft.server.apply.RegionFixture;
import io.arrowraft.server.merge.MergeConditions;
import io.arrowraft.server.region.RegionEvent;
import io.arrowraft.server.region.RegionView;
import io.arrowraft.server.state.KeyRanges;
import io.arrowraft.server.state.RegionRecords;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Splits, merges, changes of peers and leaders, crashes and cuts among four stores, in an order
 * that the seed fixes; at the end every acknowledged write is found, the regions cover the key
 * space once, nothing is half done, and replicas are equal. {@code -Dshuffle.seeds=N} runs more,
 * {@code -Dshuffle.seed=N} one.
 */
class RegionShuffleTest {
  private static final int KEYS = 100;
  private static final int STEPS = 500;
  private static final Duration SECOND = Duration.ofSeconds(1);

  private TestCluster cluster;
  private Random random;
  private final Map<String, Integer> acknowledged = new TreeMap<>();
  private long nextPeerId = 100_000;
  private static long mergesSeen;

  @org.junit.jupiter.api.AfterAll
  static void regionsWereMerged() {
    assertThat(mergesSeen).isGreaterThan(Long.getLong("shuffle.merges", 0));
  }

  static LongStream seeds() {
    Long one = Long.getLong("shuffle.seed");
    return one != null
        ? LongStream.of(one)
        : LongStream.rangeClosed(1, Long.getLong("shuffle.seeds", 12));
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void nothingIsLostWhileRegionsAreShuffled(long seed) {
    try {
      shuffle(seed);
    } catch (RuntimeException | AssertionError failure) {
      throw new AssertionError("fails with -Dshuffle.seed=" + seed, failure);
    }
  }

  private void shuffle(long seed) {
    random = new Random(seed);
    cluster =
        TestCluster.started(
            seed, RegionConfig.defaults().withLog(SECOND, 8, 30, Duration.ofSeconds(4)));
    cluster.addStore(4);
    for (int step = 0; step < STEPS; step++) {
      act(step);
      cluster.world.run(Duration.ofMillis(random.nextInt(60)));
    }
    cluster.heal();
    cluster.world.run(Duration.ofSeconds(40));
    check();
  }

  private void act(int step) {
    switch (random.nextInt(24)) {
      case 0 -> cluster.restart(any());
      case 1 -> {
        cluster.heal();
        cluster.isolate(any());
      }
      case 2, 3 -> cluster.heal();
      case 4 -> cluster.world.run(Duration.ofMillis(random.nextInt(3000)));
      case 5, 6 -> split();
      case 7, 8, 9 -> merge();
      case 10, 11 -> changePeers();
      case 13 -> moveLeader();
      default -> write(step);
    }
  }

  private TestCluster.Node any() {
    return cluster.nodes.get(1L + random.nextInt(4));
  }

  private String key() {
    return String.format("k%02d", random.nextInt(KEYS));
  }

  private List<RegionView> led() {
    List<RegionView> led = new ArrayList<>();
    for (TestCluster.Node node : cluster.nodes.values()) {
      for (RegionView view : node.regions().regions()) {
        if (view.isLeader()) {
          led.add(view);
        }
      }
    }
    return led;
  }

  private Optional<RegionView> anyLed() {
    List<RegionView> led = led();
    return led.isEmpty() ? Optional.empty() : Optional.of(led.get(random.nextInt(led.size())));
  }

  private TestCluster.Node nodeOf(RegionView view) {
    return cluster.nodes.get(view.peer().getStoreId());
  }

  private void split() {
    if (led().size() > 10) {
      return;
    }
    anyLed()
        .ifPresent(
            view ->
                nodeOf(view)
                    .regions()
                    .split(
                        cluster.request(nodeOf(view), view.region().getId()),
                        List.of(RegionFixture.bytes(key()))));
  }

  private void merge() {
    anyLed()
        .ifPresent(
            source -> {
              for (RegionView target : led()) {
                Region left = target.region();
                if (MergeConditions.problem(source.region(), left).isEmpty()) {
                  order(source.region())
                      .accept(b -> b.setMerge(Merge.newBuilder().setTarget(left)));
                  return;
                }
              }
            });
  }

  private void moveLeader() {
    anyLed()
        .ifPresent(
            view -> {
              List<Peer> peers = view.region().getPeersList();
              Peer to = peers.get(random.nextInt(peers.size()));
              order(view.region())
                  .accept(b -> b.setTransferLeader(TransferLeader.newBuilder().setPeer(to)));
            });
  }

  /** Moves a replica, step by step: a learner comes, votes change in one go, the other leaves. */
  private void changePeers() {
    anyLed()
        .ifPresent(
            view -> {
              Region region = view.region();
              List<Peer> learners = peers(region, PeerRole.Learner);
              List<Peer> voters = peers(region, PeerRole.Voter);
              if (learners.isEmpty() && voters.size() == 3) {
                freeStore(region).ifPresent(store -> addLearner(region, store));
              } else if (learners.size() == 1 && voters.size() == 3) {
                if (random.nextInt(2) == 0) {
                  change(region, ConfChangeType.RemoveNode, learners.get(0));
                } else {
                  Peer leaving = voters.get(random.nextInt(3));
                  order(region)
                      .accept(
                          b ->
                              b.setChangePeerV2(
                                  ChangePeerV2.newBuilder()
                                      .addChanges(of(ConfChangeType.AddNode, learners.get(0)))
                                      .addChanges(of(ConfChangeType.AddLearnerNode, leaving))));
                }
              } else if (!learners.isEmpty()) {
                change(region, ConfChangeType.RemoveNode, learners.get(0));
              }
            });
  }

  private void addLearner(Region region, long store) {
    change(
        region,
        ConfChangeType.AddLearnerNode,
        Peer.newBuilder().setId(++nextPeerId).setStoreId(store).build());
  }

  private Optional<Long> freeStore(Region region) {
    return cluster.nodes.keySet().stream()
        .filter(id -> region.getPeersList().stream().noneMatch(p -> p.getStoreId() == id))
        .findFirst();
  }

  private static List<Peer> peers(Region region, PeerRole role) {
    return region.getPeersList().stream().filter(peer -> peer.getRole() == role).toList();
  }

  private static ChangePeer of(ConfChangeType type, Peer peer) {
    return ChangePeer.newBuilder().setChangeType(type).setPeer(peer).build();
  }

  private void change(Region region, ConfChangeType type, Peer peer) {
    order(region).accept(b -> b.setChangePeer(of(type, peer)));
  }

  private interface Order {
    void accept(java.util.function.Consumer<RegionHeartbeatResponse.Builder> filled);
  }

  private Order order(Region region) {
    return filled -> {
      RegionHeartbeatResponse.Builder order =
          RegionHeartbeatResponse.newBuilder()
              .setRegionId(region.getId())
              .setRegionEpoch(region.getRegionEpoch());
      filled.accept(order);
      cluster.pd.order(order.build());
    };
  }

  private void write(int step) {
    String key = key();
    for (RegionView view : led()) {
      if (KeyRanges.contains(view.region(), RegionFixture.bytes(key))) {
        cluster
            .put(nodeOf(view), view.region().getId(), key, Integer.toString(step))
            .thenRun(() -> acknowledged.merge(key, step, Math::max));
        return;
      }
    }
  }

  private void check() {
    for (TestCluster.Node node : cluster.nodes.values()) {
      List<Region> here = new ArrayList<>();
      for (RegionState state : RegionRecords.allRegionStates(node.engine)) {
        if (state.getPhase() == RegionPhase.TOMBSTONE) {
          continue;
        }
        assertThat(state.getPhase())
            .as("store " + node.id + ": " + state)
            .isEqualTo(RegionPhase.NORMAL);
        for (Region other : here) {
          assertThat(KeyRanges.overlap(other, state.getRegion()))
              .as("store " + node.id + ": " + other + " and " + state.getRegion())
              .isFalse();
        }
        here.add(state.getRegion());
      }
    }
    for (Map.Entry<String, Integer> each : acknowledged.entrySet()) {
      long region = cluster.regionOf(each.getKey());
      Optional<String> found = cluster.get(cluster.leaderOf(region), region, each.getKey());
      assertThat(found).as(each.getKey()).isPresent();
      assertThat(Integer.parseInt(found.get())).isGreaterThanOrEqualTo(each.getValue());
    }
    checkCoverage();
    assertThat(acknowledged.size()).isGreaterThan(20);
  }

  private void checkCoverage() {
    com.google.protobuf.ByteString next = com.google.protobuf.ByteString.EMPTY;
    List<RegionView> led = new ArrayList<>(led());
    led.sort((a, b) -> KeyRanges.compare(a.region().getStartKey(), b.region().getStartKey()));
    for (int i = 0; i < led.size(); i++) {
      Region region = led.get(i).region();
      assertThat(region.getStartKey()).isEqualTo(next);
      next = region.getEndKey();
      assertThat(next.isEmpty()).isEqualTo(i == led.size() - 1);
      cluster.replicasAgree(
          region.getId(),
          region.getPeersList().stream()
              .map(peer -> cluster.nodes.get(peer.getStoreId()))
              .toArray(TestCluster.Node[]::new));
    }
    long merges =
        cluster.nodes.values().stream()
            .flatMap(node -> node.events.stream())
            .filter(RegionEvent.Merged.class::isInstance)
            .count();
    mergesSeen += merges;
  }
}
