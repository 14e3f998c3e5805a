package io.arrowraft.server.txn;

import io.arrowraft.runtime.Bytes;
import io.arrowraft.runtime.Invariant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * Serialises commands whose keys meet. Keys fall into slots by hash; each slot has a queue whose
 * head holds it. A command joins the queues of its slots in ascending order and stops where it is
 * not the head, so that two commands never wait for each other, and commands on one key run in the
 * order in which they came.
 *
 * <p>Owned by the scheduler's loop; not safe for other threads.
 */
final class Latches {

  /** A command's place in the queues. */
  static final class Ticket {
    private final int[] slots;
    private final Runnable granted;
    // Slots [0, joined) have this ticket in their queue; it holds all of them but perhaps the last.
    private int joined;
    private boolean waiting;

    private Ticket(int[] slots, Runnable granted) {
      this.slots = slots;
      this.granted = granted;
    }
  }

  private final List<ArrayDeque<Ticket>> slots;
  private final int mask;

  /**
   * @param slotCount a power of two
   */
  Latches(int slotCount) {
    if (slotCount < 1 || Integer.bitCount(slotCount) != 1) {
      throw new IllegalArgumentException("latch slots must be a power of two: " + slotCount);
    }
    this.mask = slotCount - 1;
    this.slots = new ArrayList<>(slotCount);
    for (int i = 0; i < slotCount; i++) {
      slots.add(null);
    }
  }

  /**
   * A ticket for {@code keys}, which joins no queue yet. Callable from any thread.
   *
   * @param granted runs on the loop when a ticket that had to wait holds everything
   */
  Ticket ticket(List<Bytes> keys, Runnable granted) {
    int[] wanted =
        keys.stream().mapToInt(key -> spread(key.hashCode()) & mask).sorted().distinct().toArray();
    return new Ticket(wanted, granted);
  }

  /** Joins the queues; {@code true} if the ticket holds everything at once. */
  boolean acquire(Ticket ticket) {
    Invariant.check(ticket.joined == 0, "ticket acquires twice", "joined", ticket.joined);
    return advance(ticket);
  }

  /** Leaves all queues, whether the ticket holds its slots or waits, and lets others go on. */
  void release(Ticket ticket) {
    List<Ticket> next = new ArrayList<>();
    for (int i = 0; i < ticket.joined; i++) {
      int slot = ticket.slots[i];
      ArrayDeque<Ticket> queue = slots.get(slot);
      boolean held = queue.peekFirst() == ticket;
      Invariant.check(queue.remove(ticket), "ticket is missing from its queue", "slot", slot);
      if (queue.isEmpty()) {
        slots.set(slot, null);
      } else if (held) {
        next.add(queue.peekFirst());
      }
    }
    ticket.joined = 0;
    ticket.waiting = false;
    for (Ticket waiter : next) {
      if (waiter.waiting && advance(waiter)) {
        waiter.granted.run();
      }
    }
  }

  private boolean advance(Ticket ticket) {
    if (ticket.waiting) {
      // It waited in the last queue that it joined and is that queue's head now.
      ticket.waiting = false;
    }
    while (ticket.joined < ticket.slots.length) {
      int slot = ticket.slots[ticket.joined];
      ArrayDeque<Ticket> queue = slots.get(slot);
      if (queue == null) {
        queue = new ArrayDeque<>(2);
        slots.set(slot, queue);
      }
      queue.addLast(ticket);
      ticket.joined++;
      if (queue.size() > 1) {
        ticket.waiting = true;
        return false;
      }
    }
    return true;
  }

  private static int spread(int hash) {
    int mixed = hash * 0x9E3779B9;
    return mixed ^ (mixed >>> 16);
  }
}
