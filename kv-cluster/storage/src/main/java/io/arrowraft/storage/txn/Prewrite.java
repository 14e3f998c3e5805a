package io.arrowraft.storage.txn;

import io.arrowraft.runtime.Bytes;
import io.arrowraft.storage.mvcc.CommitRecord;
import io.arrowraft.storage.mvcc.MvccReader;
import io.arrowraft.storage.mvcc.Timestamps;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Locks the keys of an optimistic transaction, or finds why that must not be. All keys of the
 * command are locked, or none.
 *
 * <p>A client that asks for asynchronous or one-phase commit is answered as TiKV does when it falls
 * back: locks of a two-phase commit, and zero for both timestamps of the result.
 *
 * @param primary the key whose commit decides the transaction
 * @param lockTtlMillis how long others wait before they take the transaction for abandoned
 * @param txnSize estimated number of keys of the transaction
 * @param minCommitTs the least commit timestamp; 0 if readers may not push it
 * @param skipConstraintCheck the client knows that no key has a newer version
 * @param assertionLevel how far assertions are checked
 */
public record Prewrite(
    List<PrewriteMutation> mutations,
    Bytes primary,
    long startTs,
    long lockTtlMillis,
    long txnSize,
    long minCommitTs,
    boolean skipConstraintCheck,
    AssertionLevel assertionLevel)
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
  }

  @Override
  public List<Bytes> latchKeys() {
    return LatchKeys.of(mutations.stream().map(PrewriteMutation::key).toList());
  }

  @Override
  public Outcome<Result> evaluate(MvccReader reader) {
    Changes changes = new Changes();
    List<TxnError> locked = new ArrayList<>();
    TxnError assertionFailure = null;
    PrewriteRules rules = new PrewriteRules(this, reader, changes);
    for (PrewriteMutation mutation : mutations) {
      try {
        rules.apply(mutation);
      } catch (Abort abort) {
        TxnError error = abort.error();
        if (mayBeOwnCommit(error) && isCommitted(reader, mutation.key())) {
          // A repetition that arrives after the commit: locking again would leave a lock that no
          // one
          // commits, and failing would make the client believe it lost (rule 30).
          return Outcome.success(Result.TWO_PHASE, new Changes(), observedTs());
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
        ? Outcome.success(Result.TWO_PHASE, changes, observedTs())
        : Outcome.failure(locked, observedTs());
  }

  private static boolean mayBeOwnCommit(TxnError error) {
    return error instanceof TxnError.KeyLocked
        || (error instanceof TxnError.WriteConflict conflict
            && Timestamps.isAfter(conflict.conflictCommitTs(), conflict.startTs()));
  }

  private boolean isCommitted(MvccReader reader, Bytes key) {
    return reader.commitRecord(key, startTs) instanceof CommitRecord.Found found
        && !found.isRollback();
  }

  /** Checking that a key does not exist is a read at the start timestamp. */
  private long observedTs() {
    return mutations.stream().anyMatch(mutation -> mutation.operation().mustNotExist())
        ? startTs
        : 0;
  }
}
