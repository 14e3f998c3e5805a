package io.arrowraft.server.split;

import io.arrowraft.proto.metapb.Region;
import io.arrowraft.server.region.KeySpan;
import io.arrowraft.server.state.KeyRanges;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Chooses where to cut a busy region from samples of what its requests touched: the key that leaves
 * the most even load on both sides and cuts through the fewest ranges. The idea is that of TiKV's
 * load-base split.
 */
public final class LoadSplitPoint {
  /** Fewer say too little. */
  private static final int SAMPLES_MIN = 20;

  /** A worse share on one side does not relieve the other. */
  private static final double IMBALANCE_MAX = 0.5;

  /** Ranges that are cut cost more than before: two requests for one. */
  private static final double CUT_MAX = 0.5;

  private LoadSplitPoint() {}

  /**
   * @return the beginning of a row inside the region; empty if no cut would help, such as where one
   *     key has all the load or every scan reads everything
   */
  public static Optional<byte[]> choose(Region region, List<KeySpan> samples) {
    if (samples.size() < SAMPLES_MIN) {
      return Optional.empty();
    }
    byte[][] starts = new byte[samples.size()][];
    byte[][] ends = new byte[samples.size()][];
    TreeSet<byte[]> candidates = new TreeSet<>(Arrays::compareUnsigned);
    int bounded = 0;
    for (int i = 0; i < starts.length; i++) {
      KeySpan span = samples.get(i);
      starts[i] = span.start();
      if (span.end().length > 0) {
        ends[bounded++] = span.end();
      }
      byte[] row = KeyRanges.rowBoundary(span.start());
      if (KeyRanges.containsInside(region, row)) {
        candidates.add(row);
      }
    }
    Arrays.sort(starts, Arrays::compareUnsigned);
    byte[][] sortedEnds = Arrays.copyOf(ends, bounded);
    Arrays.sort(sortedEnds, Arrays::compareUnsigned);
    return best(candidates, starts, sortedEnds);
  }

  private static Optional<byte[]> best(TreeSet<byte[]> candidates, byte[][] starts, byte[][] ends) {
    byte[] best = null;
    double bestScore = Double.MAX_VALUE;
    for (byte[] candidate : candidates) {
      int left = below(ends, candidate, true);
      int right = starts.length - below(starts, candidate, false);
      int cut = starts.length - left - right;
      if (left + right == 0) {
        continue;
      }
      double imbalance = Math.abs(left - right) / (double) (left + right);
      double cutShare = cut / (double) starts.length;
      if (imbalance <= IMBALANCE_MAX && cutShare <= CUT_MAX && imbalance + cutShare < bestScore) {
        bestScore = imbalance + cutShare;
        best = candidate;
      }
    }
    return Optional.ofNullable(best);
  }

  /** How many of the sorted keys are below {@code bound}, or equal to it if those count. */
  private static int below(byte[][] sorted, byte[] bound, boolean orEqual) {
    int low = 0;
    int high = sorted.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      int order = Arrays.compareUnsigned(sorted[middle], bound);
      if (order < 0 || (orEqual && order == 0)) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
