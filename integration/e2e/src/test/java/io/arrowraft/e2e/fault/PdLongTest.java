package io.arrowraft.e2e.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.e2e.Bounded;
import io.arrowraft.e2e.load.FaultLoad;
import io.arrowraft.e2e.load.TimestampLoad;
import io.arrowraft.pd.client.RegionInfo;
import io.arrowraft.runtime.Bytes;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * The leading one of three members of the placement driver dies, or stands still and comes back
 * believing that it leads, while everybody writes.
 */
@Tag("long")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PdLongTest {
  private static final int ROUNDS = 3;

  /** Timestamps stop for an election, and for no other reason. */
  private static final Duration GAP_MAX = Duration.ofSeconds(10);

  /** Correctness rule 53: seconds, not the interval of the regions' heartbeats. */
  private static final Duration ROUTING_MAX = Duration.ofSeconds(5);

  private static final Duration STANDS_STILL = Duration.ofSeconds(10);
  private static final Duration BOUND = Duration.ofSeconds(60);
  private static final int REGIONS_MAX = 1_000;

  private FaultSession session;

  /** What befalls the leading member. */
  private interface Blow {
    void hit(ServerNode leader);
  }

  @BeforeAll
  void start(@TempDir Path data) throws Exception {
    session =
        FaultSession.start(data, FaultCluster.Options.of(Optional.empty(), 3).withPdMembers(3));
  }

  @AfterAll
  void stop() {
    if (session != null) {
      session.close();
    }
  }

  @Test
  void timestampsGoOnAndRoutingIsCompleteAfterTheLeadersKill() throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      suffers("pd-leader-killed-" + round, ServerNode::kill, member -> member.start().awaitReady());
    }
  }

  @Test
  void timestampsNeverGoBackWhenAPausedLeaderReturns() throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      suffers(
          "pd-leader-paused-" + round,
          ServerNode::pause,
          member -> {
            FaultSession.repeatFor(STANDS_STILL, () -> {});
            member.resume();
            FaultSession.repeatFor(Duration.ofSeconds(2), () -> {});
          });
    }
  }

  private void suffers(String name, Blow blow, Blow recovery) throws Exception {
    session.under(
        new FaultLoad.Shape(name, 2, 2, 2),
        load -> {
          List<Long> regions = regionIds(session.client());
          ServerNode leader = session.leadingPd();
          try (ArrowraftClient other = session.cluster().connect();
              TimestampLoad timestamps = new TimestampLoad(List.of(session.client(), other))) {
            timestamps.start();
            long struck = System.nanoTime();
            blow.hit(leader);
            try {
              Bounded.awaitNo("timestamps of another member", BOUND, timestamps::stuck);
              Duration silent = Duration.ofNanos(System.nanoTime() - struck);
              Duration routed = awaitRouting(regions);
              FaultSession.awaitProgress(load, "writes under another member", BOUND);
              System.out.printf(
                  "%s: timestamps again after %s, routing complete %s later%n",
                  name, silent, routed);
              assertThat(routed).isLessThan(ROUTING_MAX);
            } finally {
              recovery.hit(leader);
            }
            timestamps.close();
            System.out.printf("%s: %s%n", name, timestamps.describe());
            assertThat(timestamps.violations()).isEmpty();
            assertThat(timestamps.longestGap()).isLessThan(GAP_MAX);
          }
        });
  }

  /** Asks as somebody does who knows nothing yet: every region, with its leader. */
  private Duration awaitRouting(List<Long> regions) {
    long begin = System.nanoTime();
    try (ArrowraftClient stranger = session.cluster().connect()) {
      Bounded.awaitNo("complete routing", BOUND, () -> unrouted(stranger, regions));
    }
    return Duration.ofNanos(System.nanoTime() - begin);
  }

  private static Optional<String> unrouted(ArrowraftClient client, List<Long> regions) {
    List<RegionInfo> found = scan(client);
    List<Long> ids = found.stream().map(RegionInfo::id).toList();
    if (!ids.containsAll(regions)) {
      return Optional.of("of regions " + regions + " only " + ids + " are known");
    }
    return found.stream()
        .filter(region -> region.leader().isEmpty())
        .map(region -> "region " + region.id() + " has no known leader")
        .findFirst();
  }

  private static List<Long> regionIds(ArrowraftClient client) {
    return scan(client).stream().map(RegionInfo::id).toList();
  }

  private static List<RegionInfo> scan(ArrowraftClient client) {
    return client.await(client.placement().scanRegions(Bytes.EMPTY, Bytes.EMPTY, REGIONS_MAX));
  }
}
