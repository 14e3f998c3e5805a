package io.arrowraft.storage.txn;

import java.util.List;
import java.util.Objects;

/**
 * What the client of a command gets.
 *
 * @param <V> what success says
 */
public sealed interface TxnResult<V> {
  /** Valid once the modifications are applied. */
  record Success<V>(V value) implements TxnResult<V> {
    public Success {
      Objects.requireNonNull(value, "value");
    }
  }

  /** Nothing changed; one error, or all locks that were met. */
  record Failure<V>(List<TxnError> errors) implements TxnResult<V> {
    public Failure {
      errors = List.copyOf(errors);
      if (errors.isEmpty()) {
        throw new IllegalArgumentException("a failure has at least one error");
      }
    }
  }
}
