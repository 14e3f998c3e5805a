package io.arrowraft.storage.txn;

import io.arrowraft.runtime.Bytes;
import io.arrowraft.storage.mvcc.MvccReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Locks keys that a pessimistic transaction is about to read or change, or finds why that must not
 * be. All keys are locked, or none. After the algorithm of TiKV's {@code acquire_pessimistic_lock}.
 *
 * @param primary the key whose commit decides the transaction
 * @param lockTtlMillis how long others wait before they take the transaction for abandoned
 * @param forUpdateTs the statement reads as of this timestamp: a newer version is a conflict
 * @param minCommitTs the least commit timestamp; 0 if readers may not push it
 * @param reading what the statement wants to know of the keys
 * @param onlyIfExists do not lock a key that has no value; needs the values
 * @param throughConflict lock in spite of a newer version, and tell of it
 */
public record AcquirePessimisticLocks(
    List<Key> keys,
    Bytes primary,
    long startTs,
    long lockTtlMillis,
    long forUpdateTs,
    long minCommitTs,
    Reading reading,
    boolean onlyIfExists,
    boolean throughConflict)
    implements Command<List<AcquirePessimisticLocks.Acquired>> {

  /**
   * A key to lock.
   *
   * @param mustNotExist whether a value is an error
   */
  public record Key(Bytes key, boolean mustNotExist) {
    public Key {
      Objects.requireNonNull(key, "key");
    }
  }

  /** What is read while a key is locked. */
  public enum Reading {
    NOTHING,
    EXISTENCE,
    VALUE
  }

  /**
   * What was found under the lock of one key.
   *
   * @param exists whether the key has a value; false if that was not asked for
   * @param value if it was asked for and exists; null otherwise
   * @param conflictTs commit timestamp of the newer version that was passed over; 0 if there is
   *     none. The key is locked, and was read, as of that timestamp
   */
  public record Acquired(boolean exists, Bytes value, long conflictTs) {}

  public AcquirePessimisticLocks {
    keys = List.copyOf(keys);
    Objects.requireNonNull(primary, "primary");
    Objects.requireNonNull(reading, "reading");
    if (onlyIfExists && reading != Reading.VALUE) {
      throw new IllegalArgumentException(
          "locking a key only if it exists needs its value: ask for values too");
    }
    if (forUpdateTs == 0) {
      throw new IllegalArgumentException("a pessimistic lock needs a for-update timestamp");
    }
  }

  @Override
  public List<Bytes> latchKeys() {
    return LatchKeys.of(keys.stream().map(Key::key).toList());
  }

  @Override
  public Outcome<List<Acquired>> evaluate(MvccReader reader) {
    Changes changes = new Changes();
    PessimisticLockRules rules = new PessimisticLockRules(this, reader, changes);
    List<Acquired> acquired = new ArrayList<>(keys.size());
    try {
      for (Key key : keys) {
        acquired.add(rules.lock(key));
      }
      return Outcome.success(List.copyOf(acquired), changes, rules.observedTs());
    } catch (Abort abort) {
      return Outcome.failure(List.of(abort.error()), rules.observedTs());
    }
  }
}
