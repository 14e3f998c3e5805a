package io.arrowraft.storage.mvcc;

import io.arrowraft.runtime.Bytes;
import java.util.List;

/**
 * Why a scan stopped. The rows it appended before are valid in every case. A resume key is a user
 * key: the inclusive start of what is left, or for a reverse scan its exclusive end.
 */
public sealed interface ScanResult {
  /** The batch took all it may, and there is more. */
  record Full(Bytes resumeKey) implements ScanResult {}

  /** Nothing is left in the range. */
  record Exhausted() implements ScanResult {}

  /**
   * The next key is locked. The first lock is on it; others further on are reported with it, so
   * that they can be resolved together.
   */
  record Locked(List<LockedKey> locks, Bytes resumeKey) implements ScanResult {
    public Locked {
      locks = List.copyOf(locks);
    }
  }

  /** The caller lost interest. */
  record Cancelled(Bytes resumeKey) implements ScanResult {}
}
