package io.arrowraft.simulation.workload;

import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.client.txn.Snapshot;
import io.arrowraft.pd.client.Timestamp;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.simulation.check.BankHistory;
import io.arrowraft.simulation.check.Violation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;

/**
 * Money moves between accounts, of which the empty ones are deleted; readers add up all of them,
 * now and again at an older time.
 */
public final class BankWorkload implements Workload {
  private static final long FIRST_BALANCE = 100;

  private final int accounts;
  private final BankHistory history;
  private final Remembered remembered = new Remembered();

  public BankWorkload(int accounts) {
    this.accounts = accounts;
    this.history = new BankHistory(accounts, accounts * FIRST_BALANCE);
  }

  @Override
  public String name() {
    return "bank";
  }

  @Override
  public CompletableFuture<Void> prepare(ArrowraftClient client) {
    return client.retrying(
        transaction -> {
          for (int account = 0; account < accounts; account++) {
            transaction.put(key(account), Values.of(FIRST_BALANCE));
          }
          return CompletableFuture.completedFuture(null);
        });
  }

  @Override
  public CompletableFuture<Void> operate(ArrowraftClient client, RandomGenerator random) {
    int dice = random.nextInt(100);
    if (dice < 20) {
      return client.snapshot().thenCompose(snapshot -> read(snapshot, random.nextBoolean()));
    }
    Optional<Timestamp> earlier = dice < 30 ? remembered.any(random) : Optional.empty();
    if (earlier.isPresent()) {
      boolean byScan = random.nextBoolean();
      return remembered.readAt(
          earlier.get(), timestamp -> read(client.snapshotAt(timestamp), byScan));
    }
    int from = random.nextInt(accounts);
    int to = (from + 1 + random.nextInt(accounts - 1)) % accounts;
    long amount = random.nextInt(100) < 10 ? FIRST_BALANCE : 1 + random.nextInt(50);
    return random.nextInt(100) < 70
        ? transfer(client, from, to, amount)
        : transferLocking(client, from, to, amount);
  }

  @Override
  public CompletableFuture<Void> readAll(ArrowraftClient client) {
    return client.snapshot().thenCompose(snapshot -> read(snapshot, true));
  }

  @Override
  public List<Violation> check() {
    return history.check();
  }

  private static CompletableFuture<Void> transfer(
      ArrowraftClient client, int from, int to, long amount) {
    return client
        .begin()
        .thenCompose(
            transaction ->
                transaction
                    .batchGet(List.of(key(from), key(to)))
                    .thenCompose(
                        balances -> {
                          moved(balances, from, to, amount)
                              .forEach(
                                  (key, value) ->
                                      value.ifPresentOrElse(
                                          stored -> transaction.put(key, stored),
                                          () -> transaction.delete(key)));
                          return transaction.commit();
                        }))
        .thenAccept(committed -> {});
  }

  private static CompletableFuture<Void> transferLocking(
      ArrowraftClient client, int from, int to, long amount) {
    return client
        .beginPessimistic()
        .thenCompose(
            transaction ->
                transaction
                    .batchGetForUpdate(List.of(key(from), key(to)))
                    .thenCompose(
                        balances ->
                            transaction.writeAll(Map.of(), moved(balances, from, to, amount)))
                    .thenCompose(written -> transaction.commit())
                    .whenComplete((committed, failure) -> transaction.rollback()))
        .thenAccept(committed -> {});
  }

  /** What to write: new balances, or nothing where an account is to be deleted. */
  private static SortedMap<Bytes, Optional<Bytes>> moved(
      Map<Bytes, Bytes> balances, int from, int to, long amount) {
    long source = balances.containsKey(key(from)) ? Values.number(balances.get(key(from))) : 0;
    long target = balances.containsKey(key(to)) ? Values.number(balances.get(key(to))) : 0;
    SortedMap<Bytes, Optional<Bytes>> writes = new TreeMap<>();
    if (source >= amount) {
      writes.put(
          key(from), source == amount ? Optional.empty() : Optional.of(Values.of(source - amount)));
      writes.put(key(to), Optional.of(Values.of(target + amount)));
    }
    return writes;
  }

  private CompletableFuture<Void> read(Snapshot snapshot, boolean byScan) {
    SortedMap<Long, Long> balances = new TreeMap<>();
    for (long account = 0; account < accounts; account++) {
      balances.put(account, 0L);
    }
    CompletableFuture<Void> reading;
    if (byScan) {
      reading =
          Scans.all(snapshot, Bytes.ofUtf8("bank/"), Bytes.ofUtf8("bank0"), 7)
              .thenAccept(
                  pairs ->
                      pairs.forEach(
                          pair ->
                              balances.put(accountOf(pair.key()), Values.number(pair.value()))));
    } else {
      List<Bytes> keys = new ArrayList<>();
      for (int account = 0; account < accounts; account++) {
        keys.add(key(account));
      }
      reading =
          snapshot
              .batchGet(keys)
              .thenAccept(
                  found ->
                      found.forEach(
                          (key, value) -> balances.put(accountOf(key), Values.number(value))));
    }
    return reading.thenAccept(
        done -> {
          history.add(new BankHistory.Snapshot(snapshot.timestamp().value(), balances));
          remembered.add(snapshot.timestamp());
        });
  }

  private static Bytes key(int account) {
    return Bytes.ofUtf8("bank/%04d".formatted(account));
  }

  private static long accountOf(Bytes key) {
    return Long.parseLong(Values.text(key).substring("bank/".length()));
  }
}
