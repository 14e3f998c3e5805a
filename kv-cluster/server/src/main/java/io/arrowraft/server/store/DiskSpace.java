package io.arrowraft.server.store;

/** How much room there is where a store keeps its data. */
public interface DiskSpace {
  /**
   * @param capacityBytes of the whole disk
   * @param availableBytes that the store could still use
   */
  record Room(long capacityBytes, long availableBytes) {}

  /**
   * Looks; may block.
   *
   * @throws java.io.UncheckedIOException if the disk does not answer
   */
  Room measure();
}
