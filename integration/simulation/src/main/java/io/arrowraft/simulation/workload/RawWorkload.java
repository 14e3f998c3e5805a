package io.arrowraft.simulation.workload;

import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.client.keyvalue.ScanPage;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.simulation.check.RawHistory;
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
 * Raw keys, each written once: a raw write that a client sends again may take effect late, so only
 * of keys that are never overwritten can the last value be known.
 */
public final class RawWorkload implements Workload {
  private static final int BATCH_MAX = 5;

  private final LongSupplier clock;
  private final int keysMax;
  private final RawHistory history = new RawHistory();
  private final List<String> keys = new ArrayList<>();

  /**
   * @param clock the world's, for the order of operations
   * @param keysMax writes beyond it become readings
   */
  public RawWorkload(LongSupplier clock, int keysMax) {
    this.clock = clock;
    this.keysMax = keysMax;
  }

  @Override
  public String name() {
    return "raw";
  }

  @Override
  public CompletableFuture<Void> prepare(ArrowraftClient client) {
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public CompletableFuture<Void> operate(ArrowraftClient client, RandomGenerator random) {
    int dice = random.nextInt(100);
    if (keys.isEmpty() || (dice < 40 && keys.size() < keysMax)) {
      return write(client, newKeys(1, random));
    }
    if (dice < 50 && keys.size() < keysMax) {
      return write(client, newKeys(1 + random.nextInt(BATCH_MAX), random));
    }
    if (dice < 80) {
      return read(client, keys.get(random.nextInt(keys.size())));
    }
    if (dice < 90) {
      List<String> asked = new ArrayList<>();
      for (int i = 0; i < BATCH_MAX; i++) {
        asked.add(keys.get(random.nextInt(keys.size())));
      }
      return batchRead(client, asked);
    }
    return scan(client, "raw/", 1 + random.nextInt(40));
  }

  @Override
  public CompletableFuture<Void> readAll(ArrowraftClient client) {
    return scan(client, "raw/", 64);
  }

  @Override
  public List<Violation> check() {
    return history.check();
  }

  private List<String> newKeys(int count, RandomGenerator random) {
    List<String> made = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String key = "raw/%02d/%05d".formatted(random.nextInt(100), keys.size());
      keys.add(key);
      made.add(key);
    }
    return made;
  }

  private CompletableFuture<Void> write(ArrowraftClient client, List<String> written) {
    Map<Bytes, Bytes> pairs = new TreeMap<>();
    for (String key : written) {
      history.invoked(key, "v" + key, clock.getAsLong());
      pairs.put(Bytes.ofUtf8(key), Bytes.ofUtf8("v" + key));
    }
    CompletableFuture<Void> writing =
        written.size() == 1
            ? client.raw().put(Bytes.ofUtf8(written.get(0)), Bytes.ofUtf8("v" + written.get(0)))
            : client.raw().batchPut(pairs);
    return writing.whenComplete(
        (done, failure) -> {
          // A failed batch may have been carried out in part, so it promises nothing of any key.
          if (failure == null || written.size() == 1) {
            written.forEach(key -> history.written(key, clock.getAsLong(), Outcomes.of(failure)));
          }
        });
  }

  private CompletableFuture<Void> read(ArrowraftClient client, String key) {
    long invokedAt = clock.getAsLong();
    return client
        .raw()
        .get(Bytes.ofUtf8(key))
        .thenAccept(
            found -> history.read(key, invokedAt, clock.getAsLong(), found.map(Values::text)));
  }

  private CompletableFuture<Void> batchRead(ArrowraftClient client, List<String> asked) {
    long invokedAt = clock.getAsLong();
    return client
        .raw()
        .batchGet(asked.stream().map(Bytes::ofUtf8).toList())
        .thenAccept(found -> note(asked, invokedAt, found));
  }

  /** Reads every key from {@code start} on, a page at a time. */
  private CompletableFuture<Void> scan(ArrowraftClient client, String start, int pageRows) {
    long invokedAt = clock.getAsLong();
    return client
        .raw()
        .scan(Bytes.ofUtf8(start), Bytes.ofUtf8("raw0"), pageRows)
        .thenCompose(
            (ScanPage page) -> {
              Map<Bytes, Bytes> found = new TreeMap<>();
              page.pairs().forEach(pair -> found.put(pair.key(), pair.value()));
              Optional<String> next = page.continuation().map(Values::text);
              note(keysBetween(start, next), invokedAt, found);
              return next.isEmpty()
                  ? CompletableFuture.completedFuture(null)
                  : scan(client, next.get(), pageRows);
            });
  }

  private List<String> keysBetween(String start, Optional<String> end) {
    return keys.stream()
        .filter(key -> key.compareTo(start) >= 0)
        .filter(key -> end.isEmpty() || key.compareTo(end.get()) < 0)
        .toList();
  }

  private void note(List<String> asked, long invokedAt, Map<Bytes, Bytes> found) {
    for (String key : asked) {
      history.read(
          key,
          invokedAt,
          clock.getAsLong(),
          Optional.ofNullable(found.get(Bytes.ofUtf8(key))).map(Values::text));
    }
  }
}
