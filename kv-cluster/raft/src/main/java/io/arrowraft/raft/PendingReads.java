package io.arrowraft.raft;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Reads on their way: first unconfirmed, then waiting for the state machine. Each has an attempt
 * number of its own.
 */
final class PendingReads {
  private static final class Read {
    private final long startTick;
    private final Consumer<ReadOutcome> done;
    private boolean confirmed;

    Read(long startTick, Consumer<ReadOutcome> done) {
      this.startTick = startTick;
      this.done = done;
    }
  }

  private final LinkedHashMap<Long, Read> reads = new LinkedHashMap<>();
  private final TreeMap<Long, List<Long>> confirmedAt = new TreeMap<>();
  private long lastAttempt;

  int size() {
    return reads.size();
  }

  /** The context under which to ask for a read index. */
  byte[] add(long tick, Consumer<ReadOutcome> done) {
    reads.put(++lastAttempt, new Read(tick, done));
    return ByteBuffer.allocate(Long.BYTES).putLong(lastAttempt).array();
  }

  void fail(byte[] context, ReadOutcome outcome) {
    Read read = reads.remove(attempt(context));
    if (read != null) {
      read.done.accept(outcome);
    }
  }

  void confirmed(byte[] context, long index, long applied) {
    if (context.length != Long.BYTES) {
      return;
    }
    long attempt = attempt(context);
    Read read = reads.get(attempt);
    if (read == null || read.confirmed) {
      return;
    }
    if (index <= applied) {
      reads.remove(attempt);
      read.done.accept(new ReadOutcome.Ready(index));
    } else {
      read.confirmed = true;
      confirmedAt.computeIfAbsent(index, each -> new ArrayList<>()).add(attempt);
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
    List<Read> expired = new ArrayList<>();
    for (Iterator<Read> all = reads.values().iterator(); all.hasNext(); ) {
      Read read = all.next();
      if (read.startTick >= oldestTick) {
        break;
      }
      all.remove();
      expired.add(read);
    }
    expired.forEach(read -> read.done.accept(new ReadOutcome.TimedOut()));
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
