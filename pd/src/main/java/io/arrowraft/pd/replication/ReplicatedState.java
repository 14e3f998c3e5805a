package io.arrowraft.pd.replication;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import io.arrowraft.pd.state.Applied;
import io.arrowraft.pd.state.CommandCodec;
import io.arrowraft.pd.state.CorruptStateException;
import io.arrowraft.pd.state.NotLeaderException;
import io.arrowraft.pd.state.PdCommand;
import io.arrowraft.pd.state.PdResult;
import io.arrowraft.pd.state.PdState;
import io.arrowraft.pd.state.StateLog;
import io.arrowraft.pd.state.StateWrite;
import io.arrowraft.proto.pd.MemberIdentity;
import io.arrowraft.proto.pd.MemberRecord;
import io.arrowraft.raft.CommittedEntry;
import io.arrowraft.raft.DropReason;
import io.arrowraft.raft.GroupMember;
import io.arrowraft.raft.GroupOwner;
import io.arrowraft.raft.GroupRole;
import io.arrowraft.raft.GroupServices;
import io.arrowraft.raft.GroupStart;
import io.arrowraft.raft.LogStore;
import io.arrowraft.raft.MultiRaft;
import io.arrowraft.raft.ProposalResult;
import io.arrowraft.raft.RaftEnvelope;
import io.arrowraft.raft.RaftGroup;
import io.arrowraft.raft.RaftMeters;
import io.arrowraft.raft.RaftReceiver;
import io.arrowraft.raft.SnapshotSink;
import io.arrowraft.raft.SnapshotSource;
import io.arrowraft.raft.core.Entry;
import io.arrowraft.raft.core.EntryType;
import io.arrowraft.raft.core.Membership;
import io.arrowraft.raft.core.MembershipChange;
import io.arrowraft.raft.core.Message;
import io.arrowraft.raft.core.Snapshot;
import io.arrowraft.raft.core.TransferResult;
import io.arrowraft.raft.grpc.RpcPeerTransport;
import io.arrowraft.raft.grpc.RpcTransportOptions;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.runtime.Environment;
import io.arrowraft.runtime.EventLoop;
import io.arrowraft.runtime.WorkerPool;
import io.arrowraft.runtime.rpc.RpcClient;
import io.arrowraft.storage.engine.Engine;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * The state machine behind the placement driver's Raft group, and the log that its parts propose
 * to.
 */
public final class ReplicatedState implements StateLog, MemberLog {
  /** The group's id: the first that no region can have, as regions take theirs from the id pool. */
  private static final long GROUP_ID = Long.MAX_VALUE;

  /** Entries between two compactions of the log. */
  private static final long COMPACT_EVERY = 1000;

  /** Applied entries that are kept for members that lag a little. */
  private static final long KEEP_BEHIND = 1000;

  private final PdState state;
  private final GroupConfig config;
  private final Ports ports;
  private final EventLoop loop;
  private final LogStore logs;
  private final StateRecordStore records;
  private final StateWriter writer;
  private final Surroundings around;
  private final MultiRaft raft;
  private final MemberAddresses addresses;
  private final OutgoingSnapshots outgoing;
  private final IncomingSnapshots incoming = new IncomingSnapshots();
  private volatile long memberId;
  private RpcPeerTransport transport;
  private RaftGroup<CompletableFuture<PdResult>> group;
  private Membership membership = Membership.EMPTY;
  private MemberIdentity identity = MemberIdentity.getDefaultInstance();
  private CompletableFuture<Void> handingOver;
  private long leadingTerm;
  private long compactedTo;
  private boolean compacting;

  /** Where a member keeps its log and its state; both belong to whoever opened them. */
  public record Storage(LogStore logs, Engine data) {}

  /**
   * With what a member works.
   *
   * @param loop owns the state
   * @param pool for what blocks
   * @param client reaches the other members
   */
  public record Ports(Environment environment, EventLoop loop, WorkerPool pool, RpcClient client) {}

  /**
   * @param state filled by {@link #open}
   */
  public ReplicatedState(
      PdState state, GroupConfig config, Ports ports, Storage storage, Surroundings around) {
    this.state = state;
    this.config = config;
    this.ports = ports;
    this.loop = ports.loop();
    this.logs = storage.logs();
    this.around = around;
    this.records = new StateRecordStore(storage.data());
    this.writer =
        new StateWriter(
            records,
            loop,
            ports.environment().loops().newLoop("pd-state"),
            ports.environment().faults());
    this.addresses = new MemberAddresses(config.initialCluster());
    this.outgoing = new OutgoingSnapshots(records, loop, ports.pool());
    this.raft =
        new MultiRaft(
            MultiRaft.Config.defaults(config.raft().tickInterval()),
            List.of(loop),
            // Meant for a group that is not open yet, or not any more: the sender repeats it.
            envelope -> {});
  }

  /**
   * Loads the state, joins if that is due, and opens the group. Fails if the state cannot be read
   * or this member has been removed.
   */
  public CompletableFuture<Void> open() {
    CompletableFuture<Void> opened = new CompletableFuture<>();
    ports
        .pool()
        .execute(
            () -> {
              try {
                StoredMember stored = StoredMember.load(records, logs, GROUP_ID);
                loop.execute(() -> begin(stored, opened));
              } catch (RuntimeException unreadable) {
                opened.completeExceptionally(unreadable);
              }
            });
    return opened;
  }

  /** Ends the group; proposals that are under way fail. Done when nothing more is written. */
  public CompletableFuture<Void> close() {
    loop.requireInLoop();
    raft.close();
    closeGroup();
    outgoing.close();
    if (transport != null) {
      transport.close();
    }
    CompletableFuture<Void> written = new CompletableFuture<>();
    writer.run(() -> {}, () -> written.complete(null));
    return written;
  }

  private void closeGroup() {
    if (group != null) {
      raft.remove(GROUP_ID);
      group.close();
      group = null;
    }
  }

  @Override
  public boolean leads() {
    return group != null && group.lease().term() != 0;
  }

  @Override
  public CompletableFuture<PdResult> propose(PdCommand command) {
    loop.requireInLoop();
    CompletableFuture<PdResult> result = new CompletableFuture<>();
    return group == null
        ? notRunning(result)
        : settled(group.propose(CommandCodec.encode(command).toByteArray(), result, 0), result);
  }

  @Override
  public CompletableFuture<PdResult> change(
      MembershipChange.StepKind kind, long peer, MemberRecord member) {
    loop.requireInLoop();
    CompletableFuture<PdResult> result = new CompletableFuture<>();
    if (group == null) {
      return notRunning(result);
    }
    byte[] context = member == null ? new byte[0] : member.toByteArray();
    return settled(
        group.proposeMembership(MembershipChange.simple(kind, peer, context), result, 0), result);
  }

  private static CompletableFuture<PdResult> notRunning(CompletableFuture<PdResult> result) {
    result.completeExceptionally(new NotLeaderException("this member is not running"));
    return result;
  }

  private static CompletableFuture<PdResult> settled(
      ProposalResult proposed, CompletableFuture<PdResult> result) {
    if (proposed instanceof ProposalResult.Refused refused) {
      result.completeExceptionally(new NotLeaderException("the log refused: " + refused));
    }
    return result;
  }

  @Override
  public Optional<GroupView> view() {
    loop.requireInLoop();
    return group == null ? Optional.empty() : Optional.of(new GroupView(memberId, group.status()));
  }

  @Override
  public long memberId() {
    return memberId;
  }

  @Override
  public long clusterId() {
    return state.clusterId() != 0 ? state.clusterId() : identity.getClusterId();
  }

  @Override
  public boolean transferTo(long peer) {
    loop.requireInLoop();
    return group != null && group.transferLeader(peer) instanceof TransferResult.Started;
  }

  @Override
  public CompletableFuture<Void> handOver(long peer) {
    if (handingOver == null) {
      handingOver = new CompletableFuture<>();
    }
    CompletableFuture<Void> done = handingOver;
    if (leadingTerm == 0 || !transferTo(peer)) {
      handingOver = null;
      done.complete(null);
    }
    return done;
  }

  /** Takes what other members send. */
  public RaftReceiver receiver() {
    return new RaftReceiver() {
      @Override
      public void receive(RaftEnvelope envelope) {
        raft.receive(envelope);
      }

      @Override
      public Optional<SnapshotSink> receiveSnapshot(RaftEnvelope envelope) {
        if (!(envelope.message() instanceof Message.InstallSnapshot install)) {
          return Optional.empty();
        }
        Optional<SnapshotSink> sink = incoming.accept(install.snapshot());
        if (sink.isEmpty()) {
          loop.execute(ReplicatedState.this::dropUnwanted);
        }
        return sink;
      }
    };
  }

  @Override
  public void retire() {
    loop.requireInLoop();
    if (group == null) {
      return;
    }
    closeGroup();
    identity = identity.toBuilder().setRemoved(true).build();
    MemberIdentity kept = identity;
    writer.run(() -> records.begin(kept, List.of(), Optional.empty()), around::removed);
  }

  private void begin(StoredMember stored, CompletableFuture<Void> opened) {
    try {
      stored.records().forEach(record -> state.load(record.key(), record.value()));
      identity = stored.identity().orElse(identity);
      if (identity.getRemoved()) {
        throw new IllegalStateException(
            "this member has been removed from its cluster; empty its directory to let it join as a new one");
      }
      if (stored.needsToJoin(config)) {
        askToJoin(stored, opened);
      } else if (stored.needsToBegin()) {
        StoredMember.Beginning first = stored.beginning(config, state, around.address());
        identity = first.identity();
        writer.run(
            () -> records.begin(first.identity(), first.records(), Optional.of(first.mark())),
            () -> start(stored, Optional.of(first.mark()), opened));
      } else {
        start(
            stored,
            stored
                .applied()
                .flatMap(at -> stored.membership().map(m -> new StateRecordStore.Mark(at, m))),
            opened);
      }
    } catch (RuntimeException unreadable) {
      opened.completeExceptionally(unreadable);
    }
  }

  private void askToJoin(StoredMember stored, CompletableFuture<Void> opened) {
    if (identity.getJoinToken() == 0) {
      long token = ports.environment().random().generator("pd-join").nextLong(1, Long.MAX_VALUE);
      identity = MemberIdentity.newBuilder().setJoinToken(token).build();
    }
    MemberIdentity asking = identity;
    writer.run(
        () -> records.begin(asking, List.of(), Optional.empty()),
        () ->
            around
                .join(asking.getJoinToken())
                .whenComplete(
                    (admission, failure) ->
                        loop.execute(() -> joined(stored, admission, failure, opened))));
  }

  private void joined(
      StoredMember stored,
      Surroundings.Admission admission,
      Throwable failure,
      CompletableFuture<Void> opened) {
    if (failure != null) {
      opened.completeExceptionally(failure);
      return;
    }
    identity = admission.identity();
    List<StateWrite> known = admission.members().stream().map(state::putMember).toList();
    writer.run(
        () -> records.begin(admission.identity(), known, Optional.empty()),
        () -> start(stored, Optional.empty(), opened));
  }

  private void start(
      StoredMember stored, Optional<StateRecordStore.Mark> mark, CompletableFuture<Void> opened) {
    try {
      memberId = identity.getMemberId();
      membership = mark.map(StateRecordStore.Mark::membership).orElse(Membership.EMPTY);
      GroupStart start = stored.groupStart(GROUP_ID, memberId, mark);
      compactedTo = start.applied();
      addresses.publish(state.members());
      transport =
          new RpcPeerTransport(
              memberId,
              RpcTransportOptions.defaults(),
              ports.environment().loops().newLoop("pd-peers"),
              ports.client(),
              addresses,
              raft::unreachable);
      GroupServices services =
          new GroupServices(
              loop,
              ports.environment().time(),
              ports.environment().random().generator("pd-raft"),
              logs,
              transport,
              memberId,
              new RaftMeters(ports.environment().meters()));
      group = new RaftGroup<>(config.raft(), start, services, new Owner());
      raft.add(GROUP_ID, new Gate(group));
      raft.start();
      // One of those that begin together, so that the others need not wait for a timeout.
      boolean first =
          !stored.ranBefore()
              && membership.peers().stream().findFirst().equals(Optional.of(memberId));
      if (first || membership.peers().size() == 1) {
        group.campaign();
      }
      opened.complete(null);
    } catch (RuntimeException unreadable) {
      opened.completeExceptionally(unreadable);
    }
  }

  private void apply(List<CommittedEntry<CompletableFuture<PdResult>>> entries) {
    List<StateWrite> writes = new ArrayList<>();
    List<Runnable> answers = new ArrayList<>();
    StateRecordStore.Position last = null;
    boolean hadCluster = state.clusterId() != 0;
    boolean membersChanged = false;
    for (CommittedEntry<CompletableFuture<PdResult>> committed : entries) {
      Entry entry = committed.entry();
      last = new StateRecordStore.Position(entry.index(), entry.term());
      PdResult result = new PdResult.Done();
      if (entry.type() == EntryType.MEMBERSHIP) {
        writes.addAll(applyMembership(MembershipChange.decode(entry.data())));
        membersChanged = true;
      } else if (entry.data().length > 0) {
        PdCommand command = CommandCodec.decode(UnsafeByteOperations.unsafeWrap(entry.data()));
        Applied applied = state.apply(command);
        writes.addAll(applied.writes());
        result = applied.result();
        membersChanged |=
            command instanceof PdCommand.MoveMember || command instanceof PdCommand.RankMember;
      }
      PdResult answer = result;
      committed.proposal().ifPresent(p -> answers.add(() -> p.complete(answer)));
    }
    if (last == null) {
      return;
    }
    RaftGroup<CompletableFuture<PdResult>> applying = group;
    StateRecordStore.Mark mark = new StateRecordStore.Mark(last, membership);
    writer.save(
        writes,
        mark,
        () -> {
          applying.applied(mark.position().index());
          answers.forEach(Runnable::run);
          compact();
        });
    if (membersChanged || hadCluster != (state.clusterId() != 0)) {
      membersChanged();
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

  private void membersChanged() {
    addresses.publish(state.members());
    boolean removed = !membership.peers().isEmpty() && !membership.contains(memberId);
    // As tasks of their own: the group is in the middle of something.
    loop.execute(removed ? this::retire : around::membersChanged);
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
          compactedTo = upTo;
          if (group != null) {
            group.compactTo(upTo);
          }
        });
  }

  private void roleChanged(GroupRole role) {
    boolean leads = role.isLeader();
    if (leads && leadingTerm != role.term()) {
      if (leadingTerm != 0) {
        around.leadershipChanged(false);
      }
      leadingTerm = role.term();
      around.leadershipChanged(true);
    } else if (!leads && leadingTerm != 0) {
      leadingTerm = 0;
      outgoing.reset();
      around.leadershipChanged(false);
    }
    if (!leads && handingOver != null) {
      handingOver.complete(null);
      handingOver = null;
    }
    loop.execute(around::membersChanged);
  }

  private void install(Snapshot snapshot, Runnable installed) {
    IncomingSnapshots.Content content = incoming.take(snapshot);
    StateRecordStore.Mark mark =
        new StateRecordStore.Mark(
            new StateRecordStore.Position(snapshot.index(), snapshot.term()),
            snapshot.membership());
    writer.run(
        () -> records.replace(content.records(), mark),
        () -> {
          state.become(content.state());
          membership = snapshot.membership();
          compactedTo = snapshot.index();
          installed.run();
          membersChanged();
        });
  }

  private void dropUnwanted() {
    if (group == null || !group.awaitsSnapshot()) {
      incoming.drop();
    }
  }

  private Bytes clusterMark() {
    return Bytes.wrap(ByteBuffer.allocate(Long.BYTES).putLong(clusterId()).array());
  }

  /** Keeps out what another cluster sends, and snapshots whose content is not here. */
  private final class Gate implements GroupMember {
    private final RaftGroup<CompletableFuture<PdResult>> inner;

    Gate(RaftGroup<CompletableFuture<PdResult>> inner) {
      this.inner = inner;
    }

    @Override
    public void tick() {
      inner.tick();
    }

    @Override
    public void receive(RaftEnvelope envelope) {
      byte[] mark = envelope.owner().unsafeArray();
      long theirs = mark.length == Long.BYTES ? ByteBuffer.wrap(mark).getLong() : 0;
      if (theirs != 0 && clusterId() != 0 && theirs != clusterId()) {
        return;
      }
      if (envelope.message() instanceof Message.InstallSnapshot install) {
        if (incoming.has(install.snapshot())) {
          inner.receive(envelope);
          dropUnwanted();
        }
        return;
      }
      inner.receive(envelope);
    }

    @Override
    public void reportUnreachable(long peer) {
      inner.reportUnreachable(peer);
    }
  }

  /** What the group asks of its state machine. */
  private final class Owner implements GroupOwner<CompletableFuture<PdResult>> {
    @Override
    public void apply(List<CommittedEntry<CompletableFuture<PdResult>>> entries) {
      ReplicatedState.this.apply(entries);
    }

    @Override
    public void dropped(CompletableFuture<PdResult> proposal, DropReason reason) {
      proposal.completeExceptionally(new NotLeaderException("the command was dropped: " + reason));
    }

    @Override
    public void roleChanged(GroupRole role) {
      ReplicatedState.this.roleChanged(role);
    }

    @Override
    public Optional<Snapshot> snapshot(long peer, long indexMin) {
      return outgoing.snapshot(indexMin);
    }

    @Override
    public SnapshotSource open(Snapshot snapshot) {
      return outgoing.open(snapshot);
    }

    @Override
    public void install(Snapshot snapshot, Runnable installed) {
      ReplicatedState.this.install(snapshot, installed);
    }

    @Override
    public long storeOf(long peer) {
      return peer;
    }

    @Override
    public Bytes envelope() {
      return clusterMark();
    }
  }
}
