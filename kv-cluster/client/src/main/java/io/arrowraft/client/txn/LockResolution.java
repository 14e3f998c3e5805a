package io.arrowraft.client.txn;

import java.util.Set;

/**
 * What became of the locks that stood in the way.
 *
 * @param passable start timestamps whose locks a read at the caller's timestamp may pass, since
 *     they cannot commit before it any more
 * @param alive the owner that must be waited for, described; empty if there is none
 */
record LockResolution(Set<Long> passable, String alive) {
  boolean mustWait() {
    return !alive.isEmpty();
  }
}
