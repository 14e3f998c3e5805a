package io.arrowraft.e2e.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.e2e.load.FaultLoad;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * One of three stores hears everybody late, while what it says arrives at once: followers answer a
 * leader there too late, or it answers its leader late, on ways that are slow in one direction.
 */
@Tag("long")
class DelayLongTest {
  /** The whole of 127.0.0.0/8 is the loopback. */
  private static final String LATE_HOST = "127.0.0.2";

  private static final int LEAST_MILLIS = 5;
  private static final int MOST_MILLIS = 200;
  private static final Duration LASTS = Duration.ofSeconds(60);
  private static final Duration BOUND = Duration.ofSeconds(30);

  /** For what the placement driver had ordered before it was told to order nothing more. */
  private static final Duration HANDED_OVER = Duration.ofSeconds(10);

  @TempDir private Path data;

  @Test
  void whereAStoreHearsLateNothingIsReorderedAndNobodyIsElected() throws Exception {
    FaultCluster cluster =
        FaultCluster.start(data, 2, FaultCluster.Options.of(Optional.empty(), 3));
    try (DelayProxy proxy = DelayProxy.start(LATE_HOST, cluster.nextStorePort(), 17)) {
      cluster.addStoreReachedAt(LATE_HOST);
      try (FaultSession session = FaultSession.of(cluster)) {
        session.under(
            new FaultLoad.Shape("delay", 2, 2, 4),
            load -> {
              session.holdLeadersStill();
              FaultSession.repeatFor(HANDED_OVER, () -> {});
              double before = session.elections();
              proxy.delay(LEAST_MILLIS, MOST_MILLIS);
              FaultSession.repeatFor(LASTS, () -> {});
              FaultSession.awaitProgress(load, "writes while a store hears late", BOUND);
              double after = session.elections();
              System.out.printf(
                  "elections in %s in which one store hears %d to %d ms late: %.0f%n",
                  LASTS, LEAST_MILLIS, MOST_MILLIS, after - before);
              assertThat(after - before).isZero();
              proxy.delay(0, 0);
            });
      }
    }
  }
}
