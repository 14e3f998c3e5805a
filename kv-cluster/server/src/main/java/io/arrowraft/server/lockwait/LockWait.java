package io.arrowraft.server.lockwait;

import io.arrowraft.runtime.Deadline;
import java.util.Objects;

/**
 * A wish to wait.
 *
 * @param edge who waits for whom, and where
 * @param regionId the region of the key
 * @param deadline when the wait ends at the latest
 * @param detect whether a deadlock is possible: not for a transaction that has locked nothing yet
 * @param releasesBefore of the key, as counted before the request was evaluated that met the lock
 */
public record LockWait(
    WaitFor edge, long regionId, Deadline deadline, boolean detect, long releasesBefore) {
  public LockWait {
    Objects.requireNonNull(edge, "edge");
    Objects.requireNonNull(deadline, "deadline");
  }
}
