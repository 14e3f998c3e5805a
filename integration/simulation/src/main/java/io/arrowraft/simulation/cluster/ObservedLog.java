package io.arrowraft.simulation.cluster;

import io.arrowraft.raft.GroupLogState;
import io.arrowraft.raft.LogCache;
import io.arrowraft.raft.LogStore;
import io.arrowraft.raft.LogWrite;
import io.arrowraft.raft.StoredEntries;
import io.arrowraft.raft.core.Entry;
import io.arrowraft.raft.core.EntryType;
import io.arrowraft.raft.core.HardState;
import io.arrowraft.simulation.check.ReplicationHistory;
import io.arrowraft.simulation.world.TraceHash;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.LongFunction;

/** Tells a history what the groups of one process write to their logs, and passes it on. */
final class ObservedLog implements LogStore {
  private record Slot(long term, long hash, boolean changesMembers) {}

  /** Up to where the state machine of a group holds what its log need not hold any more. */
  record Applied(long index, long term) {}

  private static final class Mirror {
    private final TreeMap<Long, Slot> entries = new TreeMap<>();
    private long commit;
    private long truncated;
    private long durableIndex;
    private HardState durablePromises = HardState.INITIAL;

    /** Nothing has been written since the process began. */
    private boolean asFound;
  }

  private final LogStore log;
  private final String replica;
  private final String prefix;
  private final ReplicationHistory history;
  private final LongFunction<Optional<Applied>> applied;
  private final Executor due;
  private final Map<Long, Mirror> mirrors = new TreeMap<>();

  /** By group: replicas that this process has had. */
  private final Map<Long, Set<Long>> replicas = new TreeMap<>();

  /** Those of them that were destroyed. */
  private final Map<Long, Set<Long>> gone = new TreeMap<>();

  /**
   * @param written what the log holds, whatever is wrong with the disk: taken over first
   * @param log opened
   * @param replica who writes
   * @param prefix of the groups' names: groups of the placement driver are not regions
   * @param applied what the state machine of a group holds now
   * @param due runs what follows a wait for the disk when that is over
   */
  ObservedLog(
      LogStore written,
      LogStore log,
      String replica,
      String prefix,
      ReplicationHistory history,
      LongFunction<Optional<Applied>> applied,
      Executor due) {
    this.log = log;
    this.applied = applied;
    this.due = due;
    this.replica = replica;
    this.prefix = prefix;
    this.history = history;
    for (long group : written.groups()) {
      written.load(group).ifPresent(state -> takeOver(written, group, state));
    }
  }

  private void takeOver(LogStore written, long group, GroupLogState state) {
    Mirror mirror = new Mirror();
    mirror.asFound = true;
    mirror.truncated = state.truncatedIndex();
    long first = state.truncatedIndex() + 1;
    if (first <= state.lastIndex()) {
      for (Entry entry : written.entries(group, first, state.lastIndex() + 1, Long.MAX_VALUE)) {
        mirror.entries.put(entry.index(), slot(entry));
      }
    }
    mirrors.put(group, mirror);
    commit(group, mirror, state);
    mirror.durableIndex = state.lastIndex();
    mirror.durablePromises = state.hardState();
  }

  /**
   * What is known of a group's log; null if it has none. A snapshot whose installation was cut off
   * is in the state machine, at the latest when that has recovered, and not in the log: the group
   * goes on as if the log began after it.
   */
  private Mirror mirror(long group) {
    Mirror mirror = mirrors.get(group);
    if (mirror != null && mirror.asFound) {
      applied.apply(group).ifPresent(at -> beginAfter(mirror, at));
    }
    return mirror;
  }

  private static void beginAfter(Mirror mirror, Applied applied) {
    Slot slot = mirror.entries.get(applied.index());
    boolean held =
        applied.index() <= mirror.truncated || (slot != null && slot.term() == applied.term());
    if (!held) {
      mirror.entries.clear();
      mirror.truncated = applied.index();
      mirror.durableIndex = applied.index();
    }
  }

  /** Whether everything up to the index is durable here, or the group has no log here. */
  boolean isDurable(long group, long index) {
    Mirror mirror = mirror(group);
    // What a group begins with is durable in its state machine.
    return mirror == null
        || index <= mirror.durableIndex
        || index <= GroupLogState.BOOTSTRAP.lastIndex();
  }

  /** Whether it is durable here that the peer has this replica's vote, or that the term is over. */
  boolean isVoteDurable(long group, long term, long peer) {
    Mirror mirror = mirrors.get(group);
    if (mirror == null) {
      return true;
    }
    HardState durable = mirror.durablePromises;
    return durable.term() > term || (durable.term() == term && durable.vote() == peer);
  }

  /** A replica was opened here. */
  void opened(long group, long peer) {
    replicas.computeIfAbsent(group, each -> new TreeSet<>()).add(peer);
  }

  /**
   * Whether a replica is gone that was here before: what it promised, and what leaves only now, was
   * true when it did.
   */
  boolean isGone(long group, long peer) {
    return gone.getOrDefault(group, Set.of()).contains(peer);
  }

  /** Whether the entry is in this log, and not compacted. */
  boolean holds(long group, long index) {
    Mirror mirror = mirrors.get(group);
    return mirror != null && mirror.entries.containsKey(index);
  }

  /** Whether the log may change the members of the group after the index. */
  boolean changesMembersAfter(long group, long index) {
    Mirror mirror = mirrors.get(group);
    return mirror != null
        && mirror.entries.tailMap(index, false).values().stream().anyMatch(Slot::changesMembers);
  }

  /** Whether the entry that another log holds is durable here, or behind what is compacted. */
  boolean hasDurable(long group, long index, ObservedLog other) {
    Mirror mirror = mirror(group);
    if (mirror == null) {
      return false;
    }
    return index <= mirror.truncated
        || (index <= mirror.durableIndex
            && other.mirrors.get(group).entries.get(index).equals(mirror.entries.get(index)));
  }

  /** What is known of a group's log, for the text of a violation. */
  String describe(long group) {
    Mirror mirror = mirror(group);
    return mirror == null
        ? "no log"
        : "after %d, to %s, durable to %d, committed to %d"
            .formatted(
                mirror.truncated,
                mirror.entries.isEmpty() ? "nothing" : mirror.entries.lastKey(),
                mirror.durableIndex,
                mirror.commit);
  }

  @Override
  public void submit(LogWrite write) {
    if (write.destroy()) {
      mirrors.remove(write.groupId());
      gone.computeIfAbsent(write.groupId(), each -> new TreeSet<>())
          .addAll(replicas.getOrDefault(write.groupId(), Set.of()));
      log.submit(write);
      return;
    }
    note(write);
    Mirror mirror = mirrors.get(write.groupId());
    log.submit(
        new LogWrite(
            write.groupId(),
            write.state(),
            write.entries(),
            write.deleteFrom(),
            write.deleteTo(),
            false,
            write.sync(),
            () -> due.execute(() -> written(write, mirror))));
  }

  private static void written(LogWrite write, Mirror mirror) {
    if (write.sync()) {
      mirror.durableIndex = write.state().lastIndex();
      mirror.durablePromises = write.state().hardState();
    }
    write.durable().run();
  }

  @Override
  public boolean afterEachBatch(Runnable hook) {
    return log.afterEachBatch(() -> due.execute(hook));
  }

  private void note(LogWrite write) {
    Mirror mirror = mirrors.computeIfAbsent(write.groupId(), each -> new Mirror());
    mirror.asFound = false;
    if (write.deleteFrom() < write.deleteTo()) {
      mirror.entries.subMap(write.deleteFrom(), write.deleteTo()).clear();
    }
    mirror.truncated = write.state().truncatedIndex();
    if (!write.entries().isEmpty()) {
      long first = write.entries().get(0).index();
      mirror.entries.tailMap(first).clear();
      mirror.durableIndex = Math.min(mirror.durableIndex, first - 1);
    }
    for (Entry entry : write.entries()) {
      Slot slot = slot(entry);
      mirror.entries.put(entry.index(), slot);
      history.logged(replica, group(write.groupId()), entry.index(), slot.term(), slot.hash());
      if (entry.index() <= mirror.commit
          && history.contradictsCommitted(
              group(write.groupId()), entry.index(), slot.term(), slot.hash())) {
        history.violation(
            "group %s: %s replaces its committed entry %d"
                .formatted(group(write.groupId()), replica, entry.index()));
      }
    }
    commit(write.groupId(), mirror, write.state());
  }

  private void commit(long group, Mirror mirror, GroupLogState state) {
    long commit = state.hardState().commit();
    if (commit > mirror.commit) {
      mirror
          .entries
          .subMap(mirror.commit, false, commit, true)
          .forEach(
              (index, slot) ->
                  history.committed(replica, group(group), index, slot.term(), slot.hash()));
      mirror.commit = commit;
    }
  }

  private String group(long group) {
    return prefix + group;
  }

  private static Slot slot(Entry entry) {
    TraceHash hash = new TraceHash();
    hash.add(entry.type().ordinal());
    hash.add(entry.data());
    return new Slot(entry.term(), hash.value(), entry.type() == EntryType.MEMBERSHIP);
  }

  @Override
  public Optional<GroupLogState> load(long groupId) {
    return log.load(groupId);
  }

  @Override
  public List<Entry> entries(long groupId, long low, long high, long bytesMax) {
    return log.entries(groupId, low, high, bytesMax);
  }

  @Override
  public List<Long> groups() {
    return log.groups();
  }

  @Override
  public CompletableFuture<StoredEntries> fetch(
      long groupId, long low, long high, long bytesMax, boolean withPrevious) {
    return log.fetch(groupId, low, high, bytesMax, withPrevious);
  }

  @Override
  public LogCache cache() {
    return log.cache();
  }

  @Override
  public double strain() {
    return log.strain();
  }
}
