package io.arrowraft.pd.flow;

import java.util.List;

/** What is known of the traffic at one moment. */
public interface HotView {
  /** Whether a region has had much traffic, of reads or writes, for some time. */
  boolean isHot(long regionId);

  /** Regions with much traffic, by id; one whose reads two stores serve may be there twice. */
  List<HotRegion> hot(boolean writes);

  /** A region's rates at its leader. */
  Rates rates(long regionId, boolean writes);

  /** What a region's replica on a store serves of its reads. */
  Rates reads(long regionId, long storeId);

  /** What a store bears. */
  Rates load(Aspect aspect, long storeId);
}
