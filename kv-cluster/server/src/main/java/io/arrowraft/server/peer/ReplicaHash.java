package io.arrowraft.server.peer;

import java.util.Objects;

/**
 * What a replica says of its hash at one index.
 *
 * @param hash of its data; meaningless unless {@code state} is {@link State#KNOWN}
 */
public record ReplicaHash(State state, long hash) {
  public enum State {
    KNOWN,
    /** Not applied that far, or not computed yet. */
    PENDING,
    /** The replica cannot be trusted, and does not serve. */
    DAMAGED,
    /** There is no such replica, or it has got past that index without a hash. */
    UNKNOWN
  }

  public ReplicaHash {
    Objects.requireNonNull(state, "state");
  }

  static ReplicaHash of(State state) {
    return new ReplicaHash(state, 0);
  }
}
