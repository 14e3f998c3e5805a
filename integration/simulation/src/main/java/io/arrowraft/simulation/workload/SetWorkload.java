package io.arrowraft.simulation.workload;

import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.client.txn.Snapshot;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.simulation.check.Outcome;
import io.arrowraft.simulation.check.SetHistory;
import io.arrowraft.simulation.check.Violation;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/** Elements are added by transactions, one or several at a time; readers scan the whole set. */
public final class SetWorkload implements Workload {
  private static final int TOGETHER_MAX = 4;
  private static final int VALUE_BYTES_MAX = 600;

  private final LongSupplier clock;
  private final int elementsMax;
  private final SetHistory history = new SetHistory();
  private final Map<Long, Long> pending = new TreeMap<>();
  private long nextElement;

  /**
   * @param clock the world's, for the order of operations
   * @param elementsMax additions beyond it become readings, since a reading takes as long as the
   *     set is large
   */
  public SetWorkload(LongSupplier clock, int elementsMax) {
    this.clock = clock;
    this.elementsMax = elementsMax;
  }

  @Override
  public String name() {
    return "set";
  }

  @Override
  public CompletableFuture<Void> prepare(ArrowraftClient client) {
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public CompletableFuture<Void> operate(ArrowraftClient client, RandomGenerator random) {
    if (nextElement >= elementsMax || random.nextInt(100) < 20) {
      return read(client, 1 + random.nextInt(100));
    }
    return add(
        client,
        random.nextInt(100) < 70 ? 1 : 2 + random.nextInt(TOGETHER_MAX - 1),
        random.nextBoolean() ? 1 : random.nextInt(VALUE_BYTES_MAX));
  }

  @Override
  public CompletableFuture<Void> readAll(ArrowraftClient client) {
    return read(client, 1_000);
  }

  @Override
  public List<Violation> check() {
    // Those that a client left behind when it died.
    Iterator<Map.Entry<Long, Long>> abandoned = pending.entrySet().iterator();
    while (abandoned.hasNext()) {
      Map.Entry<Long, Long> addition = abandoned.next();
      history.added(addition.getKey(), addition.getValue(), clock.getAsLong(), Outcome.UNKNOWN);
      abandoned.remove();
    }
    return history.check();
  }

  private CompletableFuture<Void> add(ArrowraftClient client, int count, int size) {
    SortedSet<Long> elements = new TreeSet<>();
    for (int i = 0; i < count; i++) {
      elements.add(nextElement++);
    }
    long invokedAt = clock.getAsLong();
    elements.forEach(element -> pending.put(element, invokedAt));
    return client
        .begin()
        .thenCompose(
            transaction -> {
              elements.forEach(
                  element -> transaction.insert(key(element), Values.padded(element, size)));
              return transaction.commit();
            })
        .handle(
            (committed, failure) -> {
              Outcome outcome = Outcomes.of(failure);
              for (long element : elements) {
                pending.remove(element);
                history.added(element, invokedAt, clock.getAsLong(), outcome);
              }
              return failure;
            })
        .thenCompose(
            failure ->
                failure == null
                    ? CompletableFuture.completedFuture(null)
                    : CompletableFuture.failedFuture(failure));
  }

  private CompletableFuture<Void> read(ArrowraftClient client, int pageRows) {
    long invokedAt = clock.getAsLong();
    return client
        .snapshot()
        .thenCompose((Snapshot snapshot) -> elements(snapshot, pageRows))
        .thenAccept(elements -> history.read(invokedAt, clock.getAsLong(), elements));
  }

  private static CompletableFuture<SortedSet<Long>> elements(Snapshot snapshot, int pageRows) {
    return Scans.all(snapshot, Bytes.ofUtf8("set/"), Bytes.ofUtf8("set0"), pageRows)
        .thenApply(
            pairs -> {
              SortedSet<Long> elements = new TreeSet<>();
              pairs.forEach(pair -> elements.add(Values.number(pair.value())));
              return elements;
            });
  }

  /** Neighbours in time lie apart in the key space, so that additions meet every region. */
  private static Bytes key(long element) {
    return Bytes.ofUtf8("set/%d/%06d".formatted(element % 8, element));
  }
}
