package io.arrowraft.coprocessor.read;

import java.time.Duration;

/**
 * What a reader has done so far. Work that was repeated after a failed attempt counts as often as
 * it was done.
 *
 * @param rowsScanned rows that stores read, by their own count
 * @param rowsReturned rows of all batches that came
 * @param batches batches that came
 * @param bytesReturned encoded size of all batches
 * @param regions regions that were read to their end
 * @param retries attempts that had to be repeated: moved regions, locks, unreachable stores
 * @param waited time that {@link TableReader#next()} spent waiting for stores
 */
public record ReadStatistics(
    long rowsScanned,
    long rowsReturned,
    long batches,
    long bytesReturned,
    long regions,
    long retries,
    Duration waited) {
  public static final ReadStatistics NONE = new ReadStatistics(0, 0, 0, 0, 0, 0, Duration.ZERO);

  public ReadStatistics plus(ReadStatistics other) {
    return new ReadStatistics(
        rowsScanned + other.rowsScanned,
        rowsReturned + other.rowsReturned,
        batches + other.batches,
        bytesReturned + other.bytesReturned,
        regions + other.regions,
        retries + other.retries,
        waited.plus(other.waited));
  }
}
