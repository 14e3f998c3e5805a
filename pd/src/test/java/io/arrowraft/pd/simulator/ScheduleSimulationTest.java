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
    double most =
        LongStream.rangeClosed(1, STORES)
            .mapToDouble(
                id -> cluster.scheduling().flow().load(Aspect.READ, id).of(Rates.Measure.QUERIES))
            .max()
            .orElseThrow();
    assertThat(most).isLessThan(2500);
    assertThat(spread).isLessThanOrEqualTo((long) (EXCESS_MAX * needed));
    // Idle regions take the place of the busy ones, so that all stores lead as many as before.
    assertThat(moved).isLessThanOrEqualTo((long) (EXCESS_MAX * 2 * needed));
    assertThat(cluster.peerMoves().tooSoon()).isEmpty();
    assertThat(cluster.leaderMoves().tooSoon()).isEmpty();
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
