package io.arrowraft.client.region;

/** How a request to one region ended, short of failure. */
public sealed interface RegionOutcome<R> {
  /** The region answered. */
  record Answer<R>(R response) implements RegionOutcome<R> {}

  /** The region is no longer what the caller thought: look up its keys again. */
  record Moved<R>(String reason) implements RegionOutcome<R> {}
}
