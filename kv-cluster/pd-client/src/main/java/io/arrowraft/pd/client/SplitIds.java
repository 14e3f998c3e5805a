package io.arrowraft.pd.client;

import java.util.List;

/**
 * Ids for one region that a split will make.
 *
 * @param peerIds one per peer of the region that splits, in its order
 */
public record SplitIds(long regionId, List<Long> peerIds) {
  public SplitIds {
    peerIds = List.copyOf(peerIds);
  }
}
