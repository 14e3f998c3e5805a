package io.arrowraft.client.txn;

import io.arrowraft.client.error.ErrorCode;
import io.arrowraft.client.error.InvalidRequestException;
import io.arrowraft.client.keyvalue.ScanPage;
import io.arrowraft.client.keyvalue.ScanRange;
import io.arrowraft.pd.client.Timestamp;
import io.arrowraft.runtime.Async;
import io.arrowraft.runtime.Bytes;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * An optimistic transaction: reads at its start timestamp, keeps its writes to itself and finds out
 * at {@link #commit} whether somebody else wrote the same keys meanwhile. Belongs to one thread at
 * a time.
 */
public final class Transaction implements WritableTransaction {
  private final Transactions transactions;
  private final BufferedReads reads;
  private final MutationBuffer buffer;
  private final TransactionAge age;
  private final CommitShape shape;
  private final Timestamp startTimestamp;
  private final CommitOrder order;
  private final Fences fences = new Fences();
  private boolean finished;

  Transaction(
      Transactions transactions,
      CommitShape shape,
      Timestamp startTimestamp,
      TransactionAge age,
      CommitOrder order) {
    this.transactions = transactions;
    this.shape = shape;
    this.startTimestamp = startTimestamp;
    this.age = age;
    this.order = order;
    this.reads = BufferedReads.of(transactions, startTimestamp.value());
    this.buffer = reads.buffer();
  }

  /** The start timestamp, at which it reads. */
  @Override
  public Timestamp timestamp() {
    return startTimestamp;
  }

  @Override
  public <F extends CommitFence> F fence(Object subject, Class<F> type, Supplier<F> make) {
    return fences.of(subject, type, make);
  }

  /** Whether nothing has been written so far. */
  public boolean isReadOnly() {
    return buffer.isEmpty();
  }

  /** Size of the keys and values written so far. */
  public long bufferedBytes() {
    return buffer.bytes();
  }

  @Override
  public CompletableFuture<Optional<Bytes>> get(Bytes key) {
    requireOpen();
    return reads.get(key);
  }

  @Override
  public CompletableFuture<Map<Bytes, Bytes>> batchGet(Collection<Bytes> keys) {
    requireOpen();
    return reads.batchGet(keys);
  }

  @Override
  public CompletableFuture<ScanPage> scan(ScanRange range, int limit) {
    requireOpen();
    return reads.scan(range, limit);
  }

  /** Stores a value. */
  public void put(Bytes key, Bytes value) {
    requireOpen();
    buffer.put(key, value);
  }

  /**
   * Stores a value under a key that must not exist: the commit fails with {@link
   * ErrorCode#KEY_EXISTS} if it does.
   *
   * @throws InvalidRequestException at once if this transaction itself has written the key
   */
  public void insert(Bytes key, Bytes value) {
    requireOpen();
    buffer.insert(key, value);
  }

  /** Removes a key, whether it is there or not. */
  public void delete(Bytes key) {
    requireOpen();
    buffer.delete(key);
  }

  /** Runs writes of this transaction, none of which takes effect if one of them is refused. */
  public void together(Runnable writes) {
    requireOpen();
    buffer.together(writes);
  }

  /** Makes the commit fail if somebody else writes the key meanwhile, without changing it. */
  public void lock(Bytes key) {
    requireOpen();
    buffer.lock(key);
  }

  /**
   * Makes the writes visible, all or none.
   *
   * @return the commit timestamp, or the start timestamp if nothing was written. Fails with {@link
   *     io.arrowraft.client.error.TransactionAbortedException} if the transaction lost against
   *     another one, with {@link io.arrowraft.client.error.OutcomeUnknownException} if the answer
   *     to the deciding request was lost, else without having changed anything. Cancelling it has
   *     no effect on the commit.
   */
  @Override
  public CompletableFuture<Timestamp> commit() {
    requireOpen();
    fences.beforeCommit();
    finished = true;
    if (buffer.isEmpty()) {
      transactions.countReadOnly();
      return CompletableFuture.completedFuture(startTimestamp);
    }
    List<Mutation> mutations = buffer.mutations();
    CompletableFuture<Timestamp> committed =
        transactions
            .calls()
            .toTheEnd(
                backoff ->
                    new TwoPhaseCommit(
                            transactions.calls(),
                            transactions.resolver(),
                            transactions.background(),
                            shape,
                            age,
                            Writes.optimistic(startTimestamp.value(), mutations, order),
                            fences)
                        .run(backoff)
                        .thenApply(Timestamp::new));
    committed.whenComplete(
        (timestamp, failure) ->
            transactions.countCommit(age, failure == null ? null : Async.cause(failure)));
    return committed;
  }

  /** A point that {@link #rollbackTo} can come back to. */
  public Savepoint savepoint() {
    requireOpen();
    return buffer.savepoint();
  }

  /** Forgets the writes since a savepoint of this transaction; the savepoint stays valid. */
  public void rollbackTo(Savepoint savepoint) {
    requireOpen();
    buffer.restore(savepoint);
  }

  /** Forgets the writes. Nothing of them has left this client. Idempotent, also after commit. */
  @Override
  public void rollback() {
    finished = true;
  }

  private void requireOpen() {
    if (finished) {
      throw new InvalidRequestException(
          ErrorCode.TRANSACTION_FINISHED,
          "transaction " + startTimestamp + " has been committed or rolled back");
    }
  }
}
