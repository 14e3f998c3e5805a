package io.arrowraft.simulation.workload;

import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.client.txn.Snapshot;
import io.arrowraft.client.txn.Transaction;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.simulation.check.PairHistory;
import io.arrowraft.simulation.check.Violation;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;

/**
 * Pairs of accounts that may be overdrawn one by one but not together. A withdrawal reads both,
 * writes one and locks the other: without the lock, snapshot isolation lets two withdrawals pass
 * each other.
 */
public final class PairWorkload implements Workload {
  /** Whether a withdrawal locks the account that it only reads. */
  public enum Guard {
    LOCK,
    /** A planted write skew, which the checker has to find. */
    NONE
  }

  private static final long FIRST_BALANCE = 50;

  private final int pairs;
  private final Guard guard;
  private final PairHistory history = new PairHistory();

  public PairWorkload(int pairs, Guard guard) {
    this.pairs = pairs;
    this.guard = guard;
  }

  @Override
  public String name() {
    return "pair";
  }

  @Override
  public CompletableFuture<Void> prepare(ArrowraftClient client) {
    return client.retrying(
        transaction -> {
          for (int pair = 0; pair < pairs; pair++) {
            transaction.put(key(pair, 0), Values.of(FIRST_BALANCE));
            transaction.put(key(pair, 1), Values.of(FIRST_BALANCE));
          }
          return CompletableFuture.completedFuture(null);
        });
  }

  @Override
  public CompletableFuture<Void> operate(ArrowraftClient client, RandomGenerator random) {
    int pair = random.nextInt(pairs);
    if (random.nextInt(100) < 25) {
      return client.snapshot().thenCompose(snapshot -> read(snapshot, pair));
    }
    int side = random.nextInt(2);
    long amount = 1L + random.nextInt(80);
    boolean withdraws = random.nextInt(100) < 65;
    return client
        .begin()
        .thenCompose(
            transaction ->
                transaction
                    .batchGet(List.of(key(pair, 0), key(pair, 1)))
                    .thenCompose(
                        balances -> {
                          change(transaction, balances, pair, side, withdraws ? -amount : amount);
                          return transaction.commit();
                        }))
        .thenAccept(committed -> {});
  }

  @Override
  public CompletableFuture<Void> readAll(ArrowraftClient client) {
    return client
        .snapshot()
        .thenCompose(
            snapshot -> {
              CompletableFuture<Void> all = CompletableFuture.completedFuture(null);
              for (int pair = 0; pair < pairs; pair++) {
                int next = pair;
                all = all.thenCompose(done -> read(snapshot, next));
              }
              return all;
            });
  }

  @Override
  public List<Violation> check() {
    return history.check();
  }

  private void change(
      Transaction transaction, Map<Bytes, Bytes> balances, int pair, int side, long amount) {
    long own = Values.number(balances.get(key(pair, side)));
    long other = Values.number(balances.get(key(pair, 1 - side)));
    if (own + other + amount < 0) {
      return;
    }
    transaction.put(key(pair, side), Values.of(own + amount));
    if (amount < 0 && guard == Guard.LOCK) {
      transaction.lock(key(pair, 1 - side));
    }
  }

  private CompletableFuture<Void> read(Snapshot snapshot, int pair) {
    return snapshot
        .batchGet(List.of(key(pair, 0), key(pair, 1)))
        .thenAccept(
            balances ->
                history.read(
                    snapshot.timestamp().value(),
                    pair,
                    Values.number(balances.get(key(pair, 0))),
                    Values.number(balances.get(key(pair, 1)))));
  }

  /** The sides lie far apart in the key space, so that splits part them. */
  private static Bytes key(int pair, int side) {
    return Bytes.ofUtf8("pair/" + (side == 0 ? "a" : "b") + "%03d".formatted(pair));
  }
}
