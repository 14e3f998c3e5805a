package io.arrowraft.client.table;

import io.arrowraft.client.error.ErrorCode;
import io.arrowraft.client.error.InvalidRequestException;
import io.arrowraft.client.table.KeyChange.Kind;
import io.arrowraft.client.txn.PessimisticTransaction;
import io.arrowraft.client.txn.Transaction;
import io.arrowraft.client.txn.WritableTransaction;
import io.arrowraft.runtime.Bytes;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/** A transaction as a table's writes see it. */
sealed interface RowStore {
  /** What a write decides by: nobody else changes it before this transaction commits. */
  CompletableFuture<Map<Bytes, Bytes>> current(Collection<Bytes> keys);

  /**
   * Reads keys, of which nobody else may change one before this transaction commits: an optimistic
   * one finds out when it commits.
   */
  CompletableFuture<Map<Bytes, Bytes>> forUpdate(Collection<Bytes> keys);

  /** All of the changes, or none if one is refused. */
  CompletableFuture<Void> apply(List<KeyChange> changes);

  static RowStore of(WritableTransaction transaction) {
    return transaction instanceof Transaction optimistic
        ? new Optimistic(optimistic)
        : new Pessimistic((PessimisticTransaction) transaction);
  }

  /** Reads as of its start; the commit finds out about others and about keys that exist. */
  record Optimistic(Transaction transaction) implements RowStore {
    @Override
    public CompletableFuture<Map<Bytes, Bytes>> current(Collection<Bytes> keys) {
      return transaction.batchGet(keys);
    }

    @Override
    public CompletableFuture<Map<Bytes, Bytes>> forUpdate(Collection<Bytes> keys) {
      transaction.together(() -> keys.forEach(transaction::lock));
      return transaction.batchGet(keys);
    }

    @Override
    public CompletableFuture<Void> apply(List<KeyChange> changes) {
      transaction.together(
          () -> {
            for (KeyChange change : changes) {
              switch (change.kind()) {
                case PUT -> transaction.put(change.key(), change.value());
                case INSERT -> transaction.insert(change.key(), change.value());
                case DELETE -> transaction.delete(change.key());
              }
            }
          });
      return CompletableFuture.completedFuture(null);
    }
  }

  /** Locks what it reads and what it changes; keys that exist are found out at once. */
  record Pessimistic(PessimisticTransaction transaction) implements RowStore {
    @Override
    public CompletableFuture<Map<Bytes, Bytes>> current(Collection<Bytes> keys) {
      return transaction.batchGetForUpdate(keys);
    }

    @Override
    public CompletableFuture<Map<Bytes, Bytes>> forUpdate(Collection<Bytes> keys) {
      return transaction.batchGetForUpdate(keys);
    }

    @Override
    public CompletableFuture<Void> apply(List<KeyChange> changes) {
      Map<Bytes, Bytes> inserts = new TreeMap<>();
      Map<Bytes, Optional<Bytes>> others = new TreeMap<>();
      for (KeyChange change : changes) {
        if (change.kind() == Kind.INSERT) {
          if (inserts.put(change.key(), change.value()) != null) {
            return CompletableFuture.failedFuture(
                new InvalidRequestException(
                    ErrorCode.KEY_EXISTS,
                    "key " + change.key() + " is written twice by one call",
                    change.key()));
          }
        } else {
          others.put(
              change.key(),
              change.kind() == Kind.PUT ? Optional.of(change.value()) : Optional.empty());
        }
      }
      return transaction.writeAll(inserts, others);
    }
  }
}
