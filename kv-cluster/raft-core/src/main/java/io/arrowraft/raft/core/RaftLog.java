package io.arrowraft.raft.core;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * The whole log: the durable part in storage and the tail in memory, with the commit and apply
 * cursors.
 */
final class RaftLog {
  /** The term of an index that is compacted or not there yet. */
  static final long UNKNOWN = -1;

  private record Page(long lastIndex, long bytes) {}

  private final RaftStorage storage;
  private final UnstableTail unstable;
  private final ArrayDeque<Page> applyingPages = new ArrayDeque<>();
  private long applyingBytes;
  private long committed;
  private long applying;
  private long applied;

  RaftLog(RaftStorage storage, long committed, long applied) {
    this.storage = storage;
    unstable = new UnstableTail(storage.lastIndex() + 1);
    // The state machine may have become durable after the last hard state that tells of the commit.
    this.committed = Math.max(committed, applied);
    this.applied = applied;
    applying = applied;
    InvariantViolation.check(
        applied >= storage.firstIndex() - 1,
        "the log was compacted past what the state machine has",
        applied,
        storage.firstIndex());
    InvariantViolation.check(
        this.committed <= storage.lastIndex(),
        "the log ends before its commit index",
        storage.lastIndex(),
        this.committed);
  }

  long committed() {
    return committed;
  }

  long applied() {
    return applied;
  }

  long firstIndex() {
    return unstable.snapshot() != null ? unstable.snapshot().index() + 1 : storage.firstIndex();
  }

  long lastIndex() {
    return unstable.lastIndex();
  }

  long lastTerm() {
    return term(lastIndex());
  }

  /** The term at the index, or {@link #UNKNOWN}. */
  long term(long index) {
    if (index < firstIndex() - 1 || index > lastIndex()) {
      return UNKNOWN;
    }
    long term = unstable.term(index);
    return term != UNKNOWN ? term : storage.term(index);
  }

  boolean matches(long index, long term) {
    return term != UNKNOWN && term(index) == term;
  }

  boolean isUpToDate(long index, long term) {
    return term > lastTerm() || (term == lastTerm() && index >= lastIndex());
  }

  /** Entries from {@code low}, at least one if there is any, cut at the byte limit. */
  List<Entry> entriesFrom(long low, long bytesMax) {
    return low > lastIndex() ? List.of() : slice(low, lastIndex() + 1, bytesMax);
  }

  List<Entry> slice(long low, long high, long bytesMax) {
    InvariantViolation.check(low >= firstIndex(), "slice below the log", low, firstIndex());
    InvariantViolation.check(high <= lastIndex() + 1, "slice past the log", high, lastIndex());
    ArrayList<Entry> result = new ArrayList<>();
    long bytes = 0;
    if (low < unstable.offset()) {
      long storedEnd = Math.min(high, unstable.offset());
      List<Entry> stored = storage.entries(low, storedEnd, bytesMax);
      InvariantViolation.check(
          !stored.isEmpty() && stored.get(0).index() == low,
          "storage lost entries",
          low,
          storedEnd);
      result.addAll(stored);
      if (stored.size() < storedEnd - low) {
        return result;
      }
      bytes = Entry.sizeBytes(stored);
    }
    if (high > unstable.offset()) {
      for (Entry entry : unstable.slice(Math.max(low, unstable.offset()), high)) {
        bytes += entry.sizeBytes();
        if (bytes > bytesMax && !result.isEmpty()) {
          break;
        }
        result.add(entry);
      }
    }
    return result;
  }

  /**
   * Appends a leader's entries after {@code previousIndex}.
   *
   * @return the last index that is now equal to the leader's, or {@link #UNKNOWN} if the entry
   *     before does not match
   */
  long append(long previousIndex, long previousTerm, List<Entry> entries, long leaderCommit) {
    if (!matches(previousIndex, previousTerm)) {
      return UNKNOWN;
    }
    long lastNew = previousIndex + entries.size();
    for (int i = 0; i < entries.size(); i++) {
      Entry entry = entries.get(i);
      if (!matches(entry.index(), entry.term())) {
        appendOwn(entries.subList(i, entries.size()));
        break;
      }
    }
    commitTo(Math.min(leaderCommit, lastNew));
    return lastNew;
  }

  void appendOwn(List<Entry> entries) {
    long from = entries.get(0).index();
    InvariantViolation.check(from > committed, "overwriting committed entries", from, committed);
    InvariantViolation.check(from <= lastIndex() + 1, "gap in the log", lastIndex(), from);
    unstable.replaceFrom(entries);
  }

  /** Whether stored entries from {@code low} on can be read now; see {@link RaftStorage#fetch}. */
  boolean fetch(long peer, long low, long bytesMax) {
    return low >= unstable.offset() || low > lastIndex() || storage.fetch(peer, low, bytesMax);
  }

  /**
   * The highest index at most {@code index} whose term is at most {@code term}; it may be one of
   * unknown term. Terms never fall along a log, so few of them need to be looked at, each of which
   * may be on disk.
   */
  long lastIndexNotAfter(long index, long term) {
    long oldest = firstIndex() - 1;
    if (index < oldest || index > lastIndex()) {
      return Math.max(0, index);
    }
    if (term(oldest) > term) {
      return Math.max(0, oldest - 1);
    }
    long low = oldest;
    long high = index;
    while (low < high) {
      long middle = high - (high - low) / 2;
      if (term(middle) <= term) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }

  void commitTo(long index) {
    if (index > committed) {
      InvariantViolation.check(index <= lastIndex(), "commit past the log", index, lastIndex());
      committed = index;
    }
  }

  void restore(Snapshot snapshot) {
    committed = snapshot.index();
    unstable.restore(snapshot);
  }

  boolean hasPendingSnapshot() {
    return unstable.snapshot() != null;
  }

  boolean hasUnissued() {
    return unstable.hasUnissued();
  }

  List<Entry> issueEntries() {
    return unstable.issueEntries();
  }

  Snapshot issueSnapshot() {
    return unstable.issueSnapshot();
  }

  void persisted(long index, long term) {
    unstable.persisted(index, term);
  }

  /**
   * The snapshot, if it is the one that was waited for; null if a newer one has taken its place.
   */
  Snapshot snapshotInstalled(long index) {
    if (index > applied) {
      applied = index;
      applying = Math.max(applying, index);
      releasePages();
    }
    return unstable.snapshotInstalled(index);
  }

  boolean hasCommittedToApply(long applyingBytesMax) {
    return !hasPendingSnapshot()
        && applyingBytes < applyingBytesMax
        && applying < Math.min(committed, unstable.offset() - 1);
  }

  /**
   * Whether entries are committed and not known to be durable here, which holds up applying them.
   */
  boolean hasCommittedToPersist() {
    return committed >= unstable.offset();
  }

  /**
   * The next page of entries to apply: committed, and durable here, or a restart could find the log
   * behind the state.
   */
  List<Entry> issueCommitted(long pageBytesMax, long applyingBytesMax) {
    if (!hasCommittedToApply(applyingBytesMax)) {
      return List.of();
    }
    long end = Math.min(committed, unstable.offset() - 1) + 1;
    List<Entry> page = slice(applying + 1, end, pageBytesMax);
    applying = page.get(page.size() - 1).index();
    long bytes = Entry.sizeBytes(page);
    applyingPages.addLast(new Page(applying, bytes));
    applyingBytes += bytes;
    return page;
  }

  void appliedTo(long index) {
    InvariantViolation.check(
        index <= applying, "applied what was never handed out", index, applying);
    if (index > applied) {
      applied = index;
      releasePages();
    }
  }

  private void releasePages() {
    while (!applyingPages.isEmpty() && applyingPages.peekFirst().lastIndex() <= applied) {
      applyingBytes -= applyingPages.removeFirst().bytes();
    }
  }
}
