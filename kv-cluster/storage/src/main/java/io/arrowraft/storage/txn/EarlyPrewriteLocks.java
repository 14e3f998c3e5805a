package io.arrowraft.storage.txn;

import io.arrowraft.runtime.Bytes;
import io.arrowraft.storage.mvcc.CommittedWrite;
import io.arrowraft.storage.mvcc.Lock;
import io.arrowraft.storage.mvcc.LockType;
import io.arrowraft.storage.mvcc.MvccReader;
import io.arrowraft.storage.mvcc.Timestamps;
import io.arrowraft.storage.mvcc.Write;
import java.util.ArrayList;
import java.util.List;

/**
 * Commits whose timestamp the store chooses: asynchronous ones, whose locks carry the least it may
 * be, and those of one phase, which leave commit records at once. The timestamp is after every read
 * so far, and after every record of the key, so that it overwrites no rollback.
 */
final class EarlyPrewriteLocks implements PrewriteLocks {
  private record Committing(Bytes key, Lock lock, boolean held) {}

  private final Prewrite prewrite;
  private final CommitWish wish;
  private final MvccReader reader;
  private final EarlyLocks early;
  private final List<Committing> committing = new ArrayList<>();
  private long minCommitTs;

  EarlyPrewriteLocks(Prewrite prewrite, CommitWish wish, MvccReader reader, EarlyLocks early) {
    this.prewrite = prewrite;
    this.wish = wish;
    this.reader = reader;
    this.early = early;
  }

  @Override
  public void locked(Lock own) {
    if (wish.onePhase() || !own.asyncCommit()) {
      throw new FallBack("the first attempt had to fall back, or another kind was asked for");
    }
    minCommitTs = Timestamps.max(minCommitTs, own.minCommitTs());
  }

  @Override
  public void checked() {
    minCommitTs = Timestamps.max(minCommitTs, prewrite.startTs() + 1);
  }

  @Override
  public void lock(Changes changes, Bytes key, LockType type, Bytes inline, Lock held) {
    CommittedWrite newest = reader.newestWrite(key, Timestamps.MAX);
    long newestTs = newest == null ? 0 : newest.commitTs();
    Lock made =
        early.hold(key, readTs -> make(key, type, inline, held, Timestamps.max(readTs, newestTs)));
    minCommitTs = Timestamps.max(minCommitTs, made.minCommitTs());
    if (wish.onePhase()) {
      committing.add(new Committing(key, made, held != null));
    } else {
      changes.putLock(key, made);
    }
  }

  private Lock make(Bytes key, LockType type, Bytes inline, Lock held, long after) {
    Lock lock = TwoPhaseLocks.of(prewrite, type, inline, held);
    long known = Timestamps.max(prewrite.startTs(), lock.forUpdateTs());
    long least = Timestamps.max(Timestamps.max(after, known) + 1, lock.minCommitTs());
    if (after == Timestamps.MAX
        || (wish.maxCommitTs() != 0 && Timestamps.isAfter(least, wish.maxCommitTs()))) {
      throw new FallBack("the commit would be later than the client accepts");
    }
    List<Bytes> secondaries = key.equals(prewrite.primary()) ? wish.secondaries() : List.of();
    return lock.withAsyncCommit(least, secondaries);
  }

  @Override
  public Prewrite.Result finish(Changes changes) {
    if (!wish.onePhase()) {
      return new Prewrite.Result(minCommitTs, 0);
    }
    for (Committing each : committing) {
      changes.putWrite(each.key(), minCommitTs, Write.committing(each.lock(), false));
      if (each.held()) {
        changes.unlock(each.key());
      }
    }
    return new Prewrite.Result(0, minCommitTs);
  }

  @Override
  public Prewrite.Result committedBefore(long commitTs) {
    return wish.onePhase() ? new Prewrite.Result(0, commitTs) : new Prewrite.Result(commitTs, 0);
  }
}
