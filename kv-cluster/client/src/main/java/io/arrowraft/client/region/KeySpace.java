package io.arrowraft.client.region;

import io.arrowraft.runtime.Bytes;

/** The two kinds of data, which differ in how their keys appear in regions. */
public enum KeySpace {
  /** Region keys are memcomparable-encoded. */
  TRANSACTIONAL,
  /** Region keys are the keys themselves. */
  RAW;

  /** The region key of {@code key}. */
  public Bytes regionKey(Bytes key) {
    return this == RAW || key.isEmpty() ? key : MemcomparableKeys.encode(key);
  }

  /** Whether a range that ends at {@code end}, or nowhere if that is empty, ends in a region. */
  public boolean endsIn(Region region, Bytes end) {
    return region.endKey().isEmpty()
        || (!end.isEmpty() && regionKey(end).compareTo(region.endKey()) <= 0);
  }

  /**
   * The smallest key whose region key is not below {@code bound}, a bound of a region. Empty stays
   * empty.
   */
  public Bytes keyAt(Bytes bound) {
    return this == RAW || bound.isEmpty() ? bound : MemcomparableKeys.lowerBound(bound);
  }
}
