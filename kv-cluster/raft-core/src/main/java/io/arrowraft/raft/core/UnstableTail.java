package io.arrowraft.raft.core;

import java.util.ArrayList;
import java.util.List;

/**
 * The end of the log that is not known to be durable, and a snapshot that is not known to be
 * installed.
 */
final class UnstableTail {
  private Snapshot snapshot;
  private boolean snapshotIssued;
  private final ArrayList<Entry> entries = new ArrayList<>();

  /** The index of the first entry here; everything below is durable. */
  private long offset;

  /** Entries below were handed out in a Ready; at least {@code offset}. */
  private long issuedEnd;

  UnstableTail(long offset) {
    this.offset = offset;
    issuedEnd = offset;
  }

  long offset() {
    return offset;
  }

  Snapshot snapshot() {
    return snapshot;
  }

  /** The last index of the whole log: with nothing here, that of its durable part. */
  long lastIndex() {
    return offset + entries.size() - 1;
  }

  /** The term at the index, or {@link RaftLog#UNKNOWN} if it is not here. */
  long term(long index) {
    if (index >= offset && index <= lastIndex()) {
      return entries.get((int) (index - offset)).term();
    }
    return snapshot != null && snapshot.index() == index ? snapshot.term() : RaftLog.UNKNOWN;
  }

  List<Entry> slice(long low, long high) {
    return entries.subList((int) (low - offset), (int) (high - offset));
  }

  boolean hasUnissued() {
    return issuedEnd <= lastIndex() || (snapshot != null && !snapshotIssued);
  }

  List<Entry> issueEntries() {
    List<Entry> unissued = List.copyOf(slice(issuedEnd, lastIndex() + 1));
    issuedEnd = lastIndex() + 1;
    return unissued;
  }

  Snapshot issueSnapshot() {
    if (snapshot == null || snapshotIssued) {
      return null;
    }
    snapshotIssued = true;
    return snapshot;
  }

  /** Puts the entries at their place, dropping what was at and after it. */
  void replaceFrom(List<Entry> tail) {
    long from = tail.get(0).index();
    if (from <= offset) {
      entries.clear();
      offset = from;
    } else {
      InvariantViolation.check(from <= lastIndex() + 1, "gap in the log", lastIndex(), from);
      entries.subList((int) (from - offset), entries.size()).clear();
    }
    // Cut entries must be issued again with their replacement.
    issuedEnd = Math.min(issuedEnd, from);
    entries.addAll(tail);
  }

  void restore(Snapshot newer) {
    snapshot = newer;
    snapshotIssued = false;
    entries.clear();
    offset = newer.index() + 1;
    issuedEnd = offset;
  }

  /**
   * Forgets what is durable. An entry that has been replaced meanwhile has another term and stays.
   */
  void persisted(long index, long term) {
    if (index >= offset && index < issuedEnd && term(index) == term) {
      entries.subList(0, (int) (index - offset + 1)).clear();
      offset = index + 1;
    }
  }

  /**
   * The snapshot, if it is the one that was waited for; null if a newer one has taken its place.
   */
  Snapshot snapshotInstalled(long index) {
    if (snapshot == null || snapshot.index() != index) {
      return null;
    }
    Snapshot installed = snapshot;
    snapshot = null;
    return installed;
  }
}
