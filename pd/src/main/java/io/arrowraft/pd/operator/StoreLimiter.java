package io.arrowraft.pd.operator;

import io.arrowraft.pd.region.RegionInfo;
import io.arrowraft.runtime.TimeSource;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongFunction;

/**
 * Tokens that operators need to add peers to stores and to remove them, so that copying data leaves
 * a store time for its work. Small regions cost less, empty ones nothing.
 */
public final class StoreLimiter {
  /** Larger regions cost a whole peer. */
  private static final long SMALL_MIB = 20;

  private static final double WHOLE = 1;
  private static final double SMALL = 0.2;
  private static final double NANOS_PER_MINUTE = 60e9;

  /** Tenths do not add up exactly. */
  private static final double ROUNDING = 1e-9;

  /** What tokens are for. */
  public enum Type {
    ADD_PEER,
    REMOVE_PEER
  }

  private static final class Bucket {
    private double tokens;
    private long atNanos;

    Bucket(double tokens, long atNanos) {
      this.tokens = tokens;
      this.atNanos = atNanos;
    }
  }

  private final TimeSource time;
  private final LongFunction<StoreLimit> limits;
  private final Map<Type, Map<Long, Bucket>> buckets = new EnumMap<>(Type.class);

  /**
   * @param limits the limit of a store at the moment
   */
  public StoreLimiter(TimeSource time, LongFunction<StoreLimit> limits) {
    this.time = time;
    this.limits = limits;
    for (Type type : Type.values()) {
      buckets.put(type, new HashMap<>());
    }
  }

  /** Whether a store may gain or lose a peer of {@code mib} now. */
  public boolean allows(long store, Type type, long mib) {
    double cost = cost(mib);
    return cost == 0
        || limits.apply(store).rate(type) >= StoreLimit.UNLIMITED
        || filled(store, type).tokens >= cost - ROUNDING;
  }

  /** Whether every store that an operator touches allows it. */
  public boolean allows(Operator operator, RegionInfo region) {
    for (Step step : operator.steps()) {
      if (step instanceof Step.AddLearner add
          && !allows(add.peer().getStoreId(), Type.ADD_PEER, region.mib())) {
        return false;
      }
      if (step instanceof Step.RemovePeer remove
          && !allows(remove.peer().getStoreId(), Type.REMOVE_PEER, region.mib())) {
        return false;
      }
    }
    return true;
  }

  /** Takes the tokens of an operator that begins. */
  void take(Operator operator, RegionInfo region) {
    for (Step step : operator.steps()) {
      if (step instanceof Step.AddLearner add) {
        take(add.peer().getStoreId(), Type.ADD_PEER, region.mib());
      } else if (step instanceof Step.RemovePeer remove) {
        take(remove.peer().getStoreId(), Type.REMOVE_PEER, region.mib());
      }
    }
  }

  void reset() {
    buckets.values().forEach(Map::clear);
  }

  private void take(long store, Type type, long mib) {
    double cost = cost(mib);
    if (cost > 0) {
      filled(store, type).tokens -= cost;
    }
  }

  private Bucket filled(long store, Type type) {
    double perMinute = limits.apply(store).rate(type);
    // What a second brings may be taken at once, and a whole peer always.
    double most = Math.max(WHOLE, perMinute / 60);
    Bucket bucket = buckets.get(type).computeIfAbsent(store, id -> new Bucket(most, time.nanos()));
    long now = time.nanos();
    bucket.tokens =
        Math.min(most, bucket.tokens + (now - bucket.atNanos) / NANOS_PER_MINUTE * perMinute);
    bucket.atNanos = now;
    return bucket;
  }

  private static double cost(long mib) {
    return mib > SMALL_MIB ? WHOLE : mib > 1 ? SMALL : 0;
  }
}
