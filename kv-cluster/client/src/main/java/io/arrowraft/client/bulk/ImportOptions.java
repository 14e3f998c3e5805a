package io.arrowraft.client.bulk;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * How an import cuts, sorts and sends its pairs.
 *
 * @param inKeyOrder whether the pairs come in ascending order of their keys; if one does not, the
 *     import fails. Otherwise all of them are read and sorted before the first is sent
 * @param sliceBytes keys and values that are sent together, about
 * @param slicesInFlight how many slices are on their way at a time
 * @param messageBytes keys and values of one message, about
 * @param regionBytes a region is split off after so many bytes, so that the stores need not split
 *     while they are being filled
 * @param sortBytes keys and values that are sorted in memory; more go to files
 * @param sortDirectory where these files are; empty: the system's directory for temporary files
 * @param sliceTimeout how long a slice may take with all its retries
 * @param resumed whether the range may hold what an earlier run of the same import has brought
 */
public record ImportOptions(
    boolean inKeyOrder,
    int sliceBytes,
    int slicesInFlight,
    int messageBytes,
    long regionBytes,
    int sortBytes,
    Optional<Path> sortDirectory,
    Duration sliceTimeout,
    boolean resumed) {
  public ImportOptions {
    Objects.requireNonNull(sortDirectory, "sortDirectory");
    if (slicesInFlight < 1 || messageBytes < 1 || sliceBytes < messageBytes) {
      throw new IllegalArgumentException(
          "an import needs slices of at least one message: slicesInFlight="
              + slicesInFlight
              + ", sliceBytes="
              + sliceBytes
              + ", messageBytes="
              + messageBytes);
    }
    if (regionBytes < sliceBytes || sortBytes < 1) {
      throw new IllegalArgumentException(
          "regionBytes must be at least sliceBytes, and sortBytes positive: "
              + regionBytes
              + ", "
              + sortBytes);
    }
    if (sliceTimeout.isNegative() || sliceTimeout.isZero()) {
      throw new IllegalArgumentException("sliceTimeout must be positive: " + sliceTimeout);
    }
  }

  /** Slices of 16 MiB, two at a time; 256 MiB are sorted in memory; two minutes for a slice. */
  public static ImportOptions defaults() {
    return new ImportOptions(
        false,
        16 << 20,
        2,
        512 << 10,
        96L << 20,
        256 << 20,
        Optional.empty(),
        Duration.ofMinutes(2),
        false);
  }

  /**
   * The same to go on with an import that has failed or whose process has died. All of its pairs
   * are brought again, in place of those that are there already, so they must be the same.
   */
  public ImportOptions resuming() {
    return new ImportOptions(
        inKeyOrder,
        sliceBytes,
        slicesInFlight,
        messageBytes,
        regionBytes,
        sortBytes,
        sortDirectory,
        sliceTimeout,
        true);
  }

  /** The same for pairs that come in ascending order. */
  public ImportOptions ofSortedPairs() {
    return withKeyOrder(true);
  }

  /** The same with another word on the order of the pairs. */
  public ImportOptions withKeyOrder(boolean ascending) {
    return new ImportOptions(
        ascending,
        sliceBytes,
        slicesInFlight,
        messageBytes,
        regionBytes,
        sortBytes,
        sortDirectory,
        sliceTimeout,
        resumed);
  }

  /** The same with other sizes of slices and messages. */
  public ImportOptions withSlices(int bytes, int inFlight, int message) {
    return new ImportOptions(
        inKeyOrder,
        bytes,
        inFlight,
        message,
        Math.max(regionBytes, bytes),
        sortBytes,
        sortDirectory,
        sliceTimeout,
        resumed);
  }

  /** The same with another bound of what is sorted in memory. */
  public ImportOptions withSortBytes(int bytes) {
    return new ImportOptions(
        inKeyOrder,
        sliceBytes,
        slicesInFlight,
        messageBytes,
        regionBytes,
        bytes,
        sortDirectory,
        sliceTimeout,
        resumed);
  }
}
