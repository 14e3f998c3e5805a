package io.arrowraft.simulation.workload;

import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.client.txn.PessimisticTransaction;
import io.arrowraft.client.txn.Snapshot;
import io.arrowraft.client.txn.Transaction;
import io.arrowraft.runtime.Async;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.simulation.check.Outcome;
import io.arrowraft.simulation.check.RegisterHistory;
import io.arrowraft.simulation.check.Violation;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * Keys that transactions compare and swap, by reading and then writing, never for a value that was
 * there before: each is a register, so that what single transactions and snapshots see of it must
 * be linearizable.
 */
public final class SwapWorkload implements Workload {
  private final LongSupplier clock;
  private final int registers;
  private final RegisterHistory history = new RegisterHistory();
  private final Map<Integer, String> lastSeen = new TreeMap<>();
  private final Map<Long, Swap> running = new TreeMap<>();
  private long nextValue;

  /** A swap on its way. Until it has found another value than it expects, it may happen. */
  private final class Swap {
    private final long id = ++nextValue;
    private final long invokedAt = clock.getAsLong();
    private final int register;
    private final String expected;
    private final String written = "v" + id;
    private Optional<String> found = Optional.empty();

    Swap(int register) {
      this.register = register;
      this.expected = lastSeen.getOrDefault(register, RegisterHistory.ABSENT);
      running.put(id, this);
    }

    /** Whether to write, after {@code value} was found. */
    boolean matches(Optional<Bytes> value) {
      found = Optional.of(text(value));
      lastSeen.put(register, found.get());
      return found.get().equals(expected);
    }

    private boolean writes() {
      return found.isEmpty() || found.get().equals(expected);
    }

    Throwable ended(Throwable failure) {
      running.remove(id);
      if (!writes() || Outcomes.of(failure) == Outcome.FAILED) {
        // What it has read counts, whatever became of it.
        found.ifPresent(value -> saw(register, invokedAt, value));
      } else if (failure == null) {
        history.swapped(name(register), invokedAt, clock.getAsLong(), expected, written);
        lastSeen.put(register, written);
      } else {
        unknown();
      }
      return failure;
    }

    void unknown() {
      if (writes()) {
        history.unknown(name(register), invokedAt, expected, written);
      }
    }
  }

  /**
   * @param clock the world's, for the order of operations
   */
  public SwapWorkload(LongSupplier clock, int registers) {
    this.clock = clock;
    this.registers = registers;
  }

  @Override
  public String name() {
    return "swap";
  }

  @Override
  public CompletableFuture<Void> prepare(ArrowraftClient client) {
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public CompletableFuture<Void> operate(ArrowraftClient client, RandomGenerator random) {
    int register = random.nextInt(registers);
    int dice = random.nextInt(100);
    if (dice < 55) {
      Swap swap = new Swap(register);
      CompletableFuture<Void> done =
          random.nextBoolean() ? optimistic(client, swap) : pessimistic(client, swap);
      return done.handle((none, failure) -> swap.ended(failure))
          .thenCompose(
              failure ->
                  failure == null
                      ? CompletableFuture.completedFuture(null)
                      : CompletableFuture.failedFuture(Async.cause(failure)));
    }
    if (dice < 80) {
      return read(client, register);
    }
    return dice < 88 ? lockAndRead(client, register) : readAll(client);
  }

  @Override
  public CompletableFuture<Void> readAll(ArrowraftClient client) {
    long invokedAt = clock.getAsLong();
    List<Bytes> keys = IntStream.range(0, registers).mapToObj(SwapWorkload::key).toList();
    return client
        .snapshot()
        .thenCompose((Snapshot snapshot) -> snapshot.batchGet(keys))
        .thenAccept(
            found -> {
              for (int register = 0; register < registers; register++) {
                saw(register, invokedAt, text(Optional.ofNullable(found.get(key(register)))));
              }
            });
  }

  @Override
  public List<Violation> check() {
    // Those whose clients died.
    running.values().forEach(Swap::unknown);
    running.clear();
    return history.check().stream().map(each -> new Violation("swap", each.text())).toList();
  }

  private static CompletableFuture<Void> optimistic(ArrowraftClient client, Swap swap) {
    Bytes key = key(swap.register);
    return client
        .begin()
        .thenCompose(
            (Transaction transaction) ->
                transaction
                    .get(key)
                    .thenCompose(
                        found -> {
                          if (swap.matches(found)) {
                            transaction.put(key, Bytes.ofUtf8(swap.written));
                          }
                          return transaction.commit();
                        }))
        .thenAccept(committed -> {});
  }

  private static CompletableFuture<Void> pessimistic(ArrowraftClient client, Swap swap) {
    Bytes key = key(swap.register);
    return client
        .beginPessimistic()
        .thenCompose(
            (PessimisticTransaction transaction) ->
                transaction
                    .getForUpdate(key)
                    .thenCompose(
                        found ->
                            swap.matches(found)
                                ? transaction.put(key, Bytes.ofUtf8(swap.written))
                                : CompletableFuture.completedFuture(null))
                    .thenCompose(written -> transaction.commit())
                    .whenComplete((committed, failure) -> transaction.rollback()))
        .thenAccept(committed -> {});
  }

  private CompletableFuture<Void> read(ArrowraftClient client, int register) {
    long invokedAt = clock.getAsLong();
    return client
        .snapshot()
        .thenCompose(snapshot -> snapshot.get(key(register)))
        .thenAccept(found -> saw(register, invokedAt, text(found)));
  }

  private CompletableFuture<Void> lockAndRead(ArrowraftClient client, int register) {
    long invokedAt = clock.getAsLong();
    return client
        .beginPessimistic()
        .thenCompose(
            transaction ->
                transaction
                    .getForUpdate(key(register))
                    .whenComplete((found, failure) -> transaction.rollback()))
        .thenAccept(found -> saw(register, invokedAt, text(found)));
  }

  private void saw(int register, long invokedAt, String value) {
    history.read(name(register), invokedAt, clock.getAsLong(), value);
    lastSeen.put(register, value);
  }

  private static String text(Optional<Bytes> value) {
    return value.map(Values::text).orElse(RegisterHistory.ABSENT);
  }

  private static String name(int register) {
    return "register " + register;
  }

  /** Far apart in the key space, so that splits part them. */
  private static Bytes key(int register) {
    return Bytes.ofUtf8((char) ('d' + 6 * register) + "/swap");
  }
}
