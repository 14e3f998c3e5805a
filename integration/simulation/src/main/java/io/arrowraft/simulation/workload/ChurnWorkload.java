package io.arrowraft.simulation.workload;

import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.client.keyvalue.ScanPage;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.simulation.check.Violation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;

/**
 * Raw keys that are written, overwritten and removed one by one, together and by range. A write
 * that a client sends again may take effect late, so all that is known of a value is under which
 * key it was written.
 */
public final class ChurnWorkload implements Workload {
  private static final int KEYS = 120;
  private static final int TOGETHER = 6;

  private final List<Violation> violations = new ArrayList<>();
  private long writes;

  @Override
  public String name() {
    return "churn";
  }

  @Override
  public CompletableFuture<Void> prepare(ArrowraftClient client) {
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public CompletableFuture<Void> operate(ArrowraftClient client, RandomGenerator random) {
    int dice = random.nextInt(100);
    String key = key(random.nextInt(KEYS));
    if (dice < 25) {
      return client.raw().put(Bytes.ofUtf8(key), value(key, random.nextInt(400)));
    }
    if (dice < 35) {
      Map<Bytes, Bytes> pairs = new TreeMap<>();
      for (int i = 0; i < TOGETHER; i++) {
        String each = key(random.nextInt(KEYS));
        pairs.put(Bytes.ofUtf8(each), value(each, 10));
      }
      return client.raw().batchPut(pairs);
    }
    if (dice < 50) {
      return client.raw().delete(Bytes.ofUtf8(key));
    }
    if (dice < 58) {
      return client
          .raw()
          .batchDelete(List.of(Bytes.ofUtf8(key), Bytes.ofUtf8(key(random.nextInt(KEYS)))));
    }
    if (dice < 63) {
      int from = random.nextInt(KEYS);
      return client
          .raw()
          .deleteRange(Bytes.ofUtf8(key(from)), Bytes.ofUtf8(key(Math.min(KEYS, from + TOGETHER))));
    }
    if (dice < 80) {
      return client
          .raw()
          .get(Bytes.ofUtf8(key))
          .thenAccept(found -> found.ifPresent(value -> check(Bytes.ofUtf8(key), value)));
    }
    return scan(client, Bytes.ofUtf8(key), 1 + random.nextInt(30));
  }

  @Override
  public CompletableFuture<Void> readAll(ArrowraftClient client) {
    return scan(client, Bytes.ofUtf8(key(0)), 50);
  }

  @Override
  public List<Violation> check() {
    return List.copyOf(violations);
  }

  private CompletableFuture<Void> scan(ArrowraftClient client, Bytes start, int pageRows) {
    return client
        .raw()
        .scan(start, Bytes.ofUtf8("raw/churn0"), pageRows)
        .thenCompose(
            (ScanPage page) -> {
              page.pairs().forEach(pair -> check(pair.key(), pair.value()));
              return page.continuation().isEmpty()
                  ? CompletableFuture.completedFuture(null)
                  : scan(client, page.continuation().get(), pageRows);
            });
  }

  private void check(Bytes key, Bytes value) {
    if (!Values.text(value).startsWith(Values.text(key) + "=")) {
      violations.add(
          new Violation(
              "churn", "key " + Values.text(key) + " has the value " + Values.text(value)));
    }
  }

  private Bytes value(String key, int bytes) {
    return Bytes.ofUtf8(key + "=" + ++writes + "-".repeat(bytes));
  }

  private static String key(int number) {
    return "raw/churn/%04d".formatted(number);
  }
}
