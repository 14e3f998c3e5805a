package io.arrowraft.simulation.fault;

/** What can go wrong beside the messages that a network loses by itself. */
public enum FaultKind {
  /** A store loses power, with what it had not synced. */
  CRASH_STORE,
  /** A store's process is killed; its disks keep everything. */
  KILL_STORE,
  /** All stores lose power at once. */
  CRASH_ALL_STORES,
  /** Stores and the placement driver lose power at once. */
  CRASH_EVERYTHING,
  /** A member of the placement driver loses power. */
  CRASH_PLACEMENT,
  /** A client dies in the middle of its operations. */
  CRASH_CLIENT,
  /** A store is stopped in order, after it has handed its leaderships over, and started again. */
  RESTART_STORE,
  /** A member of the placement driver is stopped in order and started again. */
  RESTART_PLACEMENT,
  /** A client stops running for a while, some for longer than their locks and definitions hold. */
  PAUSE_CLIENT,
  /** A store stops running for a while, some for longer than a lease. */
  PAUSE_STORE,
  /** A member of the placement driver stops running for a while. */
  PAUSE_PLACEMENT,
  /** One loop or pool of a store or of the placement driver waits for long, as for a disk. */
  STALL_WORKER,
  /** The syncs of one disk take 1 to 60 seconds, mostly few. */
  STALL_DISK,
  /** The syncs of one disk fail; the process has to stop, and is started again. */
  FAIL_SYNCS,
  /** A machine has no room left; the process has to stop, and is started again and again. */
  FILL_DISKS,
  /** A store's engine is behind with its background work, so that writes are slowed or refused. */
  PRESS_ENGINE,
  /** Bits turn over in a replica's data or log, all of them on one store at a time. */
  TURN_BITS,
  /** What one machine sends to another one is lost. */
  CUT_LINK,
  /** A store and the other stores lose each other; clients reach them all. */
  SEPARATE_STORE,
  /** A store and all other machines lose each other. */
  ISOLATE_STORE,
  /** The stores and the placement driver lose each other. */
  ISOLATE_PLACEMENT,
  /** A member of the placement driver and the other members lose each other. */
  SEPARATE_PLACEMENT,
  /** The stores, and with one part the placement driver, are cut in two. */
  HALVE,
  /** Each store reaches its two neighbours alone. */
  RING,
  /** A store is heard by nobody, or hears nobody. */
  ONE_WAY,
  /** A wall clock jumps. */
  SKEW_WALL,
  /** A wall clock jumps to and fro. */
  STROBE_WALL,
  /** A monotonic clock runs too fast or too slowly, within what leases allow for. */
  DRIFT_CLOCK
}
