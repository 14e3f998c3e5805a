package io.arrowraft.raft.core;

import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Five nodes under message loss, reordering, duplication, crashes, slow disks, membership changes,
 * transfers and log compaction. The checks are in {@link RandomCluster}. {@code -Draft.seed=N} runs
 * one seed.
 */
class RandomClusterTest {
  static LongStream seeds() {
    Long seed = Long.getLong("raft.seed");
    return seed != null
        ? LongStream.of(seed)
        : LongStream.rangeClosed(1, Long.getLong("raft.seeds", 100));
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void clusterStaysSafeAndRecovers(long seed) {
    RandomCluster cluster = new RandomCluster(new Random(seed));
    try {
      for (int step = 0; step < 20_000; step++) {
        cluster.step();
      }
      cluster.heal();
    } catch (RuntimeException | AssertionError failure) {
      throw new AssertionError("fails with -Draft.seed=" + seed, failure);
    }
  }
}
