package io.arrowraft.server.peer;

import io.arrowraft.server.region.KeySpan;
import io.arrowraft.server.region.LoadCounts;
import io.arrowraft.server.split.LoadSplitPoint;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Splits regions that stay busy: from the first busy round on the keys of requests are sampled, and
 * after enough busy rounds in a row the samples choose the place. Called on the regions' loops.
 */
final class LoadSplits {
  private static final Logger LOG = LoggerFactory.getLogger(LoadSplits.class);

  private final LoadSplitConfig config;
  private final RegionSplits splits;
  private final int roundsWanted;

  LoadSplits(LoadSplitConfig config, RegionSplits splits) {
    this.config = config;
    this.splits = splits;
    this.roundsWanted =
        (int) Math.max(1, config.sustained().toNanos() / config.interval().toNanos());
  }

  /**
   * Judges what a region did in one round.
   *
   * @param seconds how long the round took
   */
  void observe(RegionPeer peer, LoadCounts round, double seconds) {
    if (!config.isOn()) {
      return;
    }
    Traffic traffic = peer.traffic();
    boolean hot =
        peer.isServing()
            && peer.isLeader()
            && (config.isHot(round.reads() / seconds, round.bytesRead() / seconds)
                || config.isHot(round.writes() / seconds, round.bytesWritten() / seconds));
    if (!hot) {
      if (traffic.hotRounds() > 0) {
        traffic.hotRounds(0);
        traffic.load().stopSampling();
      }
      return;
    }
    if (traffic.hotRounds() == 0) {
      traffic.load().startSampling();
    }
    traffic.hotRounds(traffic.hotRounds() + 1);
    // The first busy round was over before its samples could be taken.
    if (traffic.hotRounds() > roundsWanted) {
      divide(peer, traffic);
    }
  }

  private void divide(RegionPeer peer, Traffic traffic) {
    List<KeySpan> samples = traffic.load().samples();
    traffic.hotRounds(0);
    traffic.load().stopSampling();
    Optional<byte[]> point = LoadSplitPoint.choose(peer.region(), samples);
    LOG.atInfo()
        .addKeyValue("region", peer.regionId())
        .addKeyValue("samples", samples.size())
        .addKeyValue("divisible", point.isPresent())
        .log("region is busy");
    point.ifPresent(key -> splits.splitOwn(peer, List.of(key)));
  }
}
