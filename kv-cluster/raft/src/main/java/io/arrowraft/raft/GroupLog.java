package io.arrowraft.raft;

import io.arrowraft.raft.core.Entry;
import io.arrowraft.raft.core.HardState;
import io.arrowraft.raft.core.InitialState;
import io.arrowraft.raft.core.Membership;
import io.arrowraft.raft.core.RaftStorage;
import io.arrowraft.raft.core.Ready;
import io.arrowraft.raft.core.Snapshot;
import io.arrowraft.runtime.EventLoop;
import io.arrowraft.runtime.Invariant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.LongConsumer;

/** One group's view of the shared log: its bounds, and its recent entries in memory. */
final class GroupLog implements RaftStorage {
  /** Where snapshots come from. */
  @FunctionalInterface
  interface Snapshots {
    Optional<Snapshot> snapshot(long peer, long indexMin);
  }

  private final long groupId;
  private final LogStore store;
  private final Membership startMembership;
  private final Snapshots snapshots;
  private final RecentEntries recent;
  private final Fetching fetching;
  private final LogWindows windows = new LogWindows();
  private HardState hardState;
  private long truncatedIndex;
  private long truncatedTerm;
  private long lastIndex;

  /** Entries up to here can be read from the store. */
  private long writtenIndex;

  /** Where entries arrive that had to be read, and who is told that a peer's are there. */
  record Fetching(EventLoop loop, LongConsumer fetched) {}

  GroupLog(
      GroupStart start,
      LogStore store,
      long cacheBytesMax,
      Snapshots snapshots,
      Fetching fetching) {
    this.fetching = fetching;
    groupId = start.groupId();
    this.store = store;
    this.snapshots = snapshots;
    startMembership = start.membership();
    GroupLogState state = store.load(groupId).orElse(start.newLog());
    if (!holdsApplied(state, start)) {
      // Entries are applied only when they are durable here, so this is a snapshot whose
      // installation was cut off after the state machine had it: finish by beginning the log after
      // it.
      HardState kept = state.hardState();
      long term = Math.max(kept.term(), start.appliedTerm());
      state =
          new GroupLogState(
              new HardState(term, term == kept.term() ? kept.vote() : 0, start.applied()),
              start.applied(),
              start.appliedTerm(),
              start.applied());
    }
    hardState = state.hardState();
    truncatedIndex = state.truncatedIndex();
    truncatedTerm = state.truncatedTerm();
    lastIndex = state.lastIndex();
    recent = new RecentEntries(cacheBytesMax, store.cache(), lastIndex);
    writtenIndex = lastIndex;
  }

  /**
   * Whether the entry that was applied last is in the log. One of another term in its place belongs
   * to a log that diverged before the snapshot, and is not committed.
   */
  private boolean holdsApplied(GroupLogState state, GroupStart start) {
    long applied = start.applied();
    if (state.lastIndex() < applied) {
      return false;
    }
    return applied <= state.truncatedIndex()
        || store.entries(groupId, applied, applied + 1, 1).get(0).term() == start.appliedTerm();
  }

  void noteHardState(HardState changed) {
    hardState = changed;
  }

  /** What to write for this Ready. From now on reads see it. */
  LogWrite write(Ready ready, Runnable durable) {
    ready.hardState().ifPresent(this::noteHardState);
    long deleteFrom = 0;
    long deleteTo = 0;
    if (ready.snapshot().isPresent()) {
      Snapshot snapshot = ready.snapshot().get();
      truncatedIndex = snapshot.index();
      truncatedTerm = snapshot.term();
      lastIndex = snapshot.index();
      writtenIndex = snapshot.index();
      deleteTo = Long.MAX_VALUE;
      recent.clear();
      windows.clear();
    }
    if (!ready.entries().isEmpty()) {
      lastIndex = ready.entries().get(ready.entries().size() - 1).index();
      long first = ready.entries().get(0).index();
      if (first <= writtenIndex) {
        writtenIndex = first - 1;
        windows.replacedFrom(first);
      }
      recent.append(ready.entries());
    }
    return new LogWrite(
        groupId, state(), ready.entries(), deleteFrom, deleteTo, false, ready.mustSync(), durable);
  }

  /**
   * Entries up to this one can be read from the store, so memory may forget them. Unless it has
   * been replaced meanwhile: then what is here instead is not written yet.
   */
  void written(Entry last) {
    boolean present =
        last.index() <= lastIndex
            && (last.index() < recent.firstIndex()
                || recent.get(last.index()).term() == last.term());
    if (present) {
      writtenIndex = Math.max(writtenIndex, last.index());
    }
    recent.evictUpTo(writtenIndex);
  }

  /** Lets go of what the store can give back, if all groups together hold too much. */
  void trim() {
    recent.evictUpTo(writtenIndex);
    windows.tick();
  }

  /** The group is closed: what it holds counts no longer. */
  void close() {
    recent.clear();
    windows.clear();
  }

  /** Forgets entries up to the index; empty if there is nothing to forget. */
  Optional<LogWrite> compact(long index) {
    if (index <= truncatedIndex) {
      return Optional.empty();
    }
    Invariant.check(
        index <= lastIndex, "compaction past the log", "index", index, "lastIndex", lastIndex);
    long from = truncatedIndex + 1;
    truncatedTerm = term(index);
    truncatedIndex = index;
    recent.dropUpTo(index);
    return Optional.of(
        new LogWrite(groupId, state(), List.of(), from, index + 1, false, false, () -> {}));
  }

  private GroupLogState state() {
    return new GroupLogState(hardState, truncatedIndex, truncatedTerm, lastIndex);
  }

  @Override
  public InitialState initialState() {
    return new InitialState(hardState, startMembership);
  }

  @Override
  public List<Entry> entries(long low, long high, long bytesMax) {
    List<Entry> result = new ArrayList<>();
    long bytes = 0;
    if (low < recent.firstIndex()) {
      long storedEnd = Math.min(high, recent.firstIndex());
      result.addAll(windows.entries(low, storedEnd, bytesMax));
      if (result.isEmpty()) {
        result.addAll(store.entries(groupId, low, storedEnd, bytesMax));
      }
      Invariant.check(
          !result.isEmpty() && result.get(0).index() == low,
          "the log store lost entries",
          "group",
          groupId,
          "low",
          low,
          "high",
          high);
      if (result.size() < storedEnd - low) {
        return result;
      }
      bytes = Entry.sizeBytes(result);
    }
    for (long index = Math.max(low, recent.firstIndex()); index < high; index++) {
      Entry entry = recent.get(index);
      bytes += entry.sizeBytes();
      if (bytes > bytesMax && !result.isEmpty()) {
        break;
      }
      result.add(entry);
    }
    return result;
  }

  @Override
  public long term(long index) {
    if (index == truncatedIndex) {
      return truncatedTerm;
    }
    if (index >= recent.firstIndex()) {
      return recent.get(index).term();
    }
    long read = windows.term(index);
    return read != 0 ? read : entries(index, index + 1, 1).get(0).term();
  }

  @Override
  public boolean fetch(long peer, long low, long bytesMax) {
    if (low >= recent.firstIndex()) {
      windows.drop(peer);
      return true;
    }
    if (windows.covers(peer, low)) {
      return true;
    }
    if (!windows.begin(peer)) {
      return false;
    }
    long generation = windows.generation();
    CompletableFuture<StoredEntries> reading =
        store.fetch(groupId, low, recent.firstIndex(), bytesMax, low - 1 > truncatedIndex);
    if (reading.isDone() && !reading.isCompletedExceptionally()) {
      windows.end(peer, generation, reading.join());
      return true;
    }
    reading.whenComplete(
        (stored, failure) ->
            fetching.loop().execute(() -> fetched(peer, low, generation, stored, failure)));
    return false;
  }

  private void fetched(
      long peer, long low, long generation, StoredEntries stored, Throwable failure) {
    windows.end(peer, generation, stored);
    if (failure == null) {
      fetching.fetched().accept(peer);
    } else if (!(failure instanceof RejectedExecutionException)
        && generation == windows.generation()
        && low - 1 > truncatedIndex) {
      // Neither replaced nor compacted meanwhile: it cannot be read.
      throw failure instanceof RuntimeException known ? known : new IllegalStateException(failure);
    }
  }

  @Override
  public long firstIndex() {
    return truncatedIndex + 1;
  }

  @Override
  public long lastIndex() {
    return lastIndex;
  }

  @Override
  public Optional<Snapshot> snapshot(long peer, long indexMin) {
    return snapshots.snapshot(peer, indexMin);
  }
}
