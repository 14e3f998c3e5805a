package io.arrowraft.pd.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.pd.flow.Aspect;
import io.arrowraft.pd.flow.Rates;
import io.arrowraft.pd.operator.Operator;
import io.arrowraft.pd.region.RegionInfo;
import io.arrowraft.pd.settings.Option;
import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.pdpb.OperatorStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;

/**
 * How well the schedulers do with a hundred stores and a hundred thousand regions. A larger cluster
 * is simulated with {@code -Darrowraft.pd.simulator.regions=1000000
 * -Darrowraft.pd.simulator.stores=300}.
 */
class ScheduleSimulationTest {
  private static final int STORES = Integer.getInteger("arrowraft.pd.simulator.stores", 100);
  private static final int REGIONS = Integer.getInteger("arrowraft.pd.simulator.regions", 100_000);

  /** Moves beyond what is needed at least. */
  private static final double EXCESS_MAX = 1.2;

  @Test
  void newStoresAreFilledWithFewMovesAndEvenly(TestReporter reporter) {
    int joining = 4;
    SimulatedCluster cluster = new SimulatedCluster(1, STORES - joining);
    cluster.addRegions(REGIONS);
    cluster.run(Duration.ofSeconds(1));
    for (long id = (long) STORES - joining + 1; id <= STORES; id++) {
      cluster.addStore(id);
    }
    long needed = lackingMib(cluster);

    Duration took = cluster.settle(Duration.ofHours(3));

    say(reporter, "joining", cluster, took, needed);
    assertThat(cluster.peerMoves().mib()).isLessThanOrEqualTo((long) (EXCESS_MAX * needed));
    assertThat(cluster.peerMoves().tooSoon()).isEmpty();
    assertThat(cluster.leaderMoves().tooSoon()).isEmpty();
    assertThat(spread(mib(cluster, STORES))).isLessThan(0.03);
    assertThat(spread(leaders(cluster, STORES))).isLessThan(0.01);
  }

  @Test
  void lostStoresAreReplacedWithFewMovesAndEvenly(TestReporter reporter) {
    SimulatedCluster cluster = new SimulatedCluster(2, STORES);
    cluster.addRegions(REGIONS);
    cluster.settle(Duration.ofHours(1));
    long before = cluster.peerMoves().count();
    Map<Long, Integer> lost = new HashMap<>();
    for (long id : new long[] {7, 23}) {
      cluster.on(id).forEach(region -> lost.merge(region.id(), 1, Integer::sum));
      cluster.kill(id);
    }
    long needed = lost.values().stream().mapToInt(Integer::intValue).sum();

    // Nothing but leaders moves until the stores count as down.
    cluster.set(Option.MAX_STORE_DOWN_TIME, "10m");
    cluster.run(Duration.ofMinutes(9));
    assertThat(cluster.peerMoves().count()).isEqualTo(before);
    Duration took = cluster.settle(Duration.ofHours(3));

    say(reporter, "losing", cluster, took, needed);
    assertThat(cluster.peerMoves().count() - before)
        .isLessThanOrEqualTo((long) (EXCESS_MAX * needed));
    assertThat(cluster.peerMoves().tooSoon()).allMatch(region -> lost.getOrDefault(region, 0) > 1);
    for (RegionInfo region : cluster.tree().all()) {
      assertThat(region.peers()).hasSize(3);
      assertThat(region.peers().stream().map(Peer::getStoreId)).doesNotContain(7L, 23L);
    }
    List<Long> left = mib(cluster, STORES);
    left.removeIf(mib -> mib == 0);
    assertThat(left).hasSize(STORES - 2);
    assertThat(spread(left)).isLessThan(0.03);
  }

  @Test
  void busyRegionsOfOneStoreAreSpreadWithFewMoves(TestReporter reporter) {
    SimulatedCluster cluster = new SimulatedCluster(3, STORES);
    cluster.addRegions(REGIONS);
    cluster.settle(Duration.ofHours(1));
    List<Long> busy =
        cluster.on(5).stream()
            .filter(region -> region.leaderStore() == 5)
            .map(RegionInfo::id)
            .sorted()
            .limit(40)
            .toList();
    long peersBefore = cluster.peerMoves().count();
    long leadersBefore = cluster.leaderMoves().count();

    for (int i = 0; i < 60; i++) {
      busy.forEach(region -> cluster.serve(region, 1000));
      cluster.run(Duration.ofSeconds(10));
    }

    long spread =
        cluster.scheduling().board().endedSince(0).stream()
            .filter(ended -> ended.operator().kind() == Operator.Kind.HOT)
            .filter(ended -> ended.status() == OperatorStatus.SUCCESS)
            .count();
    long moved =
        cluster.peerMoves().count() - peersBefore + cluster.leaderMoves().count() - leadersBefore;
    // One of them may stay; each of the others has to go somewhere once.
    long needed = busy.size() - 1L;
    say(reporter, "busy", cluster, Duration.ofMinutes(10), needed);
    double most = most(cluster, Aspect.READ, STORES);
    assertThat(most).isLessThan(2500);
    assertThat(spread).isLessThanOrEqualTo((long) (EXCESS_MAX * needed));
    // Idle regions take the place of the busy ones, so that all stores lead as many as before.
    assertThat(moved).isLessThanOrEqualTo((long) (EXCESS_MAX * 2 * needed));
    assertThat(cluster.peerMoves().tooSoon()).isEmpty();
    assertThat(cluster.leaderMoves().tooSoon()).isEmpty();
  }

  @Test
  void busyWritersOfOneStoreAreSpread(TestReporter reporter) {
    int stores = 30;
    SimulatedCluster cluster = new SimulatedCluster(4, stores);
    cluster.addRegions(3000);
    cluster.settle(Duration.ofHours(1));
    List<Long> busy =
        cluster.on(5).stream()
            .filter(region -> region.leaderStore() == 5)
            .map(RegionInfo::id)
            .sorted()
            .limit(20)
            .toList();
    long moved = cluster.peerMoves().count();

    for (int i = 0; i < 90; i++) {
      busy.forEach(region -> cluster.write(region, 1000));
      cluster.run(Duration.ofSeconds(10));
    }

    reporter.publishEntry(
        Map.of(
            "scenario",
            "busy writers",
            "peer moves",
            Long.toString(cluster.peerMoves().count() - moved),
            "most written",
            Double.toString(most(cluster, Aspect.WRITE, stores)),
            "most led",
            Double.toString(most(cluster, Aspect.WRITE_LEADER, stores))));
    // Sixty peers on thirty stores; twenty leaders.
    assertThat(most(cluster, Aspect.WRITE, stores)).isLessThan(3500);
    assertThat(most(cluster, Aspect.WRITE_LEADER, stores)).isLessThan(2500);
    assertThat(cluster.peerMoves().count() - moved).isLessThan(40);
    assertThat(cluster.trail().undone()).isEmpty();
  }

  @Test
  void busyFollowersOfOneStoreAreSpread(TestReporter reporter) {
    int stores = 30;
    SimulatedCluster cluster = new SimulatedCluster(6, stores);
    cluster.addRegions(3000);
    cluster.settle(Duration.ofHours(1));
    cluster.on(5).stream()
        .filter(region -> region.leaderStore() != 5)
        .filter(region -> region.peers().get(2).getStoreId() == 5)
        .map(RegionInfo::id)
        .sorted()
        .limit(20)
        .forEach(region -> cluster.readAtFollower(region, 1000));
    cluster.run(Duration.ofSeconds(20));
    double before = most(cluster, Aspect.READ, stores);
    long moved = cluster.peerMoves().count();

    cluster.run(Duration.ofMinutes(9));

    double most = most(cluster, Aspect.READ, stores);
    reporter.publishEntry(
        Map.of(
            "scenario",
            "busy followers",
            "peer moves",
            Long.toString(cluster.peerMoves().count() - moved),
            "most read",
            before + " before, " + most + " after"));
    assertThat(before).isGreaterThan(5000);
    assertThat(most).isLessThan(2500);
    // Idle regions take the place of the busy ones, so that all stores hold as much as before.
    assertThat(cluster.peerMoves().count() - moved)
        .isLessThanOrEqualTo((long) (EXCESS_MAX * 2 * 19));
    assertThat(cluster.trail().undone()).isEmpty();
  }

  @Test
  void twoStoresThatJoinAMinuteApartFillWithoutWaitingForRegionsToRest(TestReporter reporter) {
    SimulatedCluster cluster = new SimulatedCluster(5, 3);
    cluster.addRegions(300);
    cluster.run(Duration.ofSeconds(1));
    cluster.addStore(4);
    cluster.run(Duration.ofMinutes(1));
    cluster.addStore(5);
    long joined = cluster.nowNanos();

    while (isHollow(cluster, 4) || isHollow(cluster, 5)) {
      cluster.run(Duration.ofSeconds(1));
      assertThat(cluster.nowNanos() - joined).isLessThan(Duration.ofHours(1).toNanos());
    }
    Duration filled = Duration.ofNanos(cluster.nowNanos() - joined);

    reporter.publishEntry("filled after", filled.toString());
    // 180 regions each, at 60 a minute.
    assertThat(filled).isLessThan(Duration.ofMinutes(5));
    cluster.settle(Duration.ofHours(1));
    assertThat(cluster.trail().undone()).isEmpty();
    assertThat(spread(mib(cluster, 5))).isLessThan(0.05);
  }

  /** Whether a store still lacks much of what is its share. */
  private static boolean isHollow(SimulatedCluster cluster, long store) {
    double mean = mib(cluster, 5).stream().mapToLong(Long::longValue).average().orElseThrow();
    return cluster.tree().shelf(store).mib() < 0.95 * mean;
  }

  private static double most(SimulatedCluster cluster, Aspect aspect, int stores) {
    return LongStream.rangeClosed(1, stores)
        .mapToDouble(id -> cluster.scheduling().flow().load(aspect, id).of(Rates.Measure.QUERIES))
        .max()
        .orElseThrow();
  }

  /** What the stores below the mean lack of it: no less has to be moved. */
  private static long lackingMib(SimulatedCluster cluster) {
    List<Long> mib = mib(cluster, STORES);
    long mean = mib.stream().mapToLong(Long::longValue).sum() / mib.size();
    return mib.stream().mapToLong(held -> Math.max(0, mean - held)).sum();
  }

  private static List<Long> mib(SimulatedCluster cluster, int stores) {
    List<Long> held = new ArrayList<>();
    for (long id = 1; id <= stores; id++) {
      held.add(cluster.tree().shelf(id).mib());
    }
    return held;
  }

  private static List<Long> leaders(SimulatedCluster cluster, int stores) {
    List<Long> held = new ArrayList<>();
    for (long id = 1; id <= stores; id++) {
      held.add((long) cluster.tree().shelf(id).leaders());
    }
    return held;
  }

  /** The difference between the most and the least, against the mean. */
  private static double spread(List<Long> held) {
    long most = held.stream().mapToLong(Long::longValue).max().orElseThrow();
    long least = held.stream().mapToLong(Long::longValue).min().orElseThrow();
    double mean = held.stream().mapToLong(Long::longValue).average().orElseThrow();
    return (most - least) / mean;
  }

  private static void say(
      TestReporter reporter, String what, SimulatedCluster cluster, Duration took, long needed) {
    Map<String, String> entries = new TreeMap<>();
    entries.put("scenario", what);
    entries.put("simulated", took.toString());
    entries.put("peer moves", Long.toString(cluster.peerMoves().count()));
    entries.put("MiB moved", Long.toString(cluster.peerMoves().mib()));
    entries.put("leader moves", Long.toString(cluster.leaderMoves().count()));
    entries.put("needed", Long.toString(needed));
    entries.put("data spread", "%.4f".formatted(spread(mib(cluster, STORES))));
    entries.put("leader spread", "%.4f".formatted(spread(leaders(cluster, STORES))));
    reporter.publishEntry(entries);
  }
}
