package io.arrowraft.embedded;

import java.nio.file.Path;
import java.util.Objects;

/**
 * How an embedded cluster is laid out.
 *
 * @param directory root of the data directories; the same directory finds all data again
 * @param stores how many stores
 * @param replicas of each region; no more than there are stores
 * @param splitBytes size at which a region splits
 * @param placementDrivers members of the placement driver, 1, 3 or 5; the same for a directory from
 *     its first start on
 * @param cacheBytes block cache of all stores together, outside of the heap
 */
public record EmbeddedOptions(
    Path directory,
    int stores,
    int replicas,
    long splitBytes,
    int placementDrivers,
    long cacheBytes) {
  public EmbeddedOptions {
    Objects.requireNonNull(directory, "directory");
    if (stores < 1) {
      throw new IllegalArgumentException("stores must be at least 1, is " + stores);
    }
    if (replicas < 1 || replicas > stores) {
      throw new IllegalArgumentException(
          "replicas must be 1 to the number of stores, " + stores + ", is " + replicas);
    }
    if (splitBytes < 1) {
      throw new IllegalArgumentException("splitBytes must be at least 1, is " + splitBytes);
    }
    if (placementDrivers != 1 && placementDrivers != 3 && placementDrivers != 5) {
      throw new IllegalArgumentException(
          "placementDrivers must be 1, 3 or 5, is " + placementDrivers);
    }
    if (cacheBytes < 8 << 20) {
      throw new IllegalArgumentException("cacheBytes must be at least 8 MiB, is " + cacheBytes);
    }
  }

  /** Three stores with three replicas, regions of 96 MiB, a cache of 256 MiB. */
  public static EmbeddedOptions defaults(Path directory) {
    return new EmbeddedOptions(directory, 3, 3, 96L << 20, 1, 256L << 20);
  }

  /** The same with another number of stores, and as many replicas as they allow, up to three. */
  public EmbeddedOptions withStores(int count) {
    return new EmbeddedOptions(
        directory, count, Math.min(3, count), splitBytes, placementDrivers, cacheBytes);
  }

  public EmbeddedOptions withSplitBytes(long bytes) {
    return new EmbeddedOptions(directory, stores, replicas, bytes, placementDrivers, cacheBytes);
  }

  public EmbeddedOptions withCacheBytes(long bytes) {
    return new EmbeddedOptions(directory, stores, replicas, splitBytes, placementDrivers, bytes);
  }

  /** The same with another number of members of the placement driver. */
  public EmbeddedOptions withPlacementDrivers(int count) {
    return new EmbeddedOptions(directory, stores, replicas, splitBytes, count, cacheBytes);
  }
}
