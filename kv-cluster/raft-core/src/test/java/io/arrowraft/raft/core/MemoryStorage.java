package io.arrowraft.raft.core;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A log in memory. What is written here counts as durable. */
final class MemoryStorage implements RaftStorage {
  private final ArrayList<Entry> entries = new ArrayList<>();
  private HardState hardState = HardState.INITIAL;
  private Membership membership;
  private long truncatedIndex;
  private long truncatedTerm;
  private Snapshot snapshot;

  MemoryStorage(Membership membership) {
    this.membership = membership;
    if (!membership.equals(Membership.EMPTY)) {
      truncatedIndex = BOOTSTRAP_INDEX;
      truncatedTerm = BOOTSTRAP_TERM;
      snapshot = new Snapshot(truncatedIndex, truncatedTerm, membership, new byte[0]);
    }
  }

  void write(Ready ready) {
    ready.snapshot().ifPresent(this::install);
    ready.hardState().ifPresent(this::setHardState);
    append(ready.entries());
  }

  void setHardState(HardState state) {
    hardState = state;
  }

  void setMembership(Membership changed) {
    membership = changed;
  }

  void append(List<Entry> tail) {
    if (tail.isEmpty()) {
      return;
    }
    long from = tail.get(0).index();
    if (from > lastIndex() + 1 || from < firstIndex()) {
      throw new IllegalStateException("append at " + from + " after " + lastIndex());
    }
    entries.subList((int) (from - firstIndex()), entries.size()).clear();
    entries.addAll(tail);
  }

  void install(Snapshot installed) {
    entries.clear();
    truncatedIndex = installed.index();
    truncatedTerm = installed.term();
    membership = installed.membership();
    snapshot = installed;
  }

  /** Makes a snapshot at the index and drops the log up to it. */
  void compact(long index, byte[] data) {
    snapshot = new Snapshot(index, term(index), membership, data);
    truncate(index);
  }

  /** Drops the log up to the index; the snapshot stays as old as it is. */
  void truncate(long index) {
    long term = term(index);
    entries.subList(0, (int) (index - truncatedIndex)).clear();
    truncatedIndex = index;
    truncatedTerm = term;
  }

  HardState hardState() {
    return hardState;
  }

  Snapshot latestSnapshot() {
    return snapshot;
  }

  @Override
  public InitialState initialState() {
    return new InitialState(hardState, membership);
  }

  @Override
  public List<Entry> entries(long low, long high, long bytesMax) {
    List<Entry> result = new ArrayList<>();
    long bytes = 0;
    for (long index = low; index < high; index++) {
      Entry entry = entries.get((int) (index - firstIndex()));
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
    return index == truncatedIndex
        ? truncatedTerm
        : entries.get((int) (index - firstIndex())).term();
  }

  @Override
  public long firstIndex() {
    return truncatedIndex + 1;
  }

  @Override
  public long lastIndex() {
    return truncatedIndex + entries.size();
  }

  /** Whatever snapshot there is, also one that is too old: that the core has to see itself. */
  @Override
  public Optional<Snapshot> snapshot(long peer, long indexMin) {
    return Optional.ofNullable(snapshot);
  }
}
