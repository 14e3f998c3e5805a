package io.arrowraft.pd.replication;

import io.arrowraft.pd.state.CommandCodec;
import io.arrowraft.pd.state.NotLeaderException;
import io.arrowraft.pd.state.PdCommand;
import io.arrowraft.pd.state.PdResult;
import io.arrowraft.pd.state.PdState;
import io.arrowraft.pd.state.StateLog;
import io.arrowraft.proto.pd.MemberIdentity;
import io.arrowraft.proto.pd.MemberRecord;
import io.arrowraft.raft.CommittedEntry;
import io.arrowraft.raft.DropReason;
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
import io.arrowraft.raft.core.Membership;
import io.arrowraft.raft.core.MembershipChange;
import io.arrowraft.raft.core.Message;
import io.arrowraft.raft.core.Snapshot;
import io.arrowraft.raft.core.TransferResult;
import io.arrowraft.raft.grpc.RpcPeerTransport;
import io.arrowraft.raft.grpc.RpcTransportOptions;
import io.arrowraft.runtime.Async;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.runtime.Environment;
import io.arrowraft.runtime.EventLoop;
import io.arrowraft.runtime.WorkerPool;
import io.arrowraft.runtime.rpc.RpcClient;
import io.arrowraft.storage.engine.Engine;
import java.time.Duration;
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

  /** A transfer ends with another leader or is given up within one election timeout. */
  private static final Duration HAND_OVER_BOUND = Duration.ofSeconds(3);

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
  private final AppliedState applied;
  private final OutgoingSnapshots outgoing;
  private final IncomingSnapshots incoming;
  private volatile long memberId;
  private RpcPeerTransport transport;
  private RaftGroup<CompletableFuture<PdResult>> group;
  private MemberIdentity identity = MemberIdentity.getDefaultInstance();
  private CompletableFuture<Void> handingOver;
  private long leadingTerm;

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
    this.incoming = new IncomingSnapshots(records, writer);
    this.applied = new AppliedState(state, records, writer, incoming, this::membersChanged);
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
    return new MemberOpening(ports, config, state, records, writer, around)
        .open(logs, GROUP_ID)
        // The future may be complete before anybody listens: then this would run on the caller.
        .thenAcceptAsync(this::start, loop::execute);
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
      applied.end();
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
    if (leadingTerm == 0 || !transferTo(peer)) {
      return CompletableFuture.completedFuture(null);
    }
    if (handingOver == null) {
      handingOver = new CompletableFuture<>();
    }
    return Async.within(
        handingOver,
        HAND_OVER_BOUND,
        loop,
        () -> new NotLeaderException("nobody has taken leadership over in time"));
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

  private void start(MemberOpening.Opened opened) {
    identity = opened.identity();
    memberId = identity.getMemberId();
    Membership membership =
        opened.mark().map(StateRecordStore.Mark::membership).orElse(Membership.EMPTY);
    GroupStart start = opened.stored().groupStart(GROUP_ID, memberId, opened.mark());
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
    applied.begin(group, membership, start.applied());
    raft.add(
        GROUP_ID,
        new ClusterGate(group, this::clusterId, incoming, addresses::hear, this::dropUnwanted));
    raft.start();
    boolean alone = membership.peers().size() == 1;
    // One of those that begin together does not wait for a timeout.
    boolean first =
        !opened.stored().ranBefore()
            && !membership.peers().isEmpty()
            && membership.peers().first() == memberId;
    if (alone || first) {
      group.campaign();
    }
  }

  private void membersChanged() {
    addresses.publish(state.members());
    Membership membership = applied.membership();
    boolean removed = !membership.peers().isEmpty() && !membership.contains(memberId);
    // As tasks of their own: the group is in the middle of something.
    loop.execute(removed ? this::retire : around::membersChanged);
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

  private void dropUnwanted() {
    if (group == null || !group.awaitsSnapshot()) {
      incoming.drop();
    }
  }

  /** What the group asks of its state machine. */
  private final class Owner implements GroupOwner<CompletableFuture<PdResult>> {
    @Override
    public void apply(List<CommittedEntry<CompletableFuture<PdResult>>> entries) {
      applied.apply(entries);
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
      applied.install(snapshot, installed);
    }

    @Override
    public long storeOf(long peer) {
      return peer;
    }

    @Override
    public Bytes envelope() {
      return ClusterGate.mark(clusterId(), around.address());
    }
  }
}
