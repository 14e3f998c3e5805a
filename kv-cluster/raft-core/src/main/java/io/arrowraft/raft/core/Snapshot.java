package io.arrowraft.raft.core;

import java.util.Arrays;
import java.util.Objects;

/**
 * The state after applying {@code index}, by name: {@code data} is a small descriptor that the
 * owner understands; the bulk travels outside the message.
 */
public record Snapshot(long index, long term, Membership membership, byte[] data) {
  public Snapshot {
    Objects.requireNonNull(membership, "membership");
    Objects.requireNonNull(data, "data");
    if (index < 1 || term < 1) {
      throw new IllegalArgumentException("a snapshot needs index and term: " + index + ", " + term);
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Snapshot that
        && index == that.index
        && term == that.term
        && membership.equals(that.membership)
        && Arrays.equals(data, that.data);
  }

  @Override
  public int hashCode() {
    return Objects.hash(index, term, membership) * 31 + Arrays.hashCode(data);
  }

  @Override
  public String toString() {
    return "snapshot " + term + "/" + index + " " + membership;
  }
}
