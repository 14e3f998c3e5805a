package io.arrowraft.simulation.fault;

/** What can go wrong beside the messages that a network loses by itself. */
public enum FaultKind {
  /** A store loses power, with what it had not synced. */
  CRASH_STORE,
  /** A store's process is killed; its disks keep everything. */
  KILL_STORE,
  /** All stores lose power at once. */
  CRASH_ALL_STORES,
  /** The placement driver loses power. */
  CRASH_PLACEMENT,
  /** A client dies in the middle of its operations. */
  CRASH_CLIENT,
  /** A store stops running for a while, some for longer than a lease. */
  PAUSE_STORE,
  /** The placement driver stops running for a while. */
  PAUSE_PLACEMENT,
  /** One loop or pool of a store or of the placement driver waits for long, as for a disk. */
  STALL_WORKER,
  /** What one machine sends to another one is lost. */
  CUT_LINK,
  /** A store and the other stores lose each other; clients reach them all. */
  SEPARATE_STORE,
  /** A store and all other machines lose each other. */
  ISOLATE_STORE,
  /** The stores and the placement driver lose each other. */
  ISOLATE_PLACEMENT,
  /** A wall clock jumps. */
  SKEW_WALL,
  /** A monotonic clock runs too fast or too slowly, within what leases allow for. */
  DRIFT_CLOCK
}
