package io.arrowraft.server.region;

import java.util.Optional;

/**
 * What a leader is asked before it lets another replica read: only the leader knows what stands in
 * the way outside of the log (correctness rule 37). Called on the region's loop, on a leader,
 * before the read index is confirmed by its peers; must not block.
 */
@FunctionalInterface
public interface ReadGuard {
  /**
   * @param question what the reader is about to read, in the words of whoever made this guard
   * @return what stands in the way, for the reader; empty if nothing does
   */
  Optional<byte[]> check(byte[] question);
}
