package io.arrowraft.raft.core;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * All that a node wants done since the last one. It is accepted by being returned: the node hands
 * out nothing twice. The fields, and what must be durable before what:
 *
 * <ul>
 *   <li>{@code messages} may leave at once, before anything in this Ready is durable: a leader's
 *       appends, heartbeats, pre-vote requests. They should leave in order; the protocol tolerates
 *       loss, reordering and duplication.
 *   <li>{@code snapshot}, {@code hardState} and {@code entries} are to be written, in one batch or
 *       in this order. The snapshot's state replaces the owner's state and the whole log; entries
 *       replace whatever the log holds at their first index and above. Writes of successive Readys
 *       reach the disk in order.
 *   <li>{@code persist}, when present, names that write. When the write, <em>all earlier ones</em>,
 *       and (if there is a snapshot) its installation in the state machine are durable, first send
 *       {@code messagesAfterPersist}, then call {@link RaftNode#onPersisted}. Every name is handed
 *       back once, in order, even if the Ready had nothing to write.
 *   <li>{@code mustSync} says whether that write needs a sync. It does not when only the commit
 *       index moved: then there may be no {@code persist} at all, and the hard state may ride on a
 *       later write. A restarted node may therefore know an older commit index than the one it once
 *       acted upon; it serves no read before it has caught up, because a leader confirms reads only
 *       after an entry of its own, new term.
 *   <li>{@code messagesAfterPersist} are votes, vote requests and append acknowledgements:
 *       promises, which must not leave before what they promise is durable.
 *   <li>{@code committedEntries} are to be applied, in order, after those of earlier Readys and
 *       after any earlier snapshot. They are durable already, and limited in bytes; report progress
 *       by {@link RaftNode#onApplied}. The state machine may become durable whenever it likes, as
 *       long as the log is not compacted past its durable part.
 *   <li>{@code readStates} are confirmed reads, to be served once the applied index has reached
 *       theirs.
 *   <li>{@code roundStarted} is the heartbeat round that begins with this Ready, 0 for none: note
 *       the monotonic time <em>before</em> sending its messages. {@code leaseRound} is the latest
 *       round that a quorum has acknowledged, 0 for none: each of them promised, when it received
 *       that round, to elect nobody for one election timeout. A leader's lease runs from the noted
 *       time of that round. It drops to 0 when leadership is being transferred and after a
 *       membership change.
 *   <li>{@code role}, {@code leaderId} and {@code term} describe the node now; they need no action.
 * </ul>
 */
public record Ready(
    RaftRole role,
    long leaderId,
    long term,
    Optional<HardState> hardState,
    List<Entry> entries,
    Optional<Snapshot> snapshot,
    List<Message> messages,
    List<Message> messagesAfterPersist,
    Optional<Persisted> persist,
    boolean mustSync,
    List<Entry> committedEntries,
    List<ReadState> readStates,
    long roundStarted,
    long leaseRound) {
  public Ready {
    Objects.requireNonNull(role, "role");
    entries = List.copyOf(entries);
    messages = List.copyOf(messages);
    messagesAfterPersist = List.copyOf(messagesAfterPersist);
    committedEntries = List.copyOf(committedEntries);
    readStates = List.copyOf(readStates);
    if (persist.isEmpty() && (mustSync || !messagesAfterPersist.isEmpty())) {
      throw new InvariantViolation("a Ready must name the write that it waits for");
    }
  }
}
