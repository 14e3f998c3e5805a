package io.arrowraft.pd.store;

import io.arrowraft.pd.state.PdState;
import io.arrowraft.proto.metapb.Store;
import io.arrowraft.proto.pdpb.StoreStats;
import io.arrowraft.runtime.TimeSource;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/** Stores with their liveness. */
public final class StoreRegistry {
  private record Heard(StoreStats stats, long atNanos) {}

  private final PdState state;
  private final TimeSource time;
  private final TreeMap<Long, Heard> heard = new TreeMap<>();
  private long leadingSince;

  public StoreRegistry(PdState state, TimeSource time) {
    this.state = state;
    this.time = time;
    this.leadingSince = time.nanos();
  }

  /** Forgets what an earlier leadership heard. */
  public void reset() {
    heard.clear();
    leadingSince = time.nanos();
  }

  /** Takes a heartbeat. */
  public void heartbeat(StoreStats stats) {
    heard.put(stats.getStoreId(), new Heard(stats, time.nanos()));
  }

  /** Takes note that a store has registered: it runs, though it has not said how it is. */
  public void registered(long id) {
    Heard last = heard.get(id);
    heard.put(
        id, new Heard(last == null ? StoreStats.getDefaultInstance() : last.stats(), time.nanos()));
  }

  /** Whether this leadership itself has heard of a store lately. */
  public boolean isHeardWithin(long id, Duration bound) {
    Heard last = heard.get(id);
    return last != null && time.nanos() - last.atNanos() <= bound.toNanos();
  }

  /** The store with an id. */
  public Optional<StoreStatus> status(long id) {
    return state.store(id).map(this::status);
  }

  /** All stores by id, tombstones included. */
  public List<StoreStatus> all() {
    return state.stores().stream().map(this::status).toList();
  }

  private StoreStatus status(Store store) {
    Heard last = heard.get(store.getId());
    long since = last == null ? leadingSince : last.atNanos();
    return new StoreStatus(
        store,
        last == null ? StoreStats.getDefaultInstance() : last.stats(),
        Duration.ofNanos(Math.max(0, time.nanos() - since)));
  }
}
