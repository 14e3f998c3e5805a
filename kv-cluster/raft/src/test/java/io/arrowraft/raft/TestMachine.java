package io.arrowraft.raft;

import io.arrowraft.raft.core.EntryType;
import io.arrowraft.raft.core.Membership;
import io.arrowraft.raft.core.MembershipChange;
import io.arrowraft.raft.core.Snapshot;
import io.arrowraft.runtime.Bytes;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A state machine that is the list of what it applied. */
final class TestMachine implements GroupOwner<String> {
  private record Saved(
      List<String> values, Membership membership, long applied, long appliedTerm) {}

  private final TestNetwork network;
  private final List<String> values = new ArrayList<>();
  private final List<String> committedProposals = new ArrayList<>();
  private final List<String> droppedProposals = new ArrayList<>();
  private RaftGroup<String> group;
  private Membership membership = Membership.EMPTY;
  private long applied;
  private long appliedTerm;

  /** What is durable; everything while null. */
  private Saved saved;

  TestMachine(TestNetwork network) {
    this.network = network;
  }

  void open(RaftGroupConfig config, GroupStart start, GroupServices services) {
    membership = start.membership();
    applied = start.applied();
    appliedTerm = start.appliedTerm();
    group = new RaftGroup<>(config, start, services, this);
  }

  GroupStart restartOf(long groupId, long peerId) {
    if (saved != null) {
      values.clear();
      values.addAll(saved.values());
      membership = saved.membership();
      applied = saved.applied();
      appliedTerm = saved.appliedTerm();
    }
    return applied == 0
        ? GroupStart.newcomer(groupId, peerId)
        : GroupStart.restart(groupId, peerId, membership, applied, appliedTerm);
  }

  /** From now on only this much survives a restart. */
  void keepOnDisk() {
    saved = new Saved(List.copyOf(values), membership, applied, appliedTerm);
  }

  RaftGroup<String> group() {
    return group;
  }

  List<String> values() {
    return values;
  }

  List<String> committedProposals() {
    return committedProposals;
  }

  List<String> droppedProposals() {
    return droppedProposals;
  }

  ProposalResult propose(String value) {
    return group.propose(value.getBytes(StandardCharsets.UTF_8), value, 0);
  }

  @Override
  public void apply(List<CommittedEntry<String>> entries) {
    for (CommittedEntry<String> committed : entries) {
      committed.proposal().ifPresent(committedProposals::add);
      applied = committed.entry().index();
      appliedTerm = committed.entry().term();
      if (committed.entry().type() == EntryType.MEMBERSHIP) {
        membership = group.membershipApplied(MembershipChange.decode(committed.entry().data()));
      } else if (committed.entry().data().length > 0) {
        values.add(new String(committed.entry().data(), StandardCharsets.UTF_8));
      }
    }
    group.applied(applied);
  }

  @Override
  public void dropped(String proposal, DropReason reason) {
    droppedProposals.add(proposal + " " + reason);
  }

  @Override
  public void roleChanged(GroupRole role) {}

  @Override
  public Optional<Snapshot> snapshot(long peer, long indexMin) {
    return Optional.of(new Snapshot(applied, appliedTerm, membership, new byte[0]));
  }

  @Override
  public SnapshotSource open(Snapshot snapshot) {
    Iterator<String> content = List.copyOf(values).iterator();
    return new SnapshotSource() {
      @Override
      public CompletionStage<Optional<byte[]>> next() {
        return CompletableFuture.completedFuture(
            content.hasNext()
                ? Optional.of(content.next().getBytes(StandardCharsets.UTF_8))
                : Optional.empty());
      }

      @Override
      public void close() {}
    };
  }

  static String nameOf(Snapshot snapshot) {
    return snapshot.term() + "/" + snapshot.index();
  }

  @Override
  public void install(Snapshot snapshot, Runnable installed) {
    values.clear();
    values.addAll(network.arrivedContent(nameOf(snapshot)));
    membership = snapshot.membership();
    applied = snapshot.index();
    appliedTerm = snapshot.term();
    installed.run();
  }

  @Override
  public long storeOf(long peer) {
    return peer;
  }

  @Override
  public Bytes envelope() {
    return Bytes.EMPTY;
  }
}
