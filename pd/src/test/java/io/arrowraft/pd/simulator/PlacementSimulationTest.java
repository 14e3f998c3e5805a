package io.arrowraft.pd.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.arrowraft.pd.placement.LabelConstraint;
import io.arrowraft.pd.placement.Role;
import io.arrowraft.pd.placement.Rule;
import io.arrowraft.pd.region.RegionInfo;
import io.arrowraft.pd.region.StoreShelf;
import io.arrowraft.pd.settings.Option;
import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.metapb.PeerRole;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Where replicas come to be: labels, rules, limits, full disks and silent stores. */
class PlacementSimulationTest {
  private static final int REGIONS = 300;
  private static final Duration LONG = Duration.ofHours(3);

  private final TreeMap<Long, String> racks = new TreeMap<>();

  @Test
  void aRackThatDiesIsReplacedInTheOthersAndThenByANewOne() {
    SimulatedCluster cluster = threeRacks("");
    assertThat(cluster.tree().all()).allSatisfy(region -> assertThat(racksOf(region)).hasSize(3));

    killRack(cluster, "c");
    cluster.run(Duration.ofMinutes(29));
    assertThat(cluster.tree().all()).allSatisfy(region -> assertThat(racksOf(region)).hasSize(3));
    cluster.settle(LONG);
    assertThat(cluster.tree().all())
        .allSatisfy(
            region -> {
              assertThat(region.peers()).hasSize(3);
              assertThat(racksOf(region)).containsExactly("a", "b");
            });

    addRack(cluster, "d", 31);
    cluster.settle(LONG);
    assertThat(cluster.tree().all())
        .allSatisfy(
            region -> {
              assertThat(region.peers()).hasSize(3);
              assertThat(racksOf(region)).containsExactly("a", "b", "d");
            });
  }

  @Test
  void underAnIsolationLevelNothingIsReplacedUntilAThirdRackIsThere() {
    SimulatedCluster cluster = threeRacks("rack");

    killRack(cluster, "c");
    cluster.run(Duration.ofMinutes(40));
    assertThat(cluster.tree().all())
        .allSatisfy(region -> assertThat(racksOf(region)).containsExactly("a", "b", "c"));

    addRack(cluster, "d", 31);
    cluster.settle(LONG);
    assertThat(cluster.tree().all())
        .allSatisfy(
            region -> {
              assertThat(region.peers()).hasSize(3);
              assertThat(racksOf(region)).containsExactly("a", "b", "d");
            });
  }

  @Test
  void everyRegionHasALearnerWhereTheRulesWantOne() {
    SimulatedCluster cluster = new SimulatedCluster(13, 4);
    cluster.addRegions(REGIONS);
    cluster.addStore(5, Map.of("engine", "columnar"));
    cluster.addStore(6, Map.of("engine", "columnar"));
    cluster.set(
        rule("default", Role.VOTER, 3, LabelConstraint.Op.NOT_IN),
        rule("columnar", Role.LEARNER, 1, LabelConstraint.Op.IN));
    cluster.settle(LONG);

    assertLearners(cluster, 5L, 6L);
    assertThat(cluster.tree().shelf(5).count(StoreShelf.Kind.LEARNER))
        .isBetween(REGIONS * 2 / 5, REGIONS * 3 / 5);

    cluster.kill(5);
    cluster.run(Duration.ofMinutes(31));
    cluster.settle(LONG);
    assertLearners(cluster, 6L);
  }

  @Test
  void noStoreGainsOrLosesMorePeersThanItsLimitAllows() {
    SimulatedCluster cluster = new SimulatedCluster(14, 3);
    cluster.addRegions(REGIONS);
    cluster.set(Option.STORE_LIMIT, "15");
    cluster.addStore(4);
    cluster.run(Duration.ofMinutes(10));

    assertThat(cluster.trail().cameTo(4, 0)).isGreaterThan(100);
    // One beyond the rate: a store that has rested may begin one at once.
    assertThat(cluster.trail().mostInAMinute(4, true)).isLessThanOrEqualTo(16);
    for (long store = 1; store <= 3; store++) {
      assertThat(cluster.trail().mostInAMinute(store, false)).isLessThanOrEqualTo(16);
    }
  }

  @Test
  void aStoreWhoseDiskIsNearlyFullGetsNothingAndLosesSome() {
    SimulatedCluster cluster = new SimulatedCluster(15, 4);
    cluster.addRegions(REGIONS);
    cluster.settle(LONG);
    long held = cluster.tree().shelf(2).mib() << 20;
    cluster.resizeDisk(2, held * 10 / 9);
    long since = cluster.nowNanos();

    cluster.settle(LONG);

    // Below the ratio it may be given one for another.
    assertThat(cluster.trail().cameTo(2, since)).isLessThanOrEqualTo(3);
    assertThat(cluster.tree().shelf(2).mib() << 20)
        .isBetween(held * 10 / 9 * 6 / 10, held * 10 / 9 * 8 / 10);
  }

  @Test
  void aSilentStoreIsSparedForTwentySecondsAndReplacedAfterHalfAnHour() {
    SimulatedCluster cluster = new SimulatedCluster(16, 4);
    cluster.addRegions(REGIONS);
    cluster.settle(LONG);
    cluster.kill(2);
    cluster.addStore(5);
    cluster.kill(5);
    cluster.run(Duration.ofSeconds(25));
    long disconnected = cluster.nowNanos();
    assertThat(cluster.trail().cameTo(5, 0)).isPositive();

    cluster.run(Duration.ofMinutes(29));
    assertThat(cluster.trail().cameTo(2, disconnected)).isZero();
    assertThat(cluster.trail().cameTo(5, disconnected)).isZero();
    assertThat(cluster.tree().shelf(2).leaders()).isZero();
    int held = cluster.tree().shelf(2).regions();
    assertThat(held).isGreaterThan(REGIONS / 2);

    cluster.run(Duration.ofMinutes(1));
    cluster.settle(LONG);
    assertThat(cluster.tree().shelf(2).regions()).isZero();
    assertThat(cluster.tree().all())
        .allSatisfy(
            region ->
                assertThat(region.peers())
                    .hasSize(3)
                    .allMatch(peer -> peer.getRole() == PeerRole.Voter));
  }

  private SimulatedCluster threeRacks(String isolationLevel) {
    SimulatedCluster cluster = new SimulatedCluster(11, 0);
    cluster.set(Option.LOCATION_LABELS, "rack,host");
    cluster.set(Option.ISOLATION_LEVEL, isolationLevel);
    addRack(cluster, "a", 1);
    addRack(cluster, "b", 4);
    addRack(cluster, "c", 7);
    cluster.addRegions(REGIONS);
    cluster.settle(LONG);
    return cluster;
  }

  private void addRack(SimulatedCluster cluster, String rack, long first) {
    for (long id = first; id < first + 3; id++) {
      racks.put(id, rack);
      cluster.addStore(id, Map.of("rack", rack, "host", "h" + id));
    }
  }

  private void killRack(SimulatedCluster cluster, String rack) {
    racks.forEach(
        (id, of) -> {
          if (of.equals(rack)) {
            cluster.kill(id);
          }
        });
  }

  private TreeSet<String> racksOf(RegionInfo region) {
    TreeSet<String> found = new TreeSet<>();
    region.peers().forEach(peer -> found.add(racks.get(peer.getStoreId())));
    return found;
  }

  private static void assertLearners(SimulatedCluster cluster, Long... stores) {
    for (RegionInfo region : cluster.tree().all()) {
      List<Peer> learners =
          region.peers().stream().filter(peer -> peer.getRole() == PeerRole.Learner).toList();
      assertThat(region.peers()).hasSize(4);
      assertThat(learners).singleElement().extracting(Peer::getStoreId).isIn((Object[]) stores);
    }
  }

  private static Rule rule(String id, Role role, int count, LabelConstraint.Op op) {
    return new Rule(
        Rule.DEFAULT_GROUP,
        id,
        0,
        false,
        ByteString.EMPTY,
        ByteString.EMPTY,
        role,
        count,
        List.of(new LabelConstraint("engine", op, List.of("columnar"))),
        List.of(),
        "");
  }
}
