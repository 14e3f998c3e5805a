package io.arrowraft.storage.txn;

import java.util.List;
import java.util.Objects;

/**
 * The outcome of evaluating a command.
 *
 * @param result for the client, once the modifications are applied
 * @param modifications to apply atomically; empty when nothing changes
 * @param observedTs a timestamp the command has read at, 0 for none: later asynchronous commits
 *     must come after it, so it is recorded in {@code max_ts} before the client hears (rule 42)
 */
public record Outcome<V>(TxnResult<V> result, List<Modification> modifications, long observedTs) {
  public Outcome {
    Objects.requireNonNull(result, "result");
    modifications = List.copyOf(modifications);
  }

  static <V> Outcome<V> success(V value, Changes changes, long observedTs) {
    return new Outcome<>(new TxnResult.Success<>(value), changes.modifications(), observedTs);
  }

  static <V> Outcome<V> failure(List<TxnError> errors, long observedTs) {
    return new Outcome<>(new TxnResult.Failure<>(errors), List.of(), observedTs);
  }
}
