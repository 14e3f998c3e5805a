package io.arrowraft.e2e.fault;

import io.arrowraft.e2e.load.FaultLoad;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Kills of every role again and again, with and without loss of what was not synced. */
@Tag("long")
class KillLongTest {
  private static final int ROUNDS = 4;
  private static final int STORM_RESTARTS = 12;
  private static final Duration BOUND = Duration.ofSeconds(60);

  @TempDir private Path data;

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void nothingIsLostWhoeverIsKilled(boolean forgetful) throws Exception {
    String name = forgetful ? "forgetful" : "remembering";
    try (FaultSession session = FaultSession.start(data, options(forgetful))) {
      session.under(
          new FaultLoad.Shape(name, 2, 2, 4),
          load -> {
            for (int round = 0; round < ROUNDS; round++) {
              for (ServerNode victim : session.cluster().all()) {
                victim.kill();
                victim.start().awaitReady();
                FaultSession.awaitProgress(load, "writes after a kill of " + victim.name(), BOUND);
              }
              killAtOnce(session.cluster().all());
              FaultSession.awaitProgress(load, "writes after a kill of all", BOUND);
            }
          });
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aStormOfRestartsLosesNothing(boolean forgetful) throws Exception {
    String name = forgetful ? "forgetful-storm" : "storm";
    SplittableRandom random = new SplittableRandom(11);
    try (FaultSession session = FaultSession.start(data, options(forgetful))) {
      session.under(
          new FaultLoad.Shape(name, 2, 2, 4),
          load -> {
            List<ServerNode> all = session.cluster().all();
            for (int i = 0; i < STORM_RESTARTS; i++) {
              // Some of them before they serve again.
              ServerNode victim = all.get(random.nextInt(all.size()));
              victim.kill();
              victim.start();
              FaultSession.repeatFor(Duration.ofMillis(random.nextInt(3_000)), () -> {});
            }
            all.forEach(ServerNode::awaitReady);
          });
    }
  }

  private static FaultCluster.Options options(boolean forgetful) {
    FaultCluster.Options shipped = FaultCluster.Options.of(Optional.empty(), 3);
    return forgetful ? shipped.withWords(FaultCluster.Options.FORGETFUL) : shipped;
  }

  private static void killAtOnce(List<ServerNode> all) {
    all.parallelStream().forEach(ServerNode::kill);
    all.forEach(ServerNode::start);
    all.forEach(ServerNode::awaitReady);
  }
}
