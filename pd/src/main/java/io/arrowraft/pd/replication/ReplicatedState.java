package io.arrowraft.pd.replication;

import com.google.protobuf.UnsafeByteOperations;
import io.arrowraft.pd.state.Applied;
import io.arrowraft.pd.state.CommandCodec;
import io.arrowraft.pd.state.NotLeaderException;
import io.arrowraft.pd.state.PdCommand;
import io.arrowraft.pd.state.PdResult;
import io.arrowraft.pd.state.PdState;
import io.arrowraft.pd.state.StateLog;
import io.arrowraft.pd.state.StateWrite;
import io.arrowraft.raft.CommittedEntry;
import io.arrowraft.raft.DropReason;
import io.arrowraft.raft.GroupLogState;
import io.arrowraft.raft.GroupOwner;
import io.arrowraft.raft.GroupRole;
import io.arrowraft.raft.GroupServices;
import io.arrowraft.raft.GroupStart;
import io.arrowraft.raft.LogStore;
import io.arrowraft.raft.MultiRaft;
import io.arrowraft.raft.ProposalResult;
import io.arrowraft.raft.RaftGroup;
import io.arrowraft.raft.RaftGroupConfig;
import io.arrowraft.raft.RaftMeters;
import io.arrowraft.raft.SnapshotSource;
import io.arrowraft.raft.core.Entry;
import io.arrowraft.raft.core.EntryType;
import io.arrowraft.raft.core.Membership;
import io.arrowraft.raft.core.Snapshot;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.runtime.Environment;
import io.arrowraft.runtime.EventLoop;
import io.arrowraft.runtime.InvariantViolation;
import io.arrowraft.runtime.WorkerPool;
import io.arrowraft.storage.engine.Engine;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * The state machine behind the placement driver's Raft group, and the log that its parts propose
 * to.
 */
public final class ReplicatedState implements StateLog {
  /** The group's id: the first that no region can have, as regions take theirs from the id pool. */
  private static final long GROUP_ID = Long.MAX_VALUE;

  /** Entries between two compactions of the log. */
  private static final long COMPACT_EVERY = 1000;

  private final PdState state;
  private final long memberId;
  private final EventLoop loop;
  private final Environment environment;
  private final LogStore logs;
  private final StateRecordStore records;
  private final WorkerPool pool;
  private final MultiRaft raft;
  private final RaftGroupConfig config = RaftGroupConfig.defaults();
  private final Consumer<Boolean> leadership;
  private RaftGroup<CompletableFuture<PdResult>> group;
  private long leadingTerm;
  private long compactedTo;
  private boolean compacting;

  /**
   * @param state filled by {@link #open}
   * @param pool for what blocks
   * @param leadership told on the loop when this member gains or loses leadership
   */
  public ReplicatedState(
      PdState state,
      long memberId,
      Environment environment,
      EventLoop loop,
      WorkerPool pool,
      Storage storage,
      Consumer<Boolean> leadership) {
    this.state = state;
    this.memberId = memberId;
    this.environment = environment;
    this.loop = loop;
    this.pool = pool;
    this.logs = storage.logs();
    this.records = new StateRecordStore(storage.data());
    this.leadership = leadership;
    this.raft =
        new MultiRaft(
            MultiRaft.Config.defaults(config.tickInterval()),
            List.of(loop),
            envelope -> {
              throw new InvariantViolation(
                  "a message for another group came to the placement driver",
                  "group",
                  envelope.groupId());
            });
  }

  /** Where a member keeps its log and its state; both belong to whoever opened them. */
  public record Storage(LogStore logs, Engine data) {}

  /** Loads the state, opens the group and stands for election. */
  public CompletableFuture<Void> open() {
    CompletableFuture<Void> opened = new CompletableFuture<>();
    pool.execute(
        () -> {
          try {
            List<StateWrite> loaded = records.records();
            Optional<StateRecordStore.Position> applied = records.applied();
            boolean ranBefore = logs.load(GROUP_ID).isPresent();
            loop.execute(
                () -> {
                  try {
                    start(loaded, applied, ranBefore);
                    opened.complete(null);
                  } catch (RuntimeException unreadable) {
                    opened.completeExceptionally(unreadable);
                  }
                });
          } catch (RuntimeException unreadable) {
            opened.completeExceptionally(unreadable);
          }
        });
    return opened;
  }

  /** Ends the group; proposals that are under way fail. */
  public void close() {
    loop.requireInLoop();
    raft.close();
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
    if (group == null) {
      return CompletableFuture.failedFuture(new NotLeaderException("this member is not running"));
    }
    CompletableFuture<PdResult> result = new CompletableFuture<>();
    ProposalResult proposed = group.propose(CommandCodec.encode(command).toByteArray(), result, 0);
    if (proposed instanceof ProposalResult.Refused refused) {
      result.completeExceptionally(new NotLeaderException("the log refused: " + refused));
    }
    return result;
  }

  private void start(
      List<StateWrite> loaded, Optional<StateRecordStore.Position> applied, boolean ranBefore) {
    loaded.forEach(record -> state.load(record.key(), record.value()));
    StateRecordStore.Position from =
        applied.orElse(
            new StateRecordStore.Position(
                GroupLogState.BOOTSTRAP.lastIndex(), GroupLogState.BOOTSTRAP.truncatedTerm()));
    compactedTo = from.index();
    GroupStart start =
        new GroupStart(
            GROUP_ID,
            memberId,
            Membership.ofVoters(memberId),
            from.index(),
            from.term(),
            GroupLogState.BOOTSTRAP,
            ranBefore);
    GroupServices services =
        new GroupServices(
            loop,
            environment.time(),
            environment.random().generator("pd-raft"),
            logs,
            new NoPeers(),
            memberId,
            new RaftMeters(environment.meters()));
    group = new RaftGroup<>(config, start, services, new Owner());
    raft.add(GROUP_ID, group);
    raft.start();
    group.campaign();
  }

  private void apply(List<CommittedEntry<CompletableFuture<PdResult>>> entries) {
    List<StateWrite> writes = new ArrayList<>();
    List<Runnable> answers = new ArrayList<>();
    StateRecordStore.Position last = null;
    for (CommittedEntry<CompletableFuture<PdResult>> committed : entries) {
      Entry entry = committed.entry();
      last = new StateRecordStore.Position(entry.index(), entry.term());
      if (entry.type() != EntryType.NORMAL) {
        throw new InvariantViolation(
            "the placement driver's group changes its members", "index", entry.index());
      }
      if (entry.data().length == 0) {
        continue;
      }
      Applied applied =
          state.apply(CommandCodec.decode(UnsafeByteOperations.unsafeWrap(entry.data())));
      writes.addAll(applied.writes());
      committed.proposal().ifPresent(p -> answers.add(() -> p.complete(applied.result())));
    }
    if (last == null) {
      return;
    }
    records.save(writes, last);
    group.applied(last.index());
    answers.forEach(Runnable::run);
    compact();
  }

  private void compact() {
    if (compacting || group == null || group.applied() - compactedTo < COMPACT_EVERY) {
      return;
    }
    compacting = true;
    long upTo = group.applied();
    pool.execute(
        () -> {
          records.sync();
          loop.execute(
              () -> {
                compacting = false;
                compactedTo = upTo;
                if (group != null) {
                  group.compactTo(upTo);
                }
              });
        });
  }

  private void roleChanged(GroupRole role) {
    boolean leads = role.isLeader();
    if (leads && leadingTerm != role.term()) {
      if (leadingTerm != 0) {
        leadership.accept(false);
      }
      leadingTerm = role.term();
      leadership.accept(true);
    } else if (!leads && leadingTerm != 0) {
      leadingTerm = 0;
      leadership.accept(false);
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
      throw new InvariantViolation("a group of one has nobody to send a snapshot", "peer", peer);
    }

    @Override
    public SnapshotSource open(Snapshot snapshot) {
      throw new InvariantViolation("a group of one has nobody to send a snapshot");
    }

    @Override
    public void install(Snapshot snapshot, Runnable installed) {
      throw new InvariantViolation("a group of one has nobody to get a snapshot from");
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
}
