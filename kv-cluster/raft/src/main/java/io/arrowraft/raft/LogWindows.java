package io.arrowraft.raft;

import io.arrowraft.raft.core.Entry;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Stored entries that were read for peers that lag, one run of them for each. Reading them takes
 * the disk's time, so it happens elsewhere; here is what has come of it. Owned by the group's loop.
 */
final class LogWindows {
  /** A run that nobody has asked for in so many ticks is forgotten. */
  private static final int IDLE_TICKS_MAX = 20;

  private final TreeMap<Long, Window> windows = new TreeMap<>();
  private final Set<Long> reading = new TreeSet<>();
  private long generation;

  private static final class Window {
    private final long previousTerm;
    private final List<Entry> entries;
    private int idleTicks;

    Window(StoredEntries stored) {
      this.previousTerm = stored.previousTerm();
      this.entries = stored.entries();
    }

    long first() {
      return entries.get(0).index();
    }

    boolean covers(long index) {
      return index >= first() && index < first() + entries.size();
    }

    Entry get(long index) {
      return entries.get((int) (index - first()));
    }
  }

  /** Whether the peer's run has this entry. */
  boolean covers(long peer, long index) {
    Window window = windows.get(peer);
    if (window == null || !window.covers(index)) {
      return false;
    }
    window.idleTicks = 0;
    return true;
  }

  /** The term of an entry, or 0 if no run tells. */
  long term(long index) {
    for (Window window : windows.values()) {
      if (window.covers(index)) {
        return window.get(index).term();
      }
      if (index == window.first() - 1) {
        return window.previousTerm;
      }
    }
    return 0;
  }

  /** Entries {@code [low, high)} as far as one run has them; empty if none has the first. */
  List<Entry> entries(long low, long high, long bytesMax) {
    for (Window window : windows.values()) {
      if (window.covers(low)) {
        return cut(window, low, high, bytesMax);
      }
    }
    return List.of();
  }

  private static List<Entry> cut(Window window, long low, long high, long bytesMax) {
    List<Entry> result = new ArrayList<>();
    long bytes = 0;
    for (long index = low; index < high && window.covers(index); index++) {
      Entry entry = window.get(index);
      bytes += entry.sizeBytes();
      if (bytes > bytesMax && !result.isEmpty()) {
        break;
      }
      result.add(entry);
    }
    return result;
  }

  /** Marks that entries are being read for the peer; false if they are already. */
  boolean begin(long peer) {
    return reading.add(peer);
  }

  /** Tells entries read before the log changed under them from those read after. */
  long generation() {
    return generation;
  }

  /** What was read, unless the log has changed since; null if reading failed. */
  void end(long peer, long sinceGeneration, StoredEntries stored) {
    reading.remove(peer);
    if (stored != null && sinceGeneration == generation && !stored.entries().isEmpty()) {
      windows.put(peer, new Window(stored));
    }
  }

  void drop(long peer) {
    windows.remove(peer);
  }

  /** Entries from here on have been replaced. */
  void replacedFrom(long index) {
    generation++;
    windows.values().removeIf(window -> window.first() + window.entries.size() > index);
  }

  void clear() {
    generation++;
    windows.clear();
  }

  void tick() {
    if (!windows.isEmpty()) {
      windows.values().removeIf(window -> ++window.idleTicks > IDLE_TICKS_MAX);
    }
  }
}
