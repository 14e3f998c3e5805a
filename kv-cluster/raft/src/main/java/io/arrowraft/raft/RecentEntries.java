package io.arrowraft.raft;

import io.arrowraft.raft.core.Entry;
import java.util.ArrayList;
import java.util.List;

/**
 * The end of a log in memory, so that replication rarely reads the disk. Bounded in bytes, except
 * that an entry stays until it can be read from the store. All groups of a node share a second
 * bound.
 */
final class RecentEntries {
  private final long bytesMax;
  private final LogCache shared;
  private final ArrayList<Entry> entries = new ArrayList<>();

  /** Entries before this position in the list are forgotten; cut off when they are half of it. */
  private int head;

  private long firstIndex;
  private long bytes;

  RecentEntries(long bytesMax, LogCache shared, long lastIndex) {
    this.bytesMax = bytesMax;
    this.shared = shared;
    firstIndex = lastIndex + 1;
  }

  /** The index of the first entry here, or of the next one to come. */
  long firstIndex() {
    return firstIndex;
  }

  Entry get(long index) {
    return entries.get(head + (int) (index - firstIndex));
  }

  private int size() {
    return entries.size() - head;
  }

  void append(List<Entry> tail) {
    long from = tail.get(0).index();
    if (from < firstIndex || from > firstIndex + size()) {
      clear();
      firstIndex = from;
    } else {
      List<Entry> replaced = entries.subList(head + (int) (from - firstIndex), entries.size());
      count(-Entry.sizeBytes(replaced));
      replaced.clear();
    }
    entries.addAll(tail);
    count(Entry.sizeBytes(tail));
  }

  private void count(long delta) {
    bytes += delta;
    shared.add(delta);
  }

  void clear() {
    entries.clear();
    head = 0;
    count(-bytes);
    firstIndex = Long.MAX_VALUE;
  }

  /** Makes room by forgetting entries up to the index, oldest first. */
  void evictUpTo(long index) {
    while ((bytes > bytesMax || shared.isOver()) && size() > 0 && firstIndex <= index) {
      forgetFirst();
    }
    trim();
  }

  void dropUpTo(long index) {
    while (size() > 0 && firstIndex <= index) {
      forgetFirst();
    }
    trim();
  }

  private void forgetFirst() {
    count(-entries.get(head).sizeBytes());
    entries.set(head, null);
    head++;
    firstIndex++;
  }

  private void trim() {
    if (head > 64 && head * 2 > entries.size()) {
      entries.subList(0, head).clear();
      head = 0;
    }
  }

  /** For tests: entries held, oldest first. */
  List<Entry> held() {
    return List.copyOf(entries.subList(head, entries.size()));
  }
}
