package io.arrowraft.client.table.schema;

import io.arrowraft.client.error.ErrorCode;
import io.arrowraft.client.error.InvalidRequestException;
import io.arrowraft.client.error.TransactionAbortedException;
import io.arrowraft.client.txn.CommitFence;
import io.arrowraft.client.txn.WritableTransaction;
import io.arrowraft.runtime.Async;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.table.KeyText;
import io.arrowraft.table.SchemaState;
import io.arrowraft.table.TableKeys;
import io.arrowraft.table.TableSchema;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** Binds a transaction to the definition of one table by which it has begun to work. */
public final class SchemaFence implements CommitFence {
  private final SchemaCache cache;
  private CompletableFuture<LoadedSchema> pinned;
  private long newestCommitTs = Long.MAX_VALUE;
  private int underWay;

  SchemaFence(SchemaCache cache) {
    this.cache = cache;
  }

  /** The definition of this transaction's work. */
  synchronized CompletableFuture<TableSchema> schema(WritableTransaction transaction) {
    if (pinned == null || pinned.isCompletedExceptionally()) {
      pinned = cache.loadedAt(transaction);
    }
    return pinned.thenApply(LoadedSchema::schema);
  }

  /**
   * Runs a piece of work that may write. From now on the transaction commits only while the
   * definition holds, and not before the work has ended.
   *
   * @throws TransactionAbortedException if the table takes no writes at the moment
   */
  public <T> CompletableFuture<T> writing(TableSchema schema, Supplier<CompletableFuture<T>> work) {
    if (schema.state() != SchemaState.PUBLIC) {
      throw new TransactionAbortedException(
          ErrorCode.SCHEMA_CHANGED,
          "table " + schema.tableName() + " is being emptied and takes no writes meanwhile");
    }
    begin();
    CompletableFuture<T> started;
    try {
      started = work.get();
    } catch (RuntimeException refused) {
      end();
      throw explained(refused);
    }
    CompletableFuture<T> result = new CompletableFuture<>();
    started.whenComplete(
        (value, failure) -> {
          end();
          Throwable cause = failure == null ? null : Async.cause(failure);
          Async.settle(
              result, value, cause instanceof RuntimeException known ? explained(known) : cause);
        });
    return result;
  }

  private synchronized void begin() {
    underWay++;
    newestCommitTs = Math.min(newestCommitTs, pinned.join().leaseEnd().value());
  }

  private synchronized void end() {
    underWay--;
  }

  private RuntimeException explained(RuntimeException failure) {
    return failure instanceof InvalidRequestException refused ? explain(refused) : failure;
  }

  @Override
  public synchronized long newestCommitTs() {
    return newestCommitTs;
  }

  @Override
  public CompletableFuture<Void> extend() {
    LoadedSchema relied;
    synchronized (this) {
      relied = pinned.join();
    }
    return cache
        .reload()
        .handle(
            (now, failure) -> {
              if (failure == null && now.isSameVersion(relied)) {
                extendTo(now.leaseEnd().value());
                return null;
              }
              throw failure == null
                  ? changed(relied, "version " + now.schema().schemaVersion() + " is in force")
                  : gone(relied, Async.cause(failure));
            });
  }

  private synchronized void extendTo(long leaseEnd) {
    newestCommitTs = Math.max(newestCommitTs, leaseEnd);
  }

  private static RuntimeException gone(LoadedSchema relied, Throwable failure) {
    if (failure instanceof InvalidRequestException refused
        && refused.code() == ErrorCode.UNKNOWN_TABLE) {
      return changed(relied, "it has been dropped");
    }
    return failure instanceof RuntimeException known ? known : new IllegalStateException(failure);
  }

  private static TransactionAbortedException changed(LoadedSchema relied, String now) {
    return new TransactionAbortedException(
        ErrorCode.SCHEMA_CHANGED,
        "the transaction works by version "
            + relied.schema().schemaVersion()
            + " of table "
            + relied.schema().tableName()
            + ", but "
            + now);
  }

  @Override
  public synchronized void beforeCommit() {
    if (underWay > 0) {
      throw new InvalidRequestException(
          ErrorCode.INVALID_ARGUMENT,
          "a write to table " + cache.name() + " has not ended: wait for its future, then commit");
    }
  }

  @Override
  public InvalidRequestException explain(InvalidRequestException refused) {
    if (refused.code() != ErrorCode.KEY_EXISTS || refused.key().isEmpty()) {
      return refused;
    }
    TableSchema schema;
    synchronized (this) {
      if (pinned == null || !pinned.isDone() || pinned.isCompletedExceptionally()) {
        return refused;
      }
      schema = pinned.join().schema();
    }
    Bytes key = refused.key().get();
    if (!key.startsWith(Bytes.wrap(TableKeys.tablePrefix(schema.tableId())))
        || refused.getMessage().startsWith("table ")) {
      return refused;
    }
    return new InvalidRequestException(
        ErrorCode.KEY_EXISTS,
        "table "
            + schema.tableName()
            + " has a row with "
            + KeyText.of(schema, key.unsafeArray())
            + " already",
        key);
  }
}
