package io.arrowraft.raft;

import io.arrowraft.raft.core.Membership;
import java.util.Objects;

/**
 * What the owner knows when it opens a group.
 *
 * @param peerId this replica, never reused within the group
 * @param membership as of {@code applied}
 * @param applied the index that the owner's state machine has durably applied
 * @param appliedTerm the term of that entry
 * @param newLog the log to begin with if the log store has none: {@link GroupLogState#BOOTSTRAP}
 *     for a first member, {@link GroupLogState#EMPTY} for a newcomer
 * @param ranBefore whether this replica may have run before on this data: then it votes for nobody
 *     within one election timeout, since a lease may rest on what it acknowledged
 */
public record GroupStart(
    long groupId,
    long peerId,
    Membership membership,
    long applied,
    long appliedTerm,
    GroupLogState newLog,
    boolean ranBefore) {
  public GroupStart {
    Objects.requireNonNull(membership, "membership");
    Objects.requireNonNull(newLog, "newLog");
  }

  /** A first member of a new group. */
  public static GroupStart bootstrap(long groupId, long peerId, Membership membership) {
    return new GroupStart(
        groupId,
        peerId,
        membership,
        GroupLogState.BOOTSTRAP.lastIndex(),
        GroupLogState.BOOTSTRAP.truncatedTerm(),
        GroupLogState.BOOTSTRAP,
        false);
  }

  /**
   * A replica that waits for its first snapshot; until it has it, it promises nothing to a lease.
   */
  public static GroupStart newcomer(long groupId, long peerId) {
    return new GroupStart(groupId, peerId, Membership.EMPTY, 0, 0, GroupLogState.EMPTY, false);
  }

  /** A replica that is opened again. */
  public static GroupStart restart(
      long groupId, long peerId, Membership membership, long applied, long appliedTerm) {
    return new GroupStart(
        groupId, peerId, membership, applied, appliedTerm, GroupLogState.BOOTSTRAP, true);
  }
}
