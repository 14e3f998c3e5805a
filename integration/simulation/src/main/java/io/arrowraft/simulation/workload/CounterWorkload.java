package io.arrowraft.simulation.workload;

import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.client.txn.PessimisticTransaction;
import io.arrowraft.client.txn.Transaction;
import io.arrowraft.client.txn.TransactionalReader;
import io.arrowraft.pd.client.Timestamp;
import io.arrowraft.runtime.Async;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.simulation.check.CounterHistory;
import io.arrowraft.simulation.check.CounterHistory.Found;
import io.arrowraft.simulation.check.Outcome;
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
 * Counters that transactions read and count up, several at a time; readers look at all of them, now
 * and again at an older time. Each value names who wrote it.
 */
public final class CounterWorkload implements Workload {
  private static final int COUNTERS = 5;
  private static final int TOGETHER_MAX = 3;

  private final CounterHistory history = new CounterHistory();
  private final Remembered remembered = new Remembered();
  private long nextWriter = CounterHistory.NOBODY + 1;

  /** What one transaction counts; it has not begun to commit before {@link #made} says what. */
  private final class Count {
    private final long writer = nextWriter++;
    private final List<Integer> counters;
    private boolean commits;

    Count(List<Integer> counters) {
      this.counters = counters;
    }

    List<Bytes> keys() {
      return counters.stream().map(CounterWorkload::key).toList();
    }

    /** The values to write. */
    Map<Bytes, Bytes> made(SortedMap<Integer, Found> found) {
      SortedMap<Integer, Long> values = new TreeMap<>();
      Map<Bytes, Bytes> pairs = new TreeMap<>();
      for (int counter : counters) {
        long next = found.get(counter).value() + 1;
        values.put(counter, next);
        pairs.put(key(counter), Bytes.ofUtf8(next + "/" + writer));
      }
      history.invoked(writer, values);
      commits = true;
      return pairs;
    }

    Throwable ended(Timestamp committed, Throwable failure) {
      Outcome outcome = Outcomes.of(failure);
      if (outcome == Outcome.OK) {
        history.committed(writer, committed.value());
      } else if (commits && outcome == Outcome.FAILED) {
        history.failed(writer);
      }
      return failure;
    }
  }

  @Override
  public String name() {
    return "monotonic";
  }

  @Override
  public CompletableFuture<Void> prepare(ArrowraftClient client) {
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public CompletableFuture<Void> operate(ArrowraftClient client, RandomGenerator random) {
    int dice = random.nextInt(100);
    if (dice < 20) {
      return readAll(client);
    }
    Optional<Timestamp> earlier = dice < 35 ? remembered.any(random) : Optional.empty();
    if (earlier.isPresent()) {
      return remembered.readAt(
          earlier.get(), timestamp -> read(client.snapshotAt(timestamp), all()).thenRun(() -> {}));
    }
    Count count = new Count(some(random));
    CompletableFuture<Timestamp> committed =
        random.nextBoolean() ? optimistic(client, count) : pessimistic(client, count);
    return committed
        .handle(count::ended)
        .thenCompose(
            failure ->
                failure == null
                    ? CompletableFuture.completedFuture(null)
                    : CompletableFuture.failedFuture(Async.cause(failure)));
  }

  @Override
  public CompletableFuture<Void> readAll(ArrowraftClient client) {
    return client.snapshot().thenCompose(snapshot -> read(snapshot, all())).thenAccept(found -> {});
  }

  @Override
  public List<Violation> check() {
    return history.check();
  }

  private CompletableFuture<Timestamp> optimistic(ArrowraftClient client, Count count) {
    return client
        .begin()
        .thenCompose(
            (Transaction transaction) ->
                read(transaction, count.counters)
                    .thenCompose(
                        found -> {
                          count.made(found).forEach(transaction::put);
                          return transaction.commit();
                        }));
  }

  private static CompletableFuture<Timestamp> pessimistic(ArrowraftClient client, Count count) {
    return client
        .beginPessimistic()
        .thenCompose(
            (PessimisticTransaction transaction) ->
                transaction
                    .batchGetForUpdate(count.keys())
                    .thenCompose(
                        found ->
                            putAll(transaction, count.made(decoded(count.counters, found)))
                                .thenCompose(written -> transaction.commit()))
                    .whenComplete((timestamp, failure) -> transaction.rollback()));
  }

  private static CompletableFuture<Void> putAll(
      PessimisticTransaction transaction, Map<Bytes, Bytes> pairs) {
    CompletableFuture<Void> all = CompletableFuture.completedFuture(null);
    for (Map.Entry<Bytes, Bytes> pair : pairs.entrySet()) {
      all = all.thenCompose(done -> transaction.put(pair.getKey(), pair.getValue()));
    }
    return all;
  }

  private CompletableFuture<SortedMap<Integer, Found>> read(
      TransactionalReader reader, List<Integer> counters) {
    return reader
        .batchGet(counters.stream().map(CounterWorkload::key).toList())
        .thenApply(
            values -> {
              SortedMap<Integer, Found> found = decoded(counters, values);
              history.read(reader.timestamp().value(), found);
              remembered.add(reader.timestamp());
              return found;
            });
  }

  private static SortedMap<Integer, Found> decoded(
      List<Integer> counters, Map<Bytes, Bytes> values) {
    SortedMap<Integer, Found> found = new TreeMap<>();
    for (int counter : counters) {
      Bytes value = values.get(key(counter));
      found.put(counter, value == null ? Found.NOTHING : decoded(value));
    }
    return found;
  }

  private static Found decoded(Bytes value) {
    String[] parts = Values.text(value).split("/");
    return new Found(Long.parseLong(parts[0]), Long.parseLong(parts[1]));
  }

  private static List<Integer> all() {
    List<Integer> counters = new ArrayList<>();
    for (int counter = 0; counter < COUNTERS; counter++) {
      counters.add(counter);
    }
    return counters;
  }

  private static List<Integer> some(RandomGenerator random) {
    List<Integer> shuffled = new ArrayList<>();
    for (int counter = 0; counter < COUNTERS; counter++) {
      shuffled.add(random.nextInt(1 + shuffled.size()), counter);
    }
    return shuffled.subList(0, 1 + random.nextInt(TOGETHER_MAX));
  }

  /** Far apart in the key space, so that splits part them. */
  private static Bytes key(int counter) {
    return Bytes.ofUtf8((char) ('b' + 5 * counter) + "/counter");
  }
}
