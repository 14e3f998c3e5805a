package io.arrowraft.server.state;

import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.store.MergedRegion;
import java.util.ArrayList;
import java.util.List;

/** The regions that have become part of a region, as its state keeps them. */
public final class MergedRegions {
  /** Enough for whoever missed a merge to learn of it from the region's state long afterwards. */
  static final int KEPT_MAX = 256;

  private MergedRegions() {}

  /**
   * The list after a merge.
   *
   * @param ofSource what has become part of the source before; part of the target now
   */
  public static List<MergedRegion> with(
      List<MergedRegion> known, List<MergedRegion> ofSource, Region source) {
    List<MergedRegion> all = new ArrayList<>(known);
    all.addAll(ofSource);
    all.add(
        MergedRegion.newBuilder()
            .setRegionId(source.getId())
            .setVersion(source.getRegionEpoch().getVersion())
            .build());
    return List.copyOf(all.subList(Math.max(0, all.size() - KEPT_MAX), all.size()));
  }

  public static boolean contains(List<MergedRegion> merged, long regionId) {
    return merged.stream().anyMatch(each -> each.getRegionId() == regionId);
  }

  /** Whether what is not in the list may have been forgotten. */
  public static boolean mayHaveForgotten(List<MergedRegion> merged) {
    return merged.size() >= KEPT_MAX;
  }
}
