package io.arrowraft.server.apply;

import com.google.protobuf.ByteString;
import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.store.NewRegion;
import io.arrowraft.proto.store.SplitCommand;
import io.arrowraft.runtime.Invariant;
import io.arrowraft.server.state.KeyRanges;
import java.util.ArrayList;
import java.util.List;

/**
 * Divides a region's range. The old region keeps its id and the last part, so that a table loaded
 * in key order goes on growing in one and the same region.
 *
 * @param children new regions, in key order
 * @param remainder the old region with what is left of its range
 */
record SplitParts(List<Region> children, Region remainder) {
  static SplitParts of(Region region, SplitCommand command) {
    long version = region.getRegionEpoch().getVersion() + command.getPartsCount();
    List<Region> children = new ArrayList<>(command.getPartsCount());
    ByteString start = region.getStartKey();
    for (NewRegion part : command.getPartsList()) {
      Invariant.check(
          KeyRanges.containsInside(
                  region.toBuilder().setStartKey(start).build(), part.getSplitKey().toByteArray())
              && part.getPeerIdsCount() == region.getPeersCount(),
          "split does not fit its region",
          "region",
          region.getId(),
          "part",
          part.getRegionId());
      children.add(child(region, start, part, version));
      start = part.getSplitKey();
    }
    Region.Builder remainder = region.toBuilder().setStartKey(start);
    remainder.getRegionEpochBuilder().setVersion(version);
    return new SplitParts(List.copyOf(children), remainder.build());
  }

  /** All regions that now cover the old range, in key order. */
  List<Region> all() {
    List<Region> all = new ArrayList<>(children);
    all.add(remainder);
    return all;
  }

  private static Region child(Region parent, ByteString start, NewRegion part, long version) {
    Region.Builder child =
        Region.newBuilder()
            .setId(part.getRegionId())
            .setStartKey(start)
            .setEndKey(part.getSplitKey())
            .setRegionEpoch(parent.getRegionEpoch().toBuilder().setVersion(version));
    for (int i = 0; i < parent.getPeersCount(); i++) {
      child.addPeers(parent.getPeers(i).toBuilder().setId(part.getPeerIds(i)));
    }
    return child.build();
  }
}
