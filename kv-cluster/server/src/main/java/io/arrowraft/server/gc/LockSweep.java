package io.arrowraft.server.gc;

import io.arrowraft.runtime.Bytes;
import io.arrowraft.runtime.Deadline;
import io.arrowraft.runtime.TimeSource;
import io.arrowraft.server.region.RegionErrors;
import io.arrowraft.server.region.RegionRequest;
import io.arrowraft.server.region.RegionSnapshot;
import io.arrowraft.server.region.RegionView;
import io.arrowraft.server.txn.KeyBounds;
import io.arrowraft.server.txn.MemoryLocks;
import io.arrowraft.server.txn.SnapshotReads;
import io.arrowraft.server.txn.TxnCommands;
import io.arrowraft.server.txn.TxnReads;
import io.arrowraft.storage.mvcc.EncodedRange;
import io.arrowraft.storage.mvcc.LockedKey;
import io.arrowraft.storage.mvcc.MvccKeys;
import io.arrowraft.storage.mvcc.MvccReader;
import io.arrowraft.storage.mvcc.Timestamps;
import io.arrowraft.storage.txn.Command;
import io.arrowraft.storage.txn.Done;
import io.arrowraft.storage.txn.PessimisticRollback;
import io.arrowraft.storage.txn.ResolveLocks;
import io.arrowraft.storage.txn.ScanLocks;
import io.arrowraft.storage.txn.TxnResult;
import io.micrometer.core.instrument.Counter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Settles the old locks of a region that is led here, page by page. Safe for use by any thread. */
final class LockSweep {
  private static final int LOCKS_PER_PAGE = 256;

  /** Of the whole region; what is not done by then is begun anew later. */
  private static final Duration BOUND = Duration.ofSeconds(30);

  private final SnapshotReads reads;
  private final TxnCommands commands;
  private final MemoryLocks memoryLocks;
  private final Fates fates;
  private final TimeSource time;
  private final Counter settled;

  /**
   * @param settled counts locks
   */
  LockSweep(
      SnapshotReads reads,
      TxnCommands commands,
      MemoryLocks memoryLocks,
      Fates fates,
      TimeSource time,
      Counter settled) {
    this.reads = reads;
    this.commands = commands;
    this.memoryLocks = memoryLocks;
    this.fates = fates;
    this.time = time;
    this.settled = settled;
  }

  /** One region's sweep. */
  private record Run(RegionRequest request, long target, long endBefore) {}

  /**
   * Settles what can be settled.
   *
   * @param endBefore a transaction that started before this is ended, also if it lives
   * @return up to where no lock is left, at most {@code target}; fails if the region has moved, or
   *     somebody does not answer
   */
  CompletionStage<Long> run(RegionView region, long target, long endBefore) {
    RegionRequest request =
        new RegionRequest(
            region.region().getId(),
            region.region().getRegionEpoch(),
            region.peer(),
            0,
            false,
            false,
            Deadline.after(BOUND, time));
    // First this, then the memory locks, then the snapshot: see MemoryLocks.
    memoryLocks.observeRead(target);
    EncodedRange range = TxnReads.encoded(KeyBounds.of(region.region()));
    Optional<LockedKey> held =
        memoryLocks.startedBy(key -> range.contains(MvccKeys.encode(key)), target);
    if (held.isPresent()) {
      return CompletableFuture.failedFuture(
          RegionErrors.serverIsBusy(
              "a commit is under way at key "
                  + held.get().key()
                  + " that began before the target of garbage collection"));
    }
    return page(new Run(request, target, endBefore), range, target);
  }

  private CompletionStage<Long> page(Run run, EncodedRange rest, long lowest) {
    return reads
        .read(run.request(), OwnCall.INSTANCE, snapshot -> scan(snapshot, run, rest))
        .thenCompose(
            page ->
                settle(run, page)
                    .thenCompose(
                        oldestAlive -> {
                          long reached = oldestAlive == 0 ? lowest : min(lowest, oldestAlive - 1);
                          return page.rest().isPresent()
                              ? page(run, page.rest().get(), reached)
                              : CompletableFuture.completedFuture(reached);
                        }));
  }

  private static ScanLocks.Page scan(RegionSnapshot snapshot, Run run, EncodedRange rest) {
    EncodedRange range = TxnReads.encoded(KeyBounds.of(snapshot.region())).intersect(rest);
    try (MvccReader reader = TxnReads.reader(snapshot)) {
      return ScanLocks.upTo(run.target(), range, LOCKS_PER_PAGE).run(reader);
    }
  }

  /** Locks of one transaction and kind. */
  private record Owned(long startTs, boolean pessimistic, Bytes primary) {
    static Owned of(LockedKey locked) {
      return new Owned(
          locked.lock().startTs(), locked.lock().isPessimistic(), locked.lock().primary());
    }
  }

  /** The oldest start of a transaction that lives; 0 if none does. */
  private CompletionStage<Long> settle(Run run, ScanLocks.Page page) {
    Map<Owned, List<LockedKey>> byOwner = new LinkedHashMap<>();
    for (LockedKey locked : page.locks()) {
      byOwner.computeIfAbsent(Owned.of(locked), owner -> new ArrayList<>()).add(locked);
    }
    CompletionStage<Long> oldest = CompletableFuture.completedFuture(0L);
    for (List<LockedKey> locks : byOwner.values()) {
      oldest =
          oldest.thenCompose(
              before ->
                  fates
                      .of(locks.get(0), run.target(), run.endBefore())
                      .thenCompose(fate -> settle(run, locks, fate))
                      .thenApply(alive -> older(before, alive)));
    }
    return oldest;
  }

  /** The earlier of two starts, where 0 is none. */
  private static long older(long a, long b) {
    if (a == 0 || b == 0) {
      return a == 0 ? b : a;
    }
    return min(a, b);
  }

  /** The transaction's start if it lives, else 0. */
  private CompletionStage<Long> settle(Run run, List<LockedKey> locks, Fate fate) {
    long startTs = locks.get(0).lock().startTs();
    if (fate instanceof Fate.Alive) {
      return CompletableFuture.completedFuture(startTs);
    }
    boolean pessimistic = locks.get(0).lock().isPessimistic();
    if (fate instanceof Fate.Unlocked && !pessimistic) {
      return CompletableFuture.completedFuture(startTs); // a prewritten lock is never just dropped
    }
    List<Bytes> keys = locks.stream().map(LockedKey::key).toList();
    Command<Done> command;
    if (pessimistic) {
      long newest = 0;
      for (LockedKey locked : locks) {
        newest = Timestamps.max(newest, locked.lock().forUpdateTs());
      }
      command = new PessimisticRollback(keys, startTs, newest);
    } else {
      long commitTs = fate instanceof Fate.Committed committed ? committed.commitTs() : 0;
      command = new ResolveLocks(keys, Map.of(startTs, commitTs));
    }
    long bytes = keys.stream().mapToLong(Bytes::length).sum();
    return commands
        .submit(run.request(), command, bytes, OwnCall.INSTANCE)
        .thenApply(
            result -> {
              if (result instanceof TxnResult.Failure<Done> failure) {
                throw new IllegalStateException(
                    "an old lock cannot be settled: " + failure.errors().get(0));
              }
              settled.increment(keys.size());
              return 0L;
            });
  }

  private static long min(long a, long b) {
    return Timestamps.isAfter(a, b) ? b : a;
  }
}
