package io.arrowraft.server.apply;

import io.arrowraft.proto.metapb.Region;
import io.arrowraft.server.region.RegionErrorException;
import java.util.List;
import java.util.Optional;

/**
 * What became of one entry.
 *
 * @param refusal why it changed nothing; empty if it took effect
 * @param parts the regions that the entry has made or changed, in key order; empty for one that
 *     changes data alone
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
