package io.arrowraft.pd.client;

import io.arrowraft.proto.metapb.Store;
import io.arrowraft.proto.metapb.StoreState;

/**
 * A store as the placement driver knows it.
 *
 * @param meta id, addresses, state and labels
 */
public record StoreInfo(Store meta) {
  public long id() {
    return meta.getId();
  }

  /** {@code host:port} that clients call. */
  public String address() {
    return meta.getAddress();
  }

  /** {@code host:port} that other stores call. */
  public String peerAddress() {
    return meta.getPeerAddress().isEmpty() ? meta.getAddress() : meta.getPeerAddress();
  }

  /** Whether the store is gone for good. */
  public boolean isTombstone() {
    return meta.getState() == StoreState.Tombstone;
  }
}
