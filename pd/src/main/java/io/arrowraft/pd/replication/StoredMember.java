package io.arrowraft.pd.replication;

import io.arrowraft.pd.state.PdState;
import io.arrowraft.pd.state.StateWrite;
import io.arrowraft.proto.pd.MemberIdentity;
import io.arrowraft.proto.pd.MemberRecord;
import io.arrowraft.raft.GroupLogState;
import io.arrowraft.raft.GroupStart;
import io.arrowraft.raft.LogStore;
import io.arrowraft.raft.core.Membership;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/**
 * What a member finds of itself when it starts.
 *
 * @param ranBefore whether its log has ever been written
 */
record StoredMember(
    Optional<MemberIdentity> identity,
    Optional<StateRecordStore.Position> applied,
    Optional<Membership> membership,
    List<StateWrite> records,
    boolean ranBefore) {
  /** The id in directories that hold no identity: only groups of one have written such. */
  private static final long UNNAMED_ID = 1;

  private static final StateRecordStore.Position START =
      new StateRecordStore.Position(
          GroupLogState.BOOTSTRAP.lastIndex(), GroupLogState.BOOTSTRAP.truncatedTerm());

  /** Blocks. */
  static StoredMember load(StateRecordStore records, LogStore logs, long groupId) {
    return new StoredMember(
        records.identity(),
        records.applied(),
        records.membership(),
        records.records(),
        logs.load(groupId).isPresent());
  }

  /** Whether this member still has to be given an id by the cluster that it joins. */
  boolean needsToJoin(GroupConfig config) {
    return identity
        .map(known -> known.getMemberId() == 0)
        .orElse(applied.isEmpty() && !config.join().isEmpty());
  }

  /** Whether this member is one that begins a group, or has begun one. */
  boolean needsToBegin() {
    return identity.isEmpty();
  }

  /** Up to where the state holds; empty for a newcomer that has none yet. */
  Optional<StateRecordStore.Mark> mark() {
    return applied.flatMap(at -> membership.map(m -> new StateRecordStore.Mark(at, m)));
  }

  /** What a member begins with. */
  record Beginning(MemberIdentity identity, List<StateWrite> records, StateRecordStore.Mark mark) {}

  /**
   * The state before the first entry, the same at all members that begin together; or, in a
   * directory of a group of one that knew no other, what it lacks.
   *
   * @param state takes the members
   * @param address of this member
   */
  Beginning beginning(GroupConfig config, PdState state, String address) {
    if (applied.isPresent()) {
      StateWrite self = state.putMember(member(UNNAMED_ID, config.name(), address));
      return new Beginning(
          identity(UNNAMED_ID),
          List.of(self),
          new StateRecordStore.Mark(applied.get(), Membership.ofVoters(UNNAMED_ID)));
    }
    List<InitialMember> members =
        config.initialCluster().isEmpty()
            ? List.of(new InitialMember(config.name(), address))
            : config.initialCluster();
    List<StateWrite> writes = new ArrayList<>();
    TreeSet<Long> voters = new TreeSet<>();
    long self = 0;
    for (InitialMember each : members) {
      writes.add(state.putMember(member(each.id(), each.name(), each.address())));
      voters.add(each.id());
      if (each.name().equals(config.name())) {
        self = each.id();
      }
    }
    return new Beginning(
        identity(self), writes, new StateRecordStore.Mark(START, Membership.of(voters, List.of())));
  }

  /** How the group is opened at {@code mark}; empty: nothing has been applied yet. */
  GroupStart groupStart(long groupId, long self, Optional<StateRecordStore.Mark> mark) {
    return mark.map(
            at ->
                new GroupStart(
                    groupId,
                    self,
                    at.membership(),
                    at.position().index(),
                    at.position().term(),
                    GroupLogState.BOOTSTRAP,
                    ranBefore))
        .orElseGet(() -> GroupStart.newcomer(groupId, self));
  }

  private static MemberIdentity identity(long id) {
    return MemberIdentity.newBuilder().setMemberId(id).build();
  }

  private static MemberRecord member(long id, String name, String address) {
    return MemberRecord.newBuilder().setId(id).setName(name).setAddress(address).build();
  }
}
