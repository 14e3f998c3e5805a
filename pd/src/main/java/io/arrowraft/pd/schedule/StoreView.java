package io.arrowraft.pd.schedule;

import io.arrowraft.pd.operator.Influence;
import io.arrowraft.pd.placement.Located;
import io.arrowraft.pd.region.StoreShelf;
import io.arrowraft.pd.settings.Option;
import io.arrowraft.pd.settings.ScheduleConfig;
import io.arrowraft.pd.settings.Settings;
import io.arrowraft.pd.store.StoreStatus;
import io.arrowraft.proto.metapb.StoreLabel;
import io.arrowraft.proto.metapb.StoreState;
import io.arrowraft.proto.pdpb.StoreStats;

/**
 * A store as schedulers see it: its state, what it holds, and what it will hold once the operators
 * that run are done.
 */
public final class StoreView implements Located {
  /** A score that no amount of data reaches: full stores come above all others. */
  private static final double FULL = 1L << 30;

  /** A weight of nothing would divide by zero. */
  private static final double WEIGHT_MIN = 1e-6;

  /** A store with little data and this much room is not short of space, however full its disk. */
  private static final long ROOM_MIB = 8 << 10;

  private static final int FEW_REGIONS = 100;

  private final StoreStatus status;
  private final StoreShelf shelf;
  private final Settings.Weight weight;
  private final ScheduleConfig config;
  private final Influence influence;
  private final long reportedMib;

  /**
   * @param reportedMib what the store held when it last reported how full its disk is
   */
  StoreView(
      StoreStatus status,
      StoreShelf shelf,
      Settings.Weight weight,
      ScheduleConfig config,
      Influence influence,
      long reportedMib) {
    this.status = status;
    this.shelf = shelf;
    this.weight = weight;
    this.config = config;
    this.influence = influence;
    this.reportedMib = reportedMib;
  }

  @Override
  public long id() {
    return status.id();
  }

  @Override
  public String label(String key) {
    for (StoreLabel label : status.meta().getLabelsList()) {
      if (label.getKey().equalsIgnoreCase(key)) {
        return label.getValue();
      }
    }
    return "";
  }

  public StoreStatus status() {
    return status;
  }

  public StoreShelf shelf() {
    return shelf;
  }

  public Settings.Weight weight() {
    return weight;
  }

  /** Whether the store belongs to the cluster and is not being emptied. */
  public boolean isUp() {
    return status.isUp();
  }

  public boolean isOffline() {
    return !status.isUp() && status.meta().getState() != StoreState.Tombstone;
  }

  /** Whether the store has been silent for so long that it must not be counted on. */
  public boolean isDisconnected() {
    return !status.heardWithin(config.disconnectedAfter());
  }

  /** Whether the store has been silent for so long that its peers are replaced. */
  public boolean isDown() {
    return !status.heardWithin(config.downAfter());
  }

  /** Whether peers of the store must be replaced. */
  public boolean mustLeave() {
    return !isUp() || isDown();
  }

  /** Whether the store says that it has too much to do, or is about to stop. */
  public boolean isBusy() {
    StoreStats stats = status.stats();
    return stats.getIsBusy() || stats.getIsStopping() || stats.getIsGrpcPaused();
  }

  /** Whether the store can be given peers, if not at once: it is up, answers, and has room. */
  public boolean isThere() {
    return isUp() && !isDisconnected() && !isLowOnSpace();
  }

  /** Whether the store may be given peers now, as far as it itself is concerned. */
  public boolean takesPeers() {
    StoreStats stats = status.stats();
    return isThere()
        && !isBusy()
        && shelf.pending() <= config.count(Option.MAX_PENDING_PEER_COUNT)
        && stats.getSendingSnapCount() <= config.count(Option.MAX_SNAPSHOT_COUNT)
        && stats.getReceivingSnapCount() <= config.count(Option.MAX_SNAPSHOT_COUNT)
        && stats.getApplyingSnapCount() <= config.count(Option.MAX_SNAPSHOT_COUNT);
  }

  /** Whether the store may be given leaders, as far as it itself is concerned. */
  public boolean takesLeaders() {
    return isUp() && !isDisconnected() && !isBusy();
  }

  /** Whether the disk is so full that the store gets nothing new. */
  public boolean isLowOnSpace() {
    double capacity = status.stats().getCapacity();
    if (capacity <= 0) {
      return false;
    }
    double available = status.stats().getAvailable();
    if (shelf.regions() < FEW_REGIONS && available / (1 << 20) > ROOM_MIB) {
      return false;
    }
    return available < capacity * (1 - config.ratio(Option.LOW_SPACE_RATIO));
  }

  /** Leaders, those on their way included. */
  public int leaders() {
    return shelf.leaders() + influence.of(id()).leaders();
  }

  /** Peers, those on their way included. */
  public int regions() {
    return shelf.regions() + influence.of(id()).regions();
  }

  /** How much the store leads, against its weight, with {@code more} leaders than now. */
  public double leaderScore(int more) {
    return Math.max(0, leaders() + more) / Math.max(WEIGHT_MIN, weight.leader());
  }

  /**
   * How much the store holds, against its weight, with {@code moreMib} more than now. While there
   * is much room that is the size of the data; when little is left, what counts is how little; in
   * between one turns into the other.
   */
  public double regionScore(double moreMib) {
    double mib = Math.max(0, shelf.mib() + influence.of(id()).regionMib() + moreMib);
    return spaceScore(mib, mib - reportedMib) / Math.max(WEIGHT_MIN, weight.region());
  }

  private double spaceScore(double mib, double more) {
    double capacity = status.stats().getCapacity() / (double) (1 << 20);
    if (capacity <= 0) {
      return mib;
    }
    double used = status.stats().getUsedSize() / (double) (1 << 20);
    // What a region takes on disk: less than its size where it is compressed.
    double onDisk = used > 1 && reportedMib > 0 ? Math.min(1, used / reportedMib) : 1;
    double available = status.stats().getAvailable() / (double) (1 << 20) - more * onDisk;
    double roomy = capacity * (1 - config.ratio(Option.HIGH_SPACE_RATIO));
    double tight = capacity * (1 - config.ratio(Option.LOW_SPACE_RATIO));
    if (available >= roomy || (shelf.regions() < FEW_REGIONS && available > ROOM_MIB)) {
      return mib;
    }
    double full = FULL - Math.max(0, available);
    if (available <= tight || roomy <= tight) {
      return full;
    }
    return mib + (full - mib) * (roomy - available) / (roomy - tight);
  }
}
