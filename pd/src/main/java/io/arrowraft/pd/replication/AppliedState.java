package io.arrowraft.pd.replication;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import io.arrowraft.pd.state.Applied;
import io.arrowraft.pd.state.CommandCodec;
import io.arrowraft.pd.state.CorruptStateException;
import io.arrowraft.pd.state.PdCommand;
import io.arrowraft.pd.state.PdResult;
import io.arrowraft.pd.state.PdState;
import io.arrowraft.pd.state.StateWrite;
import io.arrowraft.proto.pd.MemberRecord;
import io.arrowraft.raft.CommittedEntry;
import io.arrowraft.raft.RaftGroup;
import io.arrowraft.raft.core.Entry;
import io.arrowraft.raft.core.EntryType;
import io.arrowraft.raft.core.Membership;
import io.arrowraft.raft.core.MembershipChange;
import io.arrowraft.raft.core.Snapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Applies committed entries and snapshots to the state and its records. Lives on the loop. */
final class AppliedState {
  /** Entries between two compactions of the log. */
  private static final long COMPACT_EVERY = 1000;

  /** Applied entries that are kept for members that lag a little. */
  private static final long KEEP_BEHIND = 1000;

  private final PdState state;
  private final StateRecordStore records;
  private final StateWriter writer;
  private final IncomingSnapshots incoming;
  private final Runnable membersChanged;
  private RaftGroup<CompletableFuture<PdResult>> group;
  private Membership membership = Membership.EMPTY;
  private long compactedTo;
  private boolean compacting;

  /**
   * @param membersChanged run after something of the members, or the cluster's id, has changed
   */
  AppliedState(
      PdState state,
      StateRecordStore records,
      StateWriter writer,
      IncomingSnapshots incoming,
      Runnable membersChanged) {
    this.state = state;
    this.records = records;
    this.writer = writer;
    this.incoming = incoming;
    this.membersChanged = membersChanged;
  }

  /** The group is open, with everything up to {@code applied} applied. */
  void begin(RaftGroup<CompletableFuture<PdResult>> opened, Membership current, long applied) {
    group = opened;
    membership = current;
    compactedTo = applied;
  }

  /** The group is closed. */
  void end() {
    group = null;
  }

  /** The membership as of the last applied entry. */
  Membership membership() {
    return membership;
  }

  void apply(List<CommittedEntry<CompletableFuture<PdResult>>> entries) {
    if (entries.isEmpty()) {
      return;
    }
    List<StateWrite> writes = new ArrayList<>();
    List<Runnable> answers = new ArrayList<>();
    boolean hadCluster = state.clusterId() != 0;
    boolean changed = false;
    for (CommittedEntry<CompletableFuture<PdResult>> committed : entries) {
      Entry entry = committed.entry();
      PdResult result = new PdResult.Done();
      if (entry.type() == EntryType.MEMBERSHIP) {
        writes.addAll(applyMembership(MembershipChange.decode(entry.data())));
        changed = true;
      } else if (entry.data().length > 0) {
        PdCommand command = CommandCodec.decode(UnsafeByteOperations.unsafeWrap(entry.data()));
        Applied applied = state.apply(command);
        writes.addAll(applied.writes());
        result = applied.result();
        changed |=
            command instanceof PdCommand.MoveMember || command instanceof PdCommand.RankMember;
      }
      PdResult answer = result;
      committed.proposal().ifPresent(p -> answers.add(() -> p.complete(answer)));
    }
    Entry last = entries.get(entries.size() - 1).entry();
    RaftGroup<CompletableFuture<PdResult>> applying = group;
    writer.save(
        writes,
        new StateRecordStore.Mark(
            new StateRecordStore.Position(last.index(), last.term()), membership),
        () -> {
          applying.applied(last.index());
          answers.forEach(Runnable::run);
          compact();
        });
    if (changed || hadCluster != (state.clusterId() != 0)) {
      membersChanged.run();
    }
  }

  private List<StateWrite> applyMembership(MembershipChange change) {
    membership = group.membershipApplied(change);
    List<StateWrite> writes = new ArrayList<>();
    for (MembershipChange.Step step : change.steps()) {
      if (step.kind() == MembershipChange.StepKind.REMOVE) {
        writes.add(state.removeMember(step.peer()));
      } else if (change.context().length > 0) {
        writes.add(state.putMember(member(change.context())));
      }
    }
    return writes;
  }

  private static MemberRecord member(byte[] context) {
    try {
      return MemberRecord.parseFrom(context);
    } catch (InvalidProtocolBufferException malformed) {
      throw new CorruptStateException(
          "a membership change of the log holds no member: " + malformed.getMessage());
    }
  }

  /** Replaces the state by a snapshot whose content has arrived. */
  void install(Snapshot snapshot, Runnable installed) {
    StateRecordStore.Mark mark =
        new StateRecordStore.Mark(
            new StateRecordStore.Position(snapshot.index(), snapshot.term()),
            snapshot.membership());
    incoming.install(
        snapshot,
        mark,
        arrived -> {
          state.become(arrived);
          membership = snapshot.membership();
          compactedTo = snapshot.index();
          installed.run();
          membersChanged.run();
        });
  }

  private void compact() {
    if (compacting
        || group == null
        || group.applied() - KEEP_BEHIND - compactedTo < COMPACT_EVERY) {
      return;
    }
    compacting = true;
    long upTo = group.applied() - KEEP_BEHIND;
    writer.run(
        records::sync,
        () -> {
          compacting = false;
          compactedTo = Math.max(compactedTo, upTo);
          if (group != null) {
            group.compactTo(upTo);
          }
        });
  }
}
