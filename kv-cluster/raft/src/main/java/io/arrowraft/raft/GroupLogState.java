package io.arrowraft.raft;

import io.arrowraft.raft.core.HardState;
import io.arrowraft.raft.core.RaftStorage;
import java.util.Objects;

/**
 * All that a log store keeps for a group besides its entries.
 *
 * @param truncatedIndex entries up to here are gone; their effect is in the state machine
 * @param truncatedTerm the term of the entry there
 * @param lastIndex the last entry; at least {@code truncatedIndex}. Entries stored above it are
 *     leftovers of a truncation and do not exist
 */
public record GroupLogState(
    HardState hardState, long truncatedIndex, long truncatedTerm, long lastIndex) {
  /** The log of a newcomer, to be filled by a snapshot. */
  public static final GroupLogState EMPTY = new GroupLogState(HardState.INITIAL, 0, 0, 0);

  /** The log of one of the first members of a group. */
  public static final GroupLogState BOOTSTRAP =
      startingAt(RaftStorage.BOOTSTRAP_INDEX, RaftStorage.BOOTSTRAP_TERM);

  public GroupLogState {
    Objects.requireNonNull(hardState, "hardState");
    if (truncatedIndex < 0 || truncatedTerm < 0 || lastIndex < truncatedIndex) {
      throw new IllegalArgumentException(
          "bad log bounds: " + truncatedIndex + "/" + truncatedTerm + ".." + lastIndex);
    }
  }

  /** An empty log after the given entry. */
  public static GroupLogState startingAt(long index, long term) {
    return new GroupLogState(new HardState(term, 0, index), index, term, index);
  }
}
