package io.arrowraft.client.txn;

import io.arrowraft.client.error.ErrorCode;
import io.arrowraft.client.error.InvalidRequestException;
import io.arrowraft.client.error.TransactionAbortedException;
import io.arrowraft.client.keyvalue.KeyRules;
import io.arrowraft.client.keyvalue.ScanPage;
import io.arrowraft.client.keyvalue.ScanRange;
import io.arrowraft.client.retry.Backoff;
import io.arrowraft.pd.client.Timestamp;
import io.arrowraft.runtime.Async;
import io.arrowraft.runtime.Bytes;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * A transaction that locks keys before it changes them, and waits where others hold them. Plain
 * reads are as of its start, like those of an optimistic transaction; {@link #getForUpdate} reads
 * what is newest, and what it has read stays so until the end. A commit fails for a conflict only
 * if locks were lost. Who waits in a circle is refused with {@link ErrorCode#DEADLOCK}, and the
 * transaction is over. Belongs to one thread at a time.
 */
public final class PessimisticTransaction implements WritableTransaction {
  private final Transactions transactions;
  private final BufferedReads reads;
  private final KeyRules rules;
  private final MutationBuffer buffer;
  private final KeyLocks locks;
  private final TransactionAge age;
  private final CommitShape shape;
  private final Timestamp startTimestamp;
  private final Fences fences = new Fences();
  private volatile boolean finished;

  PessimisticTransaction(
      Transactions transactions, CommitShape shape, Timestamp startTimestamp, TransactionAge age) {
    this.transactions = transactions;
    this.shape = shape;
    this.startTimestamp = startTimestamp;
    this.age = age;
    this.reads = BufferedReads.of(transactions, startTimestamp.value());
    this.rules = reads.rules();
    this.buffer = reads.buffer();
    this.locks =
        new KeyLocks(
            transactions.calls(),
            transactions.resolver(),
            transactions.background(),
            age,
            startTimestamp.value());
  }

  /** The start timestamp, at which plain reads read. */
  @Override
  public Timestamp timestamp() {
    return startTimestamp;
  }

  @Override
  public <F extends CommitFence> F fence(Object subject, Class<F> type, Supplier<F> make) {
    return fences.of(subject, type, make);
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

  /** Locks a key and reads its newest value, or what this transaction has written. */
  public CompletableFuture<Optional<Bytes>> getForUpdate(Bytes key) {
    return batchGetForUpdate(List.of(key)).thenApply(found -> Optional.ofNullable(found.get(key)));
  }

  /** Locks keys and reads their newest values as of one moment; those that have one, in order. */
  public CompletableFuture<Map<Bytes, Bytes>> batchGetForUpdate(Collection<Bytes> keys) {
    requireOpen();
    SortedMap<Bytes, Bytes> found = new TreeMap<>();
    List<Bytes> others = reads.ownValues(keys, found);
    return statement(others, KeyLocks.Wish.LOCK_AND_READ)
        .thenApply(
            values -> {
              found.putAll(values);
              return found;
            });
  }

  /** Locks keys without reading them. */
  public CompletableFuture<Void> lock(Collection<Bytes> keys) {
    requireOpen();
    return statement(keys, KeyLocks.Wish.LOCK).thenApply(locked -> null);
  }

  /** Locks a key and stores a value, to be visible with the commit. */
  public CompletableFuture<Void> put(Bytes key, Bytes value) {
    requireOpen();
    rules.value(value);
    return statement(List.of(key), KeyLocks.Wish.LOCK).thenAccept(locked -> buffer.put(key, value));
  }

  /**
   * As {@link #put}, of a key that must not exist: fails with {@link ErrorCode#KEY_EXISTS}, which
   * leaves the transaction as it was, if it does.
   */
  public CompletableFuture<Void> insert(Bytes key, Bytes value) {
    requireOpen();
    rules.value(value);
    Optional<Mutation> own = buffer.decisive(rules.key(key));
    if (own.filter(Mutation::storesValue).isPresent()) {
      return CompletableFuture.failedFuture(
          new InvalidRequestException(
              ErrorCode.KEY_EXISTS, "key " + key + " was written by this transaction", key));
    }
    KeyLocks.Wish wish = own.isPresent() ? KeyLocks.Wish.LOCK : KeyLocks.Wish.LOCK_NEW;
    return statement(List.of(key), wish).thenAccept(locked -> buffer.put(key, value));
  }

  /**
   * Locks keys, those that must not exist first, and then writes all of them or, if that is
   * refused, none.
   *
   * @param inserts fails with {@link ErrorCode#KEY_EXISTS} if one exists
   * @param others values to store; empty for keys to remove
   */
  public CompletableFuture<Void> writeAll(
      Map<Bytes, Bytes> inserts, Map<Bytes, Optional<Bytes>> others) {
    requireOpen();
    List<Bytes> absent = new ArrayList<>();
    List<Bytes> any = new ArrayList<>(others.keySet());
    for (Bytes key : inserts.keySet()) {
      Optional<Mutation> own = buffer.decisive(rules.key(key));
      if (own.filter(Mutation::storesValue).isPresent()) {
        return CompletableFuture.failedFuture(
            new InvalidRequestException(
                ErrorCode.KEY_EXISTS, "key " + key + " was written by this transaction", key));
      }
      (own.isPresent() ? any : absent).add(key);
    }
    return statement(absent, KeyLocks.Wish.LOCK_NEW)
        .thenCompose(locked -> statement(any, KeyLocks.Wish.LOCK))
        .thenAccept(
            locked ->
                buffer.together(
                    () -> {
                      inserts.forEach(buffer::put);
                      others.forEach(
                          (key, value) ->
                              value.ifPresentOrElse(
                                  stored -> buffer.put(key, stored), () -> buffer.delete(key)));
                    }));
  }

  /** Locks a key and removes it with the commit, whether it is there or not. */
  public CompletableFuture<Void> delete(Bytes key) {
    requireOpen();
    return statement(List.of(key), KeyLocks.Wish.LOCK).thenAccept(locked -> buffer.delete(key));
  }

  private CompletableFuture<SortedMap<Bytes, Bytes>> statement(
      Collection<Bytes> keys, KeyLocks.Wish wish) {
    SortedSet<Bytes> wanted = new TreeSet<>();
    keys.forEach(key -> wanted.add(rules.key(key)));
    if (wanted.isEmpty()) {
      return CompletableFuture.completedFuture(new TreeMap<>());
    }
    return transactions
        .calls()
        .toTheEnd(backoff -> locks.lock(wanted, wish, backoff))
        .whenComplete(
            (locked, failure) -> {
              if (failure != null && Async.cause(failure) instanceof TransactionAbortedException) {
                rollback(); // others wait for what this transaction holds
              }
            });
  }

  /** A point that {@link #rollbackTo} can come back to. */
  public Savepoint savepoint() {
    requireOpen();
    return buffer.savepoint();
  }

  /**
   * Forgets the writes since a savepoint of this transaction. Keys that were locked since stay
   * locked, as in other databases: what was decided from them may still matter.
   */
  public void rollbackTo(Savepoint savepoint) {
    requireOpen();
    buffer.restore(savepoint);
  }

  /** As {@link Transaction#commit}. */
  @Override
  public CompletableFuture<Timestamp> commit() {
    requireOpen();
    fences.beforeCommit();
    finished = true;
    CompletableFuture<Timestamp> committed = transactions.calls().toTheEnd(this::commit);
    committed.whenComplete(
        (timestamp, failure) ->
            transactions.countCommit(age, failure == null ? null : Async.cause(failure)));
    return committed;
  }

  private CompletableFuture<Timestamp> commit(Backoff backoff) {
    if (buffer.isEmpty() && locks.statements() <= 1) {
      // What one statement has read was so at one moment. Of several, only the commit tells
      // whether the locks of the first were still there when the last one read.
      return locks.releaseAll().thenApply(none -> startTimestamp);
    }
    locks.stopHeartbeat();
    Writes writes =
        new Writes(
            startTimestamp.value(),
            mutations(),
            locks.primary(),
            locks.forUpdateTs(),
            CommitOrder.AFTER_CALL);
    return new TwoPhaseCommit(
            transactions.calls(),
            transactions.resolver(),
            transactions.background(),
            shape,
            age,
            writes,
            fences)
        .run(backoff)
        .thenApply(Timestamp::new);
  }

  /** All that is locked: what was not written is unlocked by the commit. */
  private List<Mutation> mutations() {
    TreeMap<Bytes, Mutation> all = new TreeMap<>();
    for (Bytes key : locks.held()) {
      all.put(key, new Mutation(Mutation.Kind.LOCK, key, Bytes.EMPTY));
    }
    buffer.mutations().forEach(mutation -> all.put(mutation.key(), mutation));
    return List.copyOf(all.values());
  }

  /**
   * Forgets the writes and gives up the locks, in the background. Idempotent, also after commit.
   */
  @Override
  public void rollback() {
    if (!finished) {
      finished = true;
      transactions.calls().loop().run(locks::releaseAll);
    }
  }

  private void requireOpen() {
    if (finished) {
      throw new InvalidRequestException(
          ErrorCode.TRANSACTION_FINISHED,
          "transaction " + startTimestamp + " has been committed or rolled back");
    }
  }
}
