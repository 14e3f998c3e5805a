package io.arrowraft.storage.txn;

import io.arrowraft.runtime.Bytes;
import java.util.Objects;

/**
 * What a transaction does to one key.
 *
 * @param value the new value of a PUT or INSERT; null otherwise
 * @param guard how a pessimistic transaction has protected the key so far
 */
public record PrewriteMutation(
    Operation operation,
    Bytes key,
    Bytes value,
    Prewrite.Assertion assertion,
    PessimisticGuard guard) {

  /** Kinds of change. */
  public enum Operation {
    PUT,
    DELETE,
    /** Guards the key without changing it. */
    LOCK,
    /** A PUT of a key that must not exist. */
    INSERT,
    /** No change; the key must not exist. */
    CHECK_NOT_EXISTS;

    boolean mustNotExist() {
      return this == INSERT || this == CHECK_NOT_EXISTS;
    }

    boolean hasValue() {
      return this == PUT || this == INSERT;
    }
  }

  public PrewriteMutation {
    Objects.requireNonNull(operation, "operation");
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(assertion, "assertion");
    Objects.requireNonNull(guard, "guard");
    if (operation.hasValue() != (value != null)) {
      throw new IllegalArgumentException(
          operation + " of key " + key + (value == null ? " needs a value" : " takes no value"));
    }
  }

  /** A mutation of an optimistic transaction, or of a key that a pessimistic one did not lock. */
  public PrewriteMutation(
      Operation operation, Bytes key, Bytes value, Prewrite.Assertion assertion) {
    this(operation, key, value, assertion, PessimisticGuard.NONE);
  }

  public static PrewriteMutation put(Bytes key, Bytes value) {
    return new PrewriteMutation(Operation.PUT, key, value, Prewrite.Assertion.NONE);
  }

  public static PrewriteMutation insert(Bytes key, Bytes value) {
    return new PrewriteMutation(Operation.INSERT, key, value, Prewrite.Assertion.NONE);
  }

  public static PrewriteMutation delete(Bytes key) {
    return new PrewriteMutation(Operation.DELETE, key, null, Prewrite.Assertion.NONE);
  }

  public static PrewriteMutation lock(Bytes key) {
    return new PrewriteMutation(Operation.LOCK, key, null, Prewrite.Assertion.NONE);
  }

  public static PrewriteMutation checkNotExists(Bytes key) {
    return new PrewriteMutation(Operation.CHECK_NOT_EXISTS, key, null, Prewrite.Assertion.NONE);
  }

  public PrewriteMutation asserting(Prewrite.Assertion claim) {
    return new PrewriteMutation(operation, key, value, claim, guard);
  }

  public PrewriteMutation guardedBy(PessimisticGuard protection) {
    return new PrewriteMutation(operation, key, value, assertion, protection);
  }
}
