package io.arrowraft.server.apply;

import io.arrowraft.proto.metapb.Region;
import io.arrowraft.server.region.RegionErrorException;
import java.util.List;
import java.util.Optional;

/**
 * What became of one entry.
 *
 * @param refusal why it changed nothing; empty if it took effect
 * @param parts the regions a split made, in key order; empty for other entries
 */
public record EntryOutcome(
    long index, long term, Optional<RegionErrorException> refusal, List<Region> parts) {
  public EntryOutcome {
    parts = List.copyOf(parts);
  }

  static EntryOutcome done(long index, long term) {
    return new EntryOutcome(index, term, Optional.empty(), List.of());
  }

  static EntryOutcome refused(long index, long term, RegionErrorException why) {
    return new EntryOutcome(index, term, Optional.of(why), List.of());
  }
}
