package io.arrowraft.pd.store;

import io.arrowraft.proto.metapb.NodeState;
import io.arrowraft.proto.metapb.Store;
import io.arrowraft.proto.metapb.StoreState;
import io.arrowraft.proto.pdpb.StoreStats;
import java.time.Duration;

/**
 * A store at one moment.
 *
 * @param stats its last heartbeat; empty before the first
 * @param silence time since it was last heard of
 */
public record StoreStatus(Store meta, StoreStats stats, Duration silence) {

  public long id() {
    return meta.getId();
  }

  /** Whether the store belongs to the cluster and is not being emptied. */
  public boolean isUp() {
    return meta.getState() == StoreState.Up
        && meta.getNodeState() != NodeState.Removing
        && meta.getNodeState() != NodeState.Removed;
  }

  /** Whether the store has not been given up for good. */
  public boolean isPresent() {
    return meta.getState() != StoreState.Tombstone;
  }

  /** Whether the store has been heard of lately. */
  public boolean heardWithin(Duration bound) {
    return silence.compareTo(bound) <= 0;
  }
}
