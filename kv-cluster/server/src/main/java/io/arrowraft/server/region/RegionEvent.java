package io.arrowraft.server.region;

import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.metapb.Region;
import io.arrowraft.storage.engine.WriteBatch;
import java.util.List;
import java.util.Objects;

/** Something that happened to a region of this store. */
public sealed interface RegionEvent {
  long regionId();

  /**
   * One log entry was applied and is visible to readers. Entries without data (a leader's first
   * entry, admin commands) come too, so that indexes follow one another without a hole; the
   * exception is a gap filled by {@link SnapshotInstalled}. After a restart entries that were
   * applied but not durable come again.
   *
   * @param mutations in order; empty if the command was refused at apply or carries none
   */
  record Applied(long regionId, long term, long index, List<WriteBatch.Operation> mutations)
      implements RegionEvent {
    public Applied {
      mutations = List.copyOf(mutations);
    }
  }

  /**
   * A replica exists here with data: at start, by bootstrap, as a part of a split, or by its first
   * snapshot.
   *
   * @param appliedIndex observers see the entries after this one
   */
  record Created(Region region, Peer peer, long appliedIndex) implements RegionEvent {
    public Created {
      Objects.requireNonNull(region, "region");
      Objects.requireNonNull(peer, "peer");
    }

    @Override
    public long regionId() {
      return region.getId();
    }
  }

  /**
   * A region was divided by its entry {@code index}; {@link Created} of each new region follows.
   *
   * @param parts the regions that now cover the old range, in key order, the old id among them
   */
  record Split(long regionId, long index, List<Region> parts) implements RegionEvent {
    public Split {
      parts = List.copyOf(parts);
    }
  }

  /**
   * Another region became part of this one by its entry {@code index}. What the source applied has
   * been published as the source's before; it is no more and nothing else is published of it.
   *
   * @param region with the range of both
   * @param sourceIndex the last entry of the source
   */
  record Merged(Region region, long index, Region source, long sourceIndex) implements RegionEvent {
    public Merged {
      Objects.requireNonNull(region, "region");
      Objects.requireNonNull(source, "source");
    }

    @Override
    public long regionId() {
      return region.getId();
    }
  }

  /** The peers of a region changed by its entry {@code index}. */
  record PeersChanged(Region region, long index) implements RegionEvent {
    @Override
    public long regionId() {
      return region.getId();
    }
  }

  /**
   * Files were taken into the region by its entry {@code index}: its data has changed without
   * mutations that tell how. The entry's {@link Applied} came before.
   */
  record Ingested(Region region, long index) implements RegionEvent {
    @Override
    public long regionId() {
      return region.getId();
    }
  }

  /** The whole state was replaced by a snapshot that ends with {@code appliedIndex}. */
  record SnapshotInstalled(Region region, long appliedIndex) implements RegionEvent {
    @Override
    public long regionId() {
      return region.getId();
    }
  }

  /**
   * The replica here leads in {@code term} and has applied an entry of that term. Told again when
   * the region has taken in another and the replica leads on.
   */
  record LeaderGained(Region region, long term) implements RegionEvent {
    @Override
    public long regionId() {
      return region.getId();
    }
  }

  /** The replica here no longer leads. */
  record LeaderLost(long regionId, long term) implements RegionEvent {}

  /** The replica and its data are gone from this store. */
  record Destroyed(Region region) implements RegionEvent {
    @Override
    public long regionId() {
      return region.getId();
    }
  }
}
