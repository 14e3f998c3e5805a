package io.arrowraft.server.gc;

/** What has become of a transaction, to somebody who met one of its locks. */
sealed interface Fate {
  /** Committed: its other locks are to be committed at the same timestamp. */
  record Committed(long commitTs) implements Fate {}

  /** Rolled back, before or just now. */
  record RolledBack() implements Fate {}

  /** Of a pessimistic lock: it protects nothing any more, and goes without a record. */
  record Unlocked() implements Fate {}

  /** Under way, or not known to be over. */
  record Alive() implements Fate {}
}
