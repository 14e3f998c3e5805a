package io.arrowraft.server.lockwait;

import io.arrowraft.runtime.Bytes;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Who waits for whom, all over the cluster. A wait that would close a circle is not entered.
 *
 * <p>Belongs to one loop. Its size is bounded: beyond it waits go unseen, and end by their
 * deadlines.
 */
final class WaitForGraph {
  /** Waits by waiter, then by holder and key: a transaction may wait in several statements. */
  private final Map<Long, Map<Target, Wait>> waits = new LinkedHashMap<>();

  private final int entriesMax;
  private int entries;

  private record Target(long holder, Bytes key) {}

  private record Wait(WaitFor edge, long expiresNanos) {}

  WaitForGraph(int entriesMax) {
    this.entriesMax = entriesMax;
  }

  /**
   * Enters a wait, unless it closes a circle.
   *
   * @param expiresNanos when the wait is over at the latest
   * @return the circle, if there is one
   */
  Optional<Deadlock> add(WaitFor edge, long expiresNanos, long nowNanos) {
    Optional<Deadlock> circle = circle(edge, nowNanos);
    if (circle.isPresent()) {
      return circle;
    }
    if (entries >= entriesMax) {
      dropExpired(nowNanos);
    }
    if (entries < entriesMax) {
      Map<Target, Wait> ofWaiter =
          waits.computeIfAbsent(edge.waiter(), waiter -> new LinkedHashMap<>());
      if (ofWaiter.put(new Target(edge.holder(), edge.key()), new Wait(edge, expiresNanos))
          == null) {
        entries++;
      }
    }
    return Optional.empty();
  }

  /** The wait is over. */
  void remove(WaitFor edge) {
    Map<Target, Wait> ofWaiter = waits.get(edge.waiter());
    if (ofWaiter != null && ofWaiter.remove(new Target(edge.holder(), edge.key())) != null) {
      entries--;
      if (ofWaiter.isEmpty()) {
        waits.remove(edge.waiter());
      }
    }
  }

  /** Forgets everything: another store sees the waits now. */
  void clear() {
    waits.clear();
    entries = 0;
  }

  int size() {
    return entries;
  }

  /** Breadth first from the holder: the shortest circle is the clearest message. */
  private Optional<Deadlock> circle(WaitFor closing, long nowNanos) {
    if (closing.waiter() == closing.holder()) {
      return Optional.of(new Deadlock(List.of(closing)));
    }
    Map<Long, WaitFor> reachedBy = new LinkedHashMap<>();
    ArrayDeque<Long> open = new ArrayDeque<>();
    reachedBy.put(closing.holder(), closing);
    open.add(closing.holder());
    while (!open.isEmpty()) {
      long txn = open.poll();
      for (WaitFor next : live(txn, nowNanos)) {
        if (next.holder() == closing.waiter()) {
          return Optional.of(new Deadlock(path(closing, next, reachedBy)));
        }
        if (reachedBy.putIfAbsent(next.holder(), next) == null) {
          open.add(next.holder());
        }
      }
    }
    return Optional.empty();
  }

  private static List<WaitFor> path(WaitFor closing, WaitFor last, Map<Long, WaitFor> reachedBy) {
    ArrayDeque<WaitFor> chain = new ArrayDeque<>();
    WaitFor at = last;
    while (!at.equals(closing)) {
      chain.addFirst(at);
      at = reachedBy.get(at.waiter());
    }
    chain.addFirst(closing);
    return List.copyOf(chain);
  }

  private List<WaitFor> live(long waiter, long nowNanos) {
    Map<Target, Wait> ofWaiter = waits.get(waiter);
    if (ofWaiter == null) {
      return List.of();
    }
    List<WaitFor> edges = new ArrayList<>(ofWaiter.size());
    dropExpired(ofWaiter, nowNanos);
    ofWaiter.values().forEach(wait -> edges.add(wait.edge()));
    if (ofWaiter.isEmpty()) {
      waits.remove(waiter);
    }
    return edges;
  }

  private void dropExpired(long nowNanos) {
    Iterator<Map<Target, Wait>> all = waits.values().iterator();
    while (all.hasNext()) {
      Map<Target, Wait> ofWaiter = all.next();
      dropExpired(ofWaiter, nowNanos);
      if (ofWaiter.isEmpty()) {
        all.remove();
      }
    }
  }

  private void dropExpired(Map<Target, Wait> ofWaiter, long nowNanos) {
    int before = ofWaiter.size();
    ofWaiter.values().removeIf(wait -> wait.expiresNanos() - nowNanos <= 0);
    entries -= before - ofWaiter.size();
  }
}
