package io.arrowraft.server.peer;

import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.server.state.RegionRecords;
import io.arrowraft.storage.memory.MemoryEngine;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Correctness rule 11. */
class LogCompactionTest {
  private final TestCluster cluster =
      TestCluster.started(
          1, RegionConfig.defaults().withLog(Duration.ofSeconds(1), 10, 50, Duration.ofSeconds(5)));

  @Test
  void whatLeavesTheLogHasBeenAppliedDurably() {
    for (TestCluster.Node node : cluster.nodes.values()) {
      for (int i = 0; i < 60; i++) {
        cluster.mustPut(1, "k" + i, "v");
      }
      long before = truncated(node);
      cluster.world.until(
          "the compaction of the log", Duration.ofSeconds(10), () -> truncated(node) > before);

      node.life.end();
      MemoryEngine after = node.engine.crash(() -> 0);
      node.engine = after;

      assertThat(RegionRecords.applyState(after, 1).orElseThrow().getAppliedIndex())
          .isGreaterThanOrEqualTo(truncated(node));
      cluster.start(node);
    }
    cluster.replicasAgree(1);
  }

  private static long truncated(TestCluster.Node node) {
    return node.logs.load(1).orElseThrow().truncatedIndex();
  }
}
