package io.arrowraft.raft;

import io.arrowraft.raft.core.Snapshot;
import io.arrowraft.runtime.Bytes;
import java.util.List;
import java.util.Optional;

/**
 * The state machine behind a group, and what the group must ask it. All methods are called on the
 * group's loop and must not block; they may call the group.
 *
 * @param <P> what the owner attaches to its proposals, to find them again when they commit
 */
public interface GroupOwner<P> {
  /**
   * Entries have committed. The owner applies them in order, after everything handed over before,
   * wherever it likes, and reports by {@link RaftGroup#applied}. Data is empty in the entry with
   * which a leader begins its term. A membership entry that takes effect is reported by {@link
   * RaftGroup#membershipApplied} before its index is reported applied; the owner keeps the
   * resulting membership in the same batch as the applied index.
   */
  void apply(List<CommittedEntry<P>> entries);

  /** An accepted proposal will not be handed to {@link #apply}. */
  void dropped(P proposal, DropReason reason);

  /** The role, the term or the known leader has changed. */
  void roleChanged(GroupRole role);

  /**
   * A snapshot for the peer, or empty while none is ready: the owner then begins to make one, and
   * is asked again later.
   *
   * @param indexMin an older snapshot is of no use
   */
  Optional<Snapshot> snapshot(long peer, long indexMin);

  /**
   * The content of a snapshot that {@link #snapshot} returned. If it is gone meanwhile, the source
   * fails when it is read.
   */
  SnapshotSource open(Snapshot snapshot);

  /**
   * Replaces the state machine by a snapshot whose content has arrived, after everything handed to
   * {@link #apply} before. Resumable: once begun it survives a restart.
   *
   * @param installed to be run when that is durable; on any thread, once
   */
  void install(Snapshot snapshot, Runnable installed);

  /**
   * The group has fallen asleep, or is awake again. While it sleeps it needs no ticks, and relies
   * on being told of stores that do not answer ({@link RaftGroup#suspect}).
   */
  default void restChanged(boolean resting) {}

  /**
   * Another replica is about to read, and this one leads: the owner takes note, and says what
   * stands in the way, if anything does.
   *
   * @param question as passed to {@link RaftGroup#readIndex(byte[], java.util.function.Consumer)}
   */
  default Optional<byte[]> blocksRead(byte[] question) {
    return Optional.empty();
  }

  /** The store on which a peer lives; 0 if unknown, and then messages to it are dropped. */
  long storeOf(long peer);

  /** What the owner wants its peers to see with each message, such as the region's epoch. */
  Bytes envelope();
}
