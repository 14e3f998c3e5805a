package io.arrowraft.raft;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Reads on their way: first unconfirmed, then waiting for the state machine. Each has an attempt
 * number of its own, also among those of this replica before a restart: an answer from then would
 * confirm an index that is too old by now.
 */
final class PendingReads {
  private static final class Read {
    private final long startTick;
    private final Consumer<ReadOutcome> done;
    private boolean confirmed;
    private long confirmedIndex;

    Read(long startTick, Consumer<ReadOutcome> done) {
      this.startTick = startTick;
      this.done = done;
    }
  }

  private final LinkedHashMap<Long, Read> reads = new LinkedHashMap<>();
  private final TreeMap<Long, LinkedHashSet<Long>> confirmedAt = new TreeMap<>();
  private long lastAttempt;

  /**
   * @param firstAttempt drawn at random, far from the numbers of other runs
   */
  PendingReads(long firstAttempt) {
    lastAttempt = firstAttempt;
  }

  int size() {
    return reads.size();
  }

  /**
   * The context under which to ask for a read index.
   *
   * @param question for the leader's owner; empty: none
   */
  byte[] add(long tick, byte[] question, Consumer<ReadOutcome> done) {
    reads.put(++lastAttempt, new Read(tick, done));
    return context(lastAttempt, question);
  }

  private static byte[] context(long attempt, byte[] rest) {
    return ByteBuffer.allocate(Long.BYTES + rest.length).putLong(attempt).put(rest).array();
  }

  /** What follows the attempt's number in a context: a question, or an answer to it. */
  static byte[] restOf(byte[] context) {
    return context.length <= Long.BYTES
        ? new byte[0]
        : Arrays.copyOfRange(context, Long.BYTES, context.length);
  }

  /** The context of the same attempt with something else behind its number. */
  static byte[] withRest(byte[] context, byte[] rest) {
    return context(attempt(context), rest);
  }

  void fail(byte[] context, ReadOutcome outcome) {
    Read read = reads.remove(attempt(context));
    if (read != null) {
      read.done.accept(outcome);
    }
  }

  void confirmed(byte[] context, long index, long applied) {
    if (context.length < Long.BYTES) {
      return;
    }
    long attempt = attempt(context);
    Read read = reads.get(attempt);
    if (read == null || read.confirmed) {
      return;
    }
    if (context.length > Long.BYTES) {
      reads.remove(attempt);
      read.done.accept(new ReadOutcome.Blocked(restOf(context)));
      return;
    }
    if (index <= applied) {
      reads.remove(attempt);
      read.done.accept(new ReadOutcome.Ready(index));
    } else {
      read.confirmed = true;
      read.confirmedIndex = index;
      confirmedAt.computeIfAbsent(index, each -> new LinkedHashSet<>()).add(attempt);
    }
  }

  void applied(long applied) {
    while (!confirmedAt.isEmpty() && confirmedAt.firstKey() <= applied) {
      var first = confirmedAt.pollFirstEntry();
      for (long attempt : first.getValue()) {
        Read read = reads.remove(attempt);
        if (read != null) {
          read.done.accept(new ReadOutcome.Ready(first.getKey()));
        }
      }
    }
  }

  /** Their confirmation would have come from a leader that leads no more. */
  void failUnconfirmed(ReadOutcome outcome) {
    List<Read> failed = new ArrayList<>();
    for (Iterator<Read> all = reads.values().iterator(); all.hasNext(); ) {
      Read read = all.next();
      if (!read.confirmed) {
        all.remove();
        failed.add(read);
      }
    }
    failed.forEach(read -> read.done.accept(outcome));
  }

  void expire(long oldestTick) {
    if (reads.isEmpty()) {
      return;
    }
    List<Read> expired = new ArrayList<>();
    for (Iterator<Map.Entry<Long, Read>> all = reads.entrySet().iterator(); all.hasNext(); ) {
      Map.Entry<Long, Read> next = all.next();
      Read read = next.getValue();
      if (read.startTick >= oldestTick) {
        break;
      }
      all.remove();
      if (read.confirmed) {
        // Nothing may pile up here while the state machine stands still.
        forgetConfirmed(read.confirmedIndex, next.getKey());
      }
      expired.add(read);
    }
    expired.forEach(read -> read.done.accept(new ReadOutcome.TimedOut()));
  }

  private void forgetConfirmed(long index, long attempt) {
    LinkedHashSet<Long> attempts = confirmedAt.get(index);
    attempts.remove(attempt);
    if (attempts.isEmpty()) {
      confirmedAt.remove(index);
    }
  }

  /** For tests: reads that wait for the state machine. */
  int waitingForApply() {
    return confirmedAt.values().stream().mapToInt(LinkedHashSet::size).sum();
  }

  void failAll(ReadOutcome outcome) {
    List<Read> all = new ArrayList<>(reads.values());
    reads.clear();
    confirmedAt.clear();
    all.forEach(read -> read.done.accept(outcome));
  }

  private static long attempt(byte[] context) {
    return ByteBuffer.wrap(context).getLong();
  }
}
