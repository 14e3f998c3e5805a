package io.arrowraft.simulation.workload;

import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.client.txn.PessimisticTransaction;
import io.arrowraft.client.txn.Snapshot;
import io.arrowraft.client.txn.Transaction;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.simulation.check.AppendHistory;
import io.arrowraft.simulation.check.AppendHistory.Access;
import io.arrowraft.simulation.check.Outcome;
import io.arrowraft.simulation.check.Violation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * Lists that transactions read and append to, several at a time. Optimistic and pessimistic ones
 * meet on the same lists; the latter lock them in any order, so that they also wait for each other
 * in circles.
 */
public final class AppendWorkload implements Workload {
  private static final int LISTS = 6;
  private static final int TOGETHER_MAX = 3;

  private final LongSupplier clock;
  private final int elementsMax;
  private final AppendHistory history = new AppendHistory();
  private final Map<Long, Attempt> running = new TreeMap<>();
  private long nextElement;
  private long nextId;

  /** A transaction on its way. */
  private final class Attempt {
    private final long id = nextId++;
    private final long invokedAt = clock.getAsLong();
    private final List<Access> accesses = new ArrayList<>();
    private final List<Step> steps;

    Attempt(List<Step> steps) {
      this.steps = steps;
      running.put(id, this);
    }

    /** Records a list as it was found; the new value if the step appends to it. */
    Optional<Bytes> found(Step step, Optional<Bytes> value) {
      List<Long> elements = value.map(AppendWorkload::elements).orElse(List.of());
      accesses.add(new Access(step.list(), elements, step.element()));
      return step.element().map(element -> with(elements, element));
    }

    void ended(Outcome outcome) {
      running.remove(id);
      history.add(new AppendHistory.Append(id, invokedAt, clock.getAsLong(), outcome, accesses));
    }
  }

  /** What a transaction does to one list: appends an element, or only reads. */
  private record Step(int list, Optional<Long> element) {}

  /**
   * @param clock the world's, for the order of operations
   * @param elementsMax appends beyond it become readings, since lists must not grow for ever
   */
  public AppendWorkload(LongSupplier clock, int elementsMax) {
    this.clock = clock;
    this.elementsMax = elementsMax;
  }

  @Override
  public String name() {
    return "append";
  }

  @Override
  public CompletableFuture<Void> prepare(ArrowraftClient client) {
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public CompletableFuture<Void> operate(ArrowraftClient client, RandomGenerator random) {
    if (random.nextInt(100) < 15) {
      return readAll(client);
    }
    Attempt attempt = new Attempt(steps(random));
    CompletableFuture<Void> done =
        random.nextBoolean() ? optimistic(client, attempt) : pessimistic(client, attempt);
    return done.handle(
            (none, failure) -> {
              attempt.ended(Outcomes.of(failure));
              return failure;
            })
        .thenCompose(
            failure ->
                failure == null
                    ? CompletableFuture.completedFuture(null)
                    : CompletableFuture.failedFuture(failure));
  }

  @Override
  public CompletableFuture<Void> readAll(ArrowraftClient client) {
    List<Step> steps = new ArrayList<>();
    for (int list = 0; list < LISTS; list++) {
      steps.add(new Step(list, Optional.empty()));
    }
    long invokedAt = clock.getAsLong();
    return client.snapshot().thenCompose(snapshot -> read(snapshot, steps, invokedAt));
  }

  @Override
  public List<Violation> check() {
    // Those that a client left behind when it died.
    List.copyOf(running.values()).forEach(attempt -> attempt.ended(Outcome.UNKNOWN));
    return history.check();
  }

  private List<Step> steps(RandomGenerator random) {
    List<Integer> lists = new ArrayList<>();
    for (int list = 0; list < LISTS; list++) {
      lists.add(random.nextInt(1 + lists.size()), list);
    }
    List<Step> steps = new ArrayList<>();
    for (int list : lists.subList(0, 1 + random.nextInt(TOGETHER_MAX))) {
      boolean appends = nextElement < elementsMax && random.nextInt(100) < 60;
      steps.add(new Step(list, appends ? Optional.of(nextElement++) : Optional.empty()));
    }
    return steps;
  }

  private static CompletableFuture<Void> optimistic(ArrowraftClient client, Attempt attempt) {
    List<Bytes> keys = attempt.steps.stream().map(step -> key(step.list())).toList();
    return client
        .begin()
        .thenCompose(
            transaction ->
                transaction
                    .batchGet(keys)
                    .thenCompose(found -> write(transaction, attempt, found)));
  }

  private static CompletableFuture<Void> write(
      Transaction transaction, Attempt attempt, Map<Bytes, Bytes> found) {
    for (Step step : attempt.steps) {
      Bytes key = key(step.list());
      attempt
          .found(step, Optional.ofNullable(found.get(key)))
          .ifPresent(value -> transaction.put(key, value));
    }
    return transaction.commit().thenAccept(committed -> {});
  }

  private static CompletableFuture<Void> pessimistic(ArrowraftClient client, Attempt attempt) {
    return client
        .beginPessimistic()
        .thenCompose(
            transaction -> {
              CompletableFuture<Void> done = CompletableFuture.completedFuture(null);
              for (Step step : attempt.steps) {
                done = done.thenCompose(before -> lock(transaction, attempt, step));
              }
              return done.thenCompose(locked -> transaction.commit())
                  .<Void>thenApply(committed -> null)
                  .whenComplete((none, failure) -> transaction.rollback());
            });
  }

  private static CompletableFuture<Void> lock(
      PessimisticTransaction transaction, Attempt attempt, Step step) {
    Bytes key = key(step.list());
    return transaction
        .getForUpdate(key)
        .thenCompose(
            value ->
                attempt
                    .found(step, value)
                    .map(changed -> transaction.put(key, changed))
                    .orElseGet(() -> CompletableFuture.completedFuture(null)));
  }

  private CompletableFuture<Void> read(Snapshot snapshot, List<Step> steps, long invokedAt) {
    List<Bytes> keys = steps.stream().map(step -> key(step.list())).toList();
    return snapshot
        .batchGet(keys)
        .thenAccept(
            found -> {
              List<Access> accesses = new ArrayList<>();
              for (Step step : steps) {
                Bytes value = found.get(key(step.list()));
                accesses.add(
                    new Access(
                        step.list(),
                        value == null ? List.of() : elements(value),
                        Optional.empty()));
              }
              history.add(
                  new AppendHistory.Append(
                      nextId++, invokedAt, clock.getAsLong(), Outcome.OK, accesses));
            });
  }

  private static List<Long> elements(Bytes value) {
    List<Long> elements = new ArrayList<>();
    for (String element : Values.text(value).split(",")) {
      elements.add(Long.parseLong(element));
    }
    return elements;
  }

  private static Bytes with(List<Long> elements, long element) {
    StringBuilder text = new StringBuilder();
    elements.forEach(each -> text.append(each).append(','));
    return Bytes.ofUtf8(text.append(element).toString());
  }

  /** Far apart in the key space, so that splits part them. */
  private static Bytes key(int list) {
    return Bytes.ofUtf8((char) ('a' + 4 * list) + "/append");
  }
}
