package io.arrowraft.cli.quickstart;

import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.client.error.OutcomeUnknownException;
import io.arrowraft.client.table.Row;
import io.arrowraft.client.table.TableDefinition;
import io.arrowraft.client.table.TableHandle;
import io.arrowraft.client.txn.Transaction;
import io.arrowraft.client.txn.Transactions;
import io.arrowraft.runtime.Async;
import io.arrowraft.table.DataType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.stream.IntStream;

/** Keeps moving money between random accounts, each time in one transaction. */
final class Transfers implements AutoCloseable {
  static final String TABLE = "bank.accounts";
  static final int ACCOUNTS = 5_000;
  static final long OPENING_BALANCE = 1_000;
  static final long TOTAL = ACCOUNTS * OPENING_BALANCE;

  private static final int IN_FLIGHT = 48;
  private static final long AMOUNT_MAX = 100;
  private static final Duration STOP_BOUND = Duration.ofSeconds(60);

  private final ArrowraftClient client;
  private final TableHandle accounts;
  private final LongAdder committed = new LongAdder();
  private final LongAdder gaveUp = new LongAdder();
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private final List<CompletableFuture<Void>> lines = new ArrayList<>();
  private volatile boolean stopping;

  private Transfers(ArrowraftClient client, TableHandle accounts) {
    this.client = client;
    this.accounts = accounts;
  }

  /** Makes the accounts; nothing moves before {@link #start}. */
  static Transfers prepare(ArrowraftClient client) {
    TableHandle accounts =
        client
            .tables()
            .handle(
                client.await(
                    client
                        .tables()
                        .createTable(
                            TableDefinition.named(TABLE)
                                .required("id", DataType.BIGINT)
                                .required("balance", DataType.BIGINT)
                                .primaryKey("id")
                                .build())));
    client.transact(
        transaction ->
            client.await(
                accounts.insertAll(
                    transaction,
                    IntStream.range(0, ACCOUNTS)
                        .mapToObj(id -> account(id, OPENING_BALANCE))
                        .toList())));
    return new Transfers(client, accounts);
  }

  TableHandle accounts() {
    return accounts;
  }

  void start() {
    for (int line = 0; line < IN_FLIGHT; line++) {
      CompletableFuture<Void> ended = new CompletableFuture<>();
      lines.add(ended);
      next(new SplittableRandom(line), ended);
    }
  }

  /** Transfers committed so far. */
  long committed() {
    return committed.sum();
  }

  /** Waits until so many transfers have committed. */
  void await(long count) {
    long end = System.nanoTime() + STOP_BOUND.toNanos();
    while (committed.sum() < count && failure.get() == null) {
      if (System.nanoTime() > end) {
        throw new IllegalStateException(
            "only %d of %d transfers within %s".formatted(committed.sum(), count, STOP_BOUND));
      }
      LockSupport.parkNanos(1_000_000);
    }
  }

  /** Transfers that lost against others until their deadline, or whose outcome nobody told. */
  long gaveUp() {
    return gaveUp.sum();
  }

  /**
   * Stops and waits for what is under way.
   *
   * @throws IllegalStateException if a transfer failed in a way that a healthy cluster excludes
   */
  @Override
  public void close() {
    stopping = true;
    client.await(CompletableFuture.allOf(lines.toArray(CompletableFuture[]::new)), STOP_BOUND);
    Throwable failed = failure.get();
    if (failed != null) {
      throw new IllegalStateException("a transfer failed: " + failed, failed);
    }
  }

  private void next(SplittableRandom random, CompletableFuture<Void> ended) {
    if (stopping || failure.get() != null) {
      ended.complete(null);
      return;
    }
    long from = random.nextInt(ACCOUNTS);
    long to = (from + 1 + random.nextInt(ACCOUNTS - 1)) % ACCOUNTS;
    long amount = 1 + random.nextLong(AMOUNT_MAX);
    client
        .retrying(transaction -> transfer(transaction, from, to, amount))
        .whenComplete(
            (moved, failed) -> {
              note(failed);
              next(random, ended);
            });
  }

  private CompletableFuture<Boolean> transfer(
      Transaction transaction, long from, long to, long amount) {
    return accounts
        .get(transaction, from)
        .thenCombine(
            accounts.get(transaction, to),
            (source, target) -> {
              long available = balance(source, from);
              if (available < amount) {
                return CompletableFuture.completedFuture(false);
              }
              // On the client's loop, where nothing may wait.
              return accounts
                  .upsert(transaction, account(from, available - amount))
                  .thenCompose(
                      taken ->
                          accounts.upsert(transaction, account(to, balance(target, to) + amount)))
                  .thenApply(given -> true);
            })
        .thenCompose(Function.identity());
  }

  private void note(Throwable failed) {
    if (failed == null) {
      committed.increment();
    } else if (Transactions.worthAnotherRun(Async.cause(failed))
        || Async.cause(failed) instanceof OutcomeUnknownException) {
      gaveUp.increment();
    } else {
      failure.compareAndSet(null, Async.cause(failed));
    }
  }

  private static long balance(Optional<Row> account, long id) {
    return account
        .orElseThrow(() -> new IllegalStateException("account " + id + " has vanished"))
        .getLong("balance");
  }

  private static Row account(long id, long balance) {
    return Row.builder().set("id", id).set("balance", balance).build();
  }
}
