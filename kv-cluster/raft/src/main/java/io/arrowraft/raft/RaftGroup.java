package io.arrowraft.raft;

import io.arrowraft.raft.core.Entry;
import io.arrowraft.raft.core.Membership;
import io.arrowraft.raft.core.MembershipChange;
import io.arrowraft.raft.core.Message;
import io.arrowraft.raft.core.ProposeResult;
import io.arrowraft.raft.core.RaftNode;
import io.arrowraft.raft.core.RaftRole;
import io.arrowraft.raft.core.RaftStatus;
import io.arrowraft.raft.core.ReadIndexResult;
import io.arrowraft.raft.core.ReadState;
import io.arrowraft.raft.core.Ready;
import io.arrowraft.raft.core.Snapshot;
import io.arrowraft.raft.core.TransferResult;
import io.arrowraft.runtime.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One replica of one group: drives the state machine of {@code raft.core} and does what its {@link
 * Ready} asks. All methods are called on the group's loop, {@link #lease} and {@link #groupId}
 * excepted. What they cause is done once for all calls that were queued on the loop together, so
 * proposals and messages that arrive together share writes and messages.
 *
 * @param <P> what the owner attaches to its proposals
 */
public final class RaftGroup<P> implements GroupMember {
  private static final Logger log = LoggerFactory.getLogger(RaftGroup.class);

  /** Readys handled before other work of the loop gets its turn. */
  private static final int READYS_AT_ONCE = 16;

  private final RaftGroupConfig config;
  private final long groupId;
  private final long peerId;
  private final GroupServices services;
  private final GroupOwner<P> owner;
  private final EventLoop loop;
  private final GroupLog groupLog;
  private final RaftNode node;
  private final WritePipeline writes;
  private final Proposals<P> proposals;
  private final PendingReads reads;
  private final LeaderLease lease;
  private final LeaseRounds leaseRounds;
  private final GroupRest rest;
  private GroupRole role;
  private long ticks;
  private boolean flushQueued;
  private boolean closed;

  /** Whether something here waits for the state machine. Written on the loop. */
  private volatile boolean appliedAwaited = true;

  /** Opens the group from what the log store and the owner have. Reads the log store. */
  public RaftGroup(
      RaftGroupConfig config, GroupStart start, GroupServices services, GroupOwner<P> owner) {
    this.config = config;
    this.services = services;
    this.owner = owner;
    groupId = start.groupId();
    peerId = start.peerId();
    loop = services.loop();
    groupLog =
        new GroupLog(
            start,
            services.logs(),
            config.cacheBytesMax(),
            owner::snapshot,
            new GroupLog.Fetching(loop, this::onFetched));
    node =
        new RaftNode(
            config
                .raft()
                .withPeerId(peerId)
                .withApplied(start.applied())
                .withVotePauseAfterStart(start.ranBefore() && !config.leaseDuration().isZero()),
            groupLog,
            services.random());
    writes = new WritePipeline(services, groupLog, this::install, this::addressed, this::onDurable);
    proposals =
        new Proposals<>(
            owner::dropped,
            since -> services.meters().onCommitted(services.time().nanos() - since));
    reads = new PendingReads(services.random().nextLong());
    lease = new LeaderLease(services.time());
    leaseRounds = new LeaseRounds(lease, config.leaseDuration().toNanos());
    rest = new GroupRest(node, services.time(), config, owner::restChanged);
    role = new GroupRole(node.role(), node.term(), node.leaderId());
    lease.committed(node.committed());
    lease.applied(node.applied());
  }

  public long groupId() {
    return groupId;
  }

  public long peerId() {
    return peerId;
  }

  /** Whether this replica certainly leads; for use by any thread. */
  public LeaderLease lease() {
    return lease;
  }

  public GroupRole role() {
    return role;
  }

  /** The membership in force here. */
  public Membership membership() {
    return node.membership();
  }

  public long applied() {
    return node.applied();
  }

  public long committed() {
    return node.committed();
  }

  /** The first entry still in the log. */
  public long firstIndex() {
    return groupLog.firstIndex();
  }

  public long lastIndex() {
    return groupLog.lastIndex();
  }

  /** The term of an entry that is applied and not compacted, or the last compacted one. */
  public long termOf(long index) {
    return groupLog.term(index);
  }

  /** Entries of the log, durable or not; see {@link RaftNode#entries}. */
  public List<Entry> entries(long low, long high, long bytesMax) {
    return node.entries(low, high, bytesMax);
  }

  public RaftStatus status() {
    return node.status();
  }

  @Override
  public void tick() {
    if (closed) {
      return;
    }
    ticks++;
    groupLog.trim();
    if (rest.onTick(lease.takeUsed() || isBusy())) {
      flushSoon();
      return;
    }
    node.tick();
    reads.expire(ticks - config.readTicksMax());
    if (node.hasReady()) {
      flushSoon();
    }
  }

  private boolean isBusy() {
    return proposals.size() > 0 || reads.size() > 0 || writes.depth() > 0;
  }

  /** Wakes the group, if it sleeps: something is asked of this replica. */
  public void wake() {
    if (node.isResting()) {
      node.wake();
      flushSoon();
    }
  }

  /**
   * How long nothing has been heard of the leader, as far as this replica has ticked; a learner
   * that was removed goes on naming its last leader, and only this tells.
   */
  public Duration silence() {
    return config.tickInterval().multipliedBy(node.silentTicks());
  }

  /** Whether the group sleeps, as far as this replica knows. */
  public boolean isResting() {
    return rest.isResting();
  }

  /** How long the group has slept, as far as this replica knows; nothing if it is awake. */
  public Duration rested() {
    return rest.isResting() ? config.tickInterval().multipliedBy(rest.ticksSlept()) : Duration.ZERO;
  }

  @Override
  public void suspect(long store) {
    if (closed || !node.isResting()) {
      return;
    }
    if (owner.storeOf(node.leaderId()) == store) {
      node.leaderLost(rest.ticksSlept());
    } else if (role.isLeader() && membership().peers().stream().anyMatch(p -> lives(p, store))) {
      // For the placement driver, which asks leaders who is missing.
      node.wake();
    }
    flushSoon();
  }

  private boolean lives(long peer, long store) {
    return owner.storeOf(peer) == store;
  }

  /** Takes a message that the owner has no objection to. */
  @Override
  public void receive(RaftEnvelope envelope) {
    if (envelope.message() instanceof Message.ReadIndexRequest asked
        && asked.context().length > Long.BYTES) {
      onQuestion(asked);
    } else {
      step(envelope.message());
    }
  }

  /** Whatever the owner does to let later writes know of the read comes before its confirmation. */
  private void onQuestion(Message.ReadIndexRequest asked) {
    if (closed || !role.isLeader() || node.role() != RaftRole.LEADER) {
      return;
    }
    Optional<byte[]> answer = owner.blocksRead(PendingReads.restOf(asked.context()));
    byte[] context = PendingReads.withRest(asked.context(), answer.orElseGet(() -> new byte[0]));
    if (answer.isPresent()) {
      lease.committed(node.committed());
      send(
          new Message.ReadIndexResponse(
              peerId, asked.from(), node.term(), node.committed(), context));
    } else {
      step(new Message.ReadIndexRequest(asked.from(), asked.to(), asked.term(), context));
    }
  }

  public void step(Message message) {
    if (closed || message.to() != peerId) {
      return;
    }
    node.step(message);
    flushSoon();
  }

  /**
   * Appends data to the log, if this replica leads.
   *
   * @param data not empty; taken over
   * @param proposal handed back with the committed entry, or to {@link GroupOwner#dropped}
   * @param requiredTerm propose only in this term; 0 for any
   */
  public ProposalResult propose(byte[] data, P proposal, long requiredTerm) {
    ProposalResult refusal = refusal(data.length, requiredTerm);
    return refusal != null ? refusal : track(node.propose(data), proposal);
  }

  /** As {@link #propose}, for a change of membership. */
  public ProposalResult proposeMembership(MembershipChange change, P proposal, long requiredTerm) {
    ProposalResult refusal = refusal(change.context().length, requiredTerm);
    return refusal != null ? refusal : track(node.proposeMembership(change), proposal);
  }

  private ProposalResult refusal(int bytes, long requiredTerm) {
    if (closed) {
      return new ProposalResult.NotLeader(0);
    }
    wake();
    if (bytes > config.entryBytesMax()) {
      return new ProposalResult.TooLarge(bytes, config.entryBytesMax());
    }
    if (requiredTerm != 0 && requiredTerm != node.term()) {
      return new ProposalResult.StaleTerm(requiredTerm, node.term());
    }
    return proposals.size() >= config.proposalsMax()
        ? new ProposalResult.Overloaded(proposals.size())
        : null;
  }

  private ProposalResult track(ProposeResult result, P proposal) {
    services.meters().onProposal(result instanceof ProposeResult.Accepted);
    if (result instanceof ProposeResult.Accepted accepted) {
      proposals.add(accepted.index(), accepted.term(), services.time().nanos(), proposal);
      flushSoon();
    }
    return ProposalResult.of(result, proposals.size());
  }

  /**
   * Asks for a linearizable read, on any replica. {@code done} is told on the loop, once, within
   * {@link RaftGroupConfig#readTicksMax} ticks.
   */
  public void readIndex(Consumer<ReadOutcome> done) {
    readIndex(new byte[0], done);
  }

  /**
   * The same with a question for the leader's owner ({@link GroupOwner#blocksRead}), unless this
   * replica leads.
   */
  public void readIndex(byte[] question, Consumer<ReadOutcome> done) {
    if (closed) {
      done.accept(new ReadOutcome.Closed());
      return;
    }
    if (reads.size() >= config.raft().pendingReadsMax()) {
      done.accept(new ReadOutcome.Overloaded(reads.size()));
      return;
    }
    wake();
    appliedAwaited = true;
    byte[] context = reads.add(ticks, role.isLeader() ? new byte[0] : question, done);
    ReadIndexResult result = node.readIndex(context);
    if (result instanceof ReadIndexResult.NoLeader) {
      reads.fail(context, new ReadOutcome.NoLeader(0));
    } else if (result instanceof ReadIndexResult.TooManyPending tooMany) {
      reads.fail(context, new ReadOutcome.Overloaded(tooMany.pending()));
    } else {
      flushSoon();
    }
  }

  /** Begins an election now, if this replica has promised its vote to nobody. */
  public boolean campaign() {
    boolean begun = !closed && node.campaign();
    flushSoon();
    return begun;
  }

  /** Begins to hand leadership over. The lease ends before anything is sent. */
  public TransferResult transferLeader(long peer) {
    wake();
    TransferResult result = node.transferLeader(peer);
    if (result instanceof TransferResult.Started) {
      leaseRounds.distrust();
      flushSoon();
    }
    return result;
  }

  /** The other replicas are to apply the entry at {@code index} as soon as it is committed. */
  public void announceCommit(long index) {
    node.announceCommit(index);
    flushSoon();
  }

  /** While on, there is no lease: the owner is about to give up what it serves. */
  public void suspendLease(boolean on) {
    leaseRounds.suspend(on);
  }

  /** Whether a snapshot was accepted and is not installed yet. */
  public boolean awaitsSnapshot() {
    return node.awaitsSnapshot();
  }

  /** The state machine has applied everything up to the index. */
  public void applied(long index) {
    if (closed) {
      return;
    }
    node.onApplied(index);
    afterApplied();
  }

  private void afterApplied() {
    long applied = node.applied();
    lease.applied(applied);
    if (role.isLeader() && !leaseRounds.hasAppliedInTerm()) {
      // Asked only until the answer is yes: the entry may be on disk alone.
      leaseRounds.onAppliedInTerm(groupLog.term(applied));
    }
    reads.applied(applied);
    appliedAwaited = reads.size() > 0 || (role.isLeader() && !leaseRounds.hasAppliedInTerm());
    flushSoon();
  }

  /**
   * Whether to report progress of the state machine at once: a read waits for it, or a lease. If
   * not, the report may wait until the loop has something else to do. For use by any thread, after
   * the report was queued: what is decided on the loop afterwards finds it there.
   */
  public boolean awaitsApplied() {
    return appliedAwaited;
  }

  /**
   * A membership entry took effect; to be called before {@link #applied} of its index.
   *
   * @return the membership now in force, equal to the one that the owner has persisted
   */
  public Membership membershipApplied(MembershipChange change) {
    Membership changed = node.applyMembershipChange(change);
    flushSoon();
    return changed;
  }

  /**
   * Forgets the log up to the index. The owner's applied state must be durable that far, so that a
   * restart needs nothing of what is forgotten.
   */
  public void compactTo(long index) {
    if (!closed) {
      groupLog.compact(Math.min(index, node.applied())).ifPresent(services.logs()::submit);
    }
  }

  @Override
  public void reportUnreachable(long peer) {
    if (!closed) {
      node.reportUnreachable(peer);
      flushSoon();
    }
  }

  /** Stops. Accepted proposals and reads are told; nothing is sent or applied any more. */
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    lease.revoke();
    writes.close();
    groupLog.close();
    proposals.dropAll(DropReason.CLOSED);
    reads.failAll(new ReadOutcome.Closed());
  }

  /**
   * Completes on the loop when the group is closed and nothing of it is on its way to the log any
   * more. Whoever opens the group again must wait for it: a vote that is not in the log yet would
   * be forgotten, and given away a second time.
   */
  public CompletableFuture<Void> settled() {
    return writes.settled();
  }

  /**
   * Closes, and deletes the log with its hard state. The owner has made its tombstone durable
   * before, and opens no other replica of the group here until {@code durable} has run.
   */
  public void destroy(Runnable durable) {
    close();
    services.logs().submit(LogWrite.destroy(groupId, durable));
  }

  private void flushSoon() {
    if (!flushQueued && !closed) {
      flushQueued = true;
      loop.execute(this::flush);
    }
  }

  private void flush() {
    flushQueued = false;
    if (!closed) {
      rest.observe(isBusy());
    }
    boolean more = true;
    for (int i = 0; more && i < READYS_AT_ONCE; i++) {
      more = handleNext();
    }
    if (more) {
      flushSoon();
    }
    writes.hurry(isStalled() || reads.size() > 0 || node.awaitsPersisted());
  }

  private boolean handleNext() {
    if (closed || !node.hasReady() || isStalled()) {
      return false;
    }
    handle(node.ready());
    return true;
  }

  /** The disk falls behind: the rest waits in the node, and peers slow down for want of answers. */
  private boolean isStalled() {
    return writes.depth() >= config.writesInFlightMax();
  }

  private void handle(Ready ready) {
    lease.committed(node.committed());
    leaseRounds.onReady(ready, services.time().nanos());
    noteRole(ready);
    ready.messages().forEach(this::send);
    if (!ready.committedEntries().isEmpty()) {
      handOver(ready.committedEntries());
    }
    for (ReadState read : ready.readStates()) {
      reads.confirmed(read.context(), read.index(), node.applied());
    }
    writes.submit(ready);
  }

  private void noteRole(Ready ready) {
    GroupRole now = new GroupRole(ready.role(), ready.term(), ready.leaderId());
    if (now.equals(role)) {
      return;
    }
    GroupRole before = role;
    role = now;
    appliedAwaited = true;
    if (now.role() == RaftRole.CANDIDATE) {
      services.meters().onElection();
    } else if (now.isLeader()) {
      services.meters().onLeadership();
    }
    if (before.isLeader() != now.isLeader()) {
      log.atInfo()
          .addKeyValue("group", groupId)
          .addKeyValue("peer", peerId)
          .addKeyValue("role", now.role())
          .addKeyValue("term", now.term())
          .log("raft role changed");
    }
    boolean sameLeader = now.term() == before.term() && now.leaderPeer() == before.leaderPeer();
    if (!sameLeader) {
      reads.failUnconfirmed(new ReadOutcome.NoLeader(now.leaderPeer()));
    }
    owner.roleChanged(now);
  }

  private void handOver(List<Entry> entries) {
    List<CommittedEntry<P>> committed = new ArrayList<>(entries.size());
    for (Entry entry : entries) {
      committed.add(new CommittedEntry<>(entry, proposals.match(entry)));
    }
    owner.apply(committed);
  }

  private void onFetched(long peer) {
    if (!closed) {
      node.onFetched(peer);
      flushSoon();
    }
  }

  private void onDurable(Ready ready) {
    ready.persist().ifPresent(node::onPersisted);
    if (ready.snapshot().isPresent()) {
      afterApplied();
    }
    flushSoon();
  }

  private void install(Snapshot snapshot, Runnable installed) {
    proposals.dropAll(DropReason.UNKNOWN);
    owner.install(snapshot, installed);
  }

  private void send(Message message) {
    Optional<RaftEnvelope> envelope = addressed(message);
    if (message instanceof Message.InstallSnapshot install) {
      envelope.ifPresentOrElse(
          addressed -> sendSnapshot(addressed, install),
          () -> node.reportSnapshot(message.to(), false));
    } else {
      envelope.ifPresent(services.transport()::send);
    }
  }

  private Optional<RaftEnvelope> addressed(Message message) {
    long store = owner.storeOf(message.to());
    return store == 0
        ? Optional.empty()
        : Optional.of(
            new RaftEnvelope(groupId, services.storeId(), store, message, owner.envelope()));
  }

  private void sendSnapshot(RaftEnvelope envelope, Message.InstallSnapshot install) {
    log.atInfo()
        .addKeyValue("group", groupId)
        .addKeyValue("to", install.to())
        .addKeyValue("index", install.snapshot().index())
        .log("sending a snapshot");
    services
        .transport()
        .sendSnapshot(
            envelope,
            owner.open(install.snapshot()),
            delivered -> loop.execute(() -> snapshotSent(install.to(), delivered)));
  }

  private void snapshotSent(long peer, boolean delivered) {
    if (!closed) {
      node.reportSnapshot(peer, delivered);
      flushSoon();
    }
  }

  /** Where the log begins and what it has promised, for tools and tests. */
  public Optional<GroupLogState> stored() {
    return services.logs().load(groupId);
  }
}
