package io.arrowraft.simulation.workload;

import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.client.keyvalue.ScanPage;
import io.arrowraft.runtime.Async;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.simulation.check.Outcome;
import io.arrowraft.simulation.check.RegisterHistory;
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
 * Raw keys that are compared and swapped, never for a value that was there before, and read singly,
 * together, and by scans.
 */
public final class RegisterWorkload implements Workload {
  private final LongSupplier clock;
  private final int registers;
  private final RegisterHistory history = new RegisterHistory();
  private final Map<String, String> lastSeen = new TreeMap<>();
  private final Map<Long, Runnable> pending = new TreeMap<>();
  private long nextValue;

  /**
   * @param clock the world's, for the order of operations
   */
  public RegisterWorkload(LongSupplier clock, int registers) {
    this.clock = clock;
    this.registers = registers;
  }

  @Override
  public String name() {
    return "registers";
  }

  @Override
  public CompletableFuture<Void> prepare(ArrowraftClient client) {
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public CompletableFuture<Void> operate(ArrowraftClient client, RandomGenerator random) {
    String register = register(random.nextInt(registers));
    int dice = random.nextInt(100);
    if (dice < 45) {
      return swap(client, register);
    }
    if (dice < 80) {
      return read(client, register);
    }
    return dice < 90 ? batchRead(client) : scan(client, random.nextInt(registers));
  }

  @Override
  public CompletableFuture<Void> readAll(ArrowraftClient client) {
    return batchRead(client);
  }

  @Override
  public List<Violation> check() {
    // Those whose clients died.
    pending.values().forEach(Runnable::run);
    pending.clear();
    return history.check();
  }

  private CompletableFuture<Void> swap(ArrowraftClient client, String register) {
    String expected = lastSeen.getOrDefault(register, RegisterHistory.ABSENT);
    long id = ++nextValue;
    String written = "v" + id;
    long invokedAt = clock.getAsLong();
    pending.put(id, () -> history.unknown(register, invokedAt, expected, written));
    return client
        .raw()
        .compareAndSwap(
            Bytes.ofUtf8(register),
            expected.isEmpty() ? Optional.empty() : Optional.of(Bytes.ofUtf8(expected)),
            Bytes.ofUtf8(written))
        .handle(
            (result, failure) -> {
              Runnable unknown = pending.remove(id);
              if (failure == null) {
                String found = result.previous().map(Values::text).orElse(RegisterHistory.ABSENT);
                if (result.swapped()) {
                  history.swapped(register, invokedAt, clock.getAsLong(), expected, written);
                  lastSeen.put(register, written);
                } else {
                  saw(register, invokedAt, found);
                }
              } else if (Outcomes.of(failure) == Outcome.UNKNOWN) {
                unknown.run();
              }
              return failure;
            })
        .thenCompose(
            failure ->
                failure == null
                    ? CompletableFuture.completedFuture(null)
                    : CompletableFuture.failedFuture(Async.cause(failure)));
  }

  private CompletableFuture<Void> read(ArrowraftClient client, String register) {
    long invokedAt = clock.getAsLong();
    return client
        .raw()
        .get(Bytes.ofUtf8(register))
        .thenAccept(
            found ->
                saw(register, invokedAt, found.map(Values::text).orElse(RegisterHistory.ABSENT)));
  }

  private CompletableFuture<Void> batchRead(ArrowraftClient client) {
    long invokedAt = clock.getAsLong();
    List<Bytes> keys = new ArrayList<>();
    for (int i = 0; i < registers; i++) {
      keys.add(Bytes.ofUtf8(register(i)));
    }
    return client.raw().batchGet(keys).thenAccept(found -> saw(0, registers, invokedAt, found));
  }

  private CompletableFuture<Void> scan(ArrowraftClient client, int first) {
    long invokedAt = clock.getAsLong();
    return client
        .raw()
        .scan(Bytes.ofUtf8(register(first)), Bytes.ofUtf8("raw/register0"), registers)
        .thenAccept(
            (ScanPage page) -> {
              Map<Bytes, Bytes> found = new TreeMap<>();
              page.pairs().forEach(pair -> found.put(pair.key(), pair.value()));
              int end = registers;
              if (page.continuation().isPresent()) {
                String next = Values.text(page.continuation().get());
                end = first;
                while (end < registers && register(end).compareTo(next) < 0) {
                  end++;
                }
              }
              saw(first, end, invokedAt, found);
            });
  }

  private void saw(int first, int end, long invokedAt, Map<Bytes, Bytes> found) {
    for (int i = first; i < end; i++) {
      Bytes value = found.get(Bytes.ofUtf8(register(i)));
      saw(register(i), invokedAt, value == null ? RegisterHistory.ABSENT : Values.text(value));
    }
  }

  private void saw(String register, long invokedAt, String value) {
    history.read(register, invokedAt, clock.getAsLong(), value);
    lastSeen.put(register, value);
  }

  /** Among the raw keys, where regions split and move. */
  private static String register(int number) {
    return "raw/register/%02d".formatted(number);
  }
}
