package io.arrowraft.storage.txn;

import io.arrowraft.runtime.Bytes;
import io.arrowraft.storage.mvcc.CommitRecord;
import io.arrowraft.storage.mvcc.MvccReader;
import io.arrowraft.storage.mvcc.Timestamps;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Writes the changes of a transaction under locks, or finds why that must not be. All keys of the
 * command are locked, or none. A pessimistic transaction holds locks from before: they turn into
 * these.
 *
 * <p>A wish for asynchronous or one-phase commit that cannot be fulfilled is answered with the
 * locks of a two-phase commit, and zero for both timestamps of the result.
 *
 * @param primary the key whose commit decides the transaction
 * @param lockTtlMillis how long others wait before they take the transaction for abandoned
 * @param txnSize estimated number of keys of the transaction
 * @param minCommitTs the least commit timestamp; 0 if readers may not push it
 * @param skipConstraintCheck the client knows that no key has a newer version
 * @param assertionLevel how far assertions are checked
 * @param wish how the client would like to commit
 * @param forUpdateTs the newest timestamp that a pessimistic transaction has locked or read at; 0
 *     if the transaction is optimistic
 */
public record Prewrite(
    List<PrewriteMutation> mutations,
    Bytes primary,
    long startTs,
    long lockTtlMillis,
    long txnSize,
    long minCommitTs,
    boolean skipConstraintCheck,
    AssertionLevel assertionLevel,
    CommitWish wish,
    long forUpdateTs)
    implements Command<Prewrite.Result> {

  /** What a client claims about a key before its change. */
  public enum Assertion {
    NONE,
    EXISTS,
    NOT_EXISTS
  }

  /** How far assertions are checked. */
  public enum AssertionLevel {
    OFF,
    /** Where the check costs no extra read. */
    FAST,
    STRICT
  }

  /**
   * What the prewrite settled.
   *
   * @param minCommitTs for an asynchronous commit; 0 when it fell back to two phases
   * @param onePhaseCommitTs when the prewrite also committed; 0 otherwise
   */
  public record Result(long minCommitTs, long onePhaseCommitTs) {
    static final Result TWO_PHASE = new Result(0, 0);
  }

  public Prewrite {
    mutations = List.copyOf(mutations);
    Objects.requireNonNull(primary, "primary");
    Objects.requireNonNull(assertionLevel, "assertionLevel");
    Objects.requireNonNull(wish, "wish");
    if (forUpdateTs != 0
        && mutations.stream()
            .anyMatch(each -> each.operation() == PrewriteMutation.Operation.CHECK_NOT_EXISTS)) {
      throw new IllegalArgumentException(
          "a pessimistic transaction checks that a key does not exist when it locks the key");
    }
  }

  /** A prewrite of a two-phase commit. */
  public Prewrite(
      List<PrewriteMutation> mutations,
      Bytes primary,
      long startTs,
      long lockTtlMillis,
      long txnSize,
      long minCommitTs,
      boolean skipConstraintCheck,
      AssertionLevel assertionLevel) {
    this(
        mutations,
        primary,
        startTs,
        lockTtlMillis,
        txnSize,
        minCommitTs,
        skipConstraintCheck,
        assertionLevel,
        CommitWish.TWO_PHASE,
        0);
  }

  /** The same prewrite in a pessimistic transaction. */
  public Prewrite pessimistic(long newestForUpdateTs) {
    return new Prewrite(
        mutations,
        primary,
        startTs,
        lockTtlMillis,
        txnSize,
        minCommitTs,
        skipConstraintCheck,
        assertionLevel,
        wish,
        newestForUpdateTs);
  }

  boolean isPessimistic() {
    return forUpdateTs != 0;
  }

  @Override
  public List<Bytes> latchKeys() {
    return LatchKeys.of(mutations.stream().map(PrewriteMutation::key).toList());
  }

  /** Without memory locks there is no other commit than in two phases. */
  @Override
  public Outcome<Result> evaluate(MvccReader reader) {
    return evaluate(reader, new TwoPhaseLocks(this));
  }

  @Override
  public Outcome<Result> evaluate(MvccReader reader, EarlyLocks early) {
    for (CommitWish left = wish; !left.isTwoPhase(); left = left.fallenBack()) {
      try {
        Outcome<Result> outcome =
            evaluate(reader, new EarlyPrewriteLocks(this, left, reader, early));
        if (outcome.modifications().isEmpty()) {
          early.release();
        }
        return outcome;
      } catch (FallBack cannot) {
        early.release();
      }
    }
    return evaluate(reader);
  }

  private Outcome<Result> evaluate(MvccReader reader, PrewriteLocks locks) {
    Changes changes = new Changes();
    List<TxnError> locked = new ArrayList<>();
    TxnError assertionFailure = null;
    PrewriteRules rules = new PrewriteRules(this, reader, changes, locks);
    for (PrewriteMutation mutation : mutations) {
      try {
        rules.apply(mutation);
      } catch (Abort abort) {
        TxnError error = abort.error();
        long committedTs = mayBeOwnCommit(error) ? committedTs(reader, mutation.key()) : 0;
        if (committedTs != 0) {
          // A repetition that arrives after the commit: locking again would leave a lock that
          // nobody commits, and failing would make the client believe it lost (rule 30).
          return Outcome.success(locks.committedBefore(committedTs), new Changes(), observedTs());
        }
        if (error instanceof TxnError.KeyLocked) {
          locked.add(error);
        } else if (error instanceof TxnError.AssertionFailed) {
          // Any other failure explains more than a failed assertion does.
          assertionFailure = assertionFailure == null ? error : assertionFailure;
        } else {
          return Outcome.failure(List.of(error), observedTs());
        }
      }
    }
    if (assertionFailure != null) {
      return Outcome.failure(List.of(assertionFailure), observedTs());
    }
    return locked.isEmpty()
        ? Outcome.success(locks.finish(changes), changes, observedTs())
        : Outcome.failure(locked, observedTs());
  }

  private static boolean mayBeOwnCommit(TxnError error) {
    return error instanceof TxnError.KeyLocked
        || error instanceof TxnError.PessimisticLockNotFound
        || (error instanceof TxnError.WriteConflict conflict
            && Timestamps.isAfter(conflict.conflictCommitTs(), conflict.startTs()));
  }

  /** The timestamp at which this transaction has committed the key; 0 if it has not. */
  private long committedTs(MvccReader reader, Bytes key) {
    return reader.commitRecord(key, startTs) instanceof CommitRecord.Found found
            && !found.isRollback()
        ? found.record().commitTs()
        : 0;
  }

  /** Checking that a key does not exist is a read at the start timestamp. */
  private long observedTs() {
    return mutations.stream().anyMatch(mutation -> mutation.operation().mustNotExist())
        ? startTs
        : 0;
  }
}
