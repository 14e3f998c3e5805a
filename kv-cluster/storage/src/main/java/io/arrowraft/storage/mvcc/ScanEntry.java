package io.arrowraft.storage.mvcc;

import io.arrowraft.runtime.Bytes;

/** One element of a scan that goes on past locks. */
public sealed interface ScanEntry {
  /** A row that the view sees; the value is empty in a key-only scan. */
  record Row(Bytes key, Bytes value) implements ScanEntry {}

  /** A key that cannot be read before its lock is resolved. */
  record Blocked(LockedKey locked) implements ScanEntry {}
}
