package io.arrowraft.raft.core;

import java.util.List;
import java.util.Optional;

/**
 * The core's view of the durable log. It only reads, and only what it was told is durable: entries
 * above that live in the core until {@link RaftNode#onPersisted}. Appending entries at index {@code
 * i} removes all at {@code i} and above.
 */
public interface RaftStorage {
  /**
   * Where the log of a new group begins: its first members start with a log compacted up to this
   * index. A newcomer's log begins at 0, so the leader has no entry for it to start from and must
   * send a snapshot, which is how the newcomer learns who the members are.
   */
  long BOOTSTRAP_INDEX = 5;

  /** The term of the entry at {@link #BOOTSTRAP_INDEX}, and the least term of a group. */
  long BOOTSTRAP_TERM = 5;

  InitialState initialState();

  /**
   * The entries {@code [low, high)}, cut short when {@code bytesMax} is passed but never before the
   * first one. The core asks only inside {@code [firstIndex, lastIndex]}.
   */
  List<Entry> entries(long low, long high, long bytesMax);

  /**
   * Whether the entries from {@code low} on, which a peer wants, can be read without waiting for
   * the disk. If not, the storage begins to read them, and whoever drives the core calls {@link
   * RaftNode#onFetched} once they are there; until then the core sends the peer none.
   */
  default boolean fetch(long peer, long low, long bytesMax) {
    return true;
  }

  /**
   * The term of an entry in {@code [firstIndex - 1, lastIndex]}; the one below the first index is
   * the last compacted one, 0 for a log never compacted.
   */
  long term(long index);

  /** The first index kept; 1 in a log never compacted. */
  long firstIndex();

  /** The last index kept; {@code firstIndex - 1} when the log is empty. */
  long lastIndex();

  /**
   * A snapshot for {@code peer}, or empty while none is ready, in which case the core asks again
   * later.
   *
   * @param indexMin the snapshot must not be older, or the log after it is already gone
   */
  Optional<Snapshot> snapshot(long peer, long indexMin);
}
