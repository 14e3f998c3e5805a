package io.arrowraft.e2e.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.e2e.load.CallerLoad;
import io.arrowraft.e2e.load.FaultLoad;
import io.arrowraft.runtime.Bytes;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How soon writes go on after a leader has died, and that nobody is elected without need. */
@Tag("long")
class FailoverLongTest {
  private static final int KILLS = 5;
  private static final Duration GAP_MAX = Duration.ofSeconds(5);
  private static final Duration BOUND = Duration.ofSeconds(60);

  /** {@code -De2e.quiet=PT5M} for another time. */
  private static final Duration QUIET =
      Duration.parse(System.getProperty("e2e.quiet", Duration.ofMinutes(10).toString()));

  /** For what the placement driver had ordered before it was told to order nothing more. */
  private static final Duration HANDED_OVER = Duration.ofSeconds(10);

  private static final int CALLERS = 64;

  @TempDir private Path data;

  @Test
  void writesGoOnWithinSecondsAfterTheKillOfALeadersStore() throws Exception {
    try (FaultSession session =
        FaultSession.start(data, FaultCluster.Options.of(Optional.empty(), 3))) {
      List<Duration> gaps = new ArrayList<>();
      for (int kill = 0; kill < KILLS; kill++) {
        String name = "failover-" + kill;
        session.under(
            new FaultLoad.Shape(name, 8, 0, 0),
            load -> {
              // Of the region that all writers write to, or nobody would miss it.
              ServerNode leader =
                  session.cluster().leader(session.client(), Bytes.ofUtf8("raw-" + name));
              leader.kill();
              FaultSession.awaitProgress(load, "writes after a kill", BOUND);
              gaps.addAll(load.longestGaps().values());
              leader.start().awaitReady();
            });
      }
      gaps.sort(null);
      System.out.println("longest gaps between writes of each writer around a kill: " + gaps);
      assertThat(gaps.get((int) Math.ceil(0.99 * gaps.size()) - 1)).isLessThan(GAP_MAX);
    }
  }

  @Test
  void nobodyIsElectedWithoutNeedUnderFullLoad() throws Exception {
    try (FaultSession session =
        FaultSession.start(data, FaultCluster.Options.of(Optional.empty(), 3))) {
      CallerLoad.split(session.client(), "quiet", CALLERS, 8);
      try (CallerLoad load = new CallerLoad("quiet", List.of(session.client()), CALLERS)) {
        load.start();
        FaultSession.repeatFor(Duration.ofSeconds(30), () -> {});
        session.holdLeadersStill();
        FaultSession.repeatFor(HANDED_OVER, () -> {});
        double before = session.elections();
        FaultSession.repeatFor(QUIET, () -> {});
        double after = session.elections();
        System.out.printf(
            "elections in %s of full load: %.0f; %s%n",
            QUIET, after - before, load.latencies().describe());
        assertThat(after - before).isZero();
        assertThat(load.failures()).isEmpty();
      }
    }
  }
}
