package io.arrowraft.bench;

import java.util.concurrent.atomic.AtomicLong;

/** Puts and gets by threads that each do one after the other. */
final class Load {
  private static final long KEYS_MAX = 1_000_000;

  private final KeyValueTarget target;
  private final AtomicLong nextKey = new AtomicLong();

  Load(KeyValueTarget target) {
    this.target = target;
  }

  /** Puts keys in turn. */
  Figures puts(int clients, long warmUpMillis, long millis) throws InterruptedException {
    return run(
        "put",
        clients,
        warmUpMillis,
        millis,
        random -> {
          long number = nextKey.getAndIncrement() % KEYS_MAX;
          target.put(Keys.key(number), Keys.value(number));
        });
  }

  /** Gets keys at random among those that have been put. */
  Figures gets(int clients, long warmUpMillis, long millis) throws InterruptedException {
    // The last puts may have been counted but not finished when their load ended.
    long present = Math.max(1, Math.min(KEYS_MAX, nextKey.get()) - 2_000);
    return run(
        "get",
        clients,
        warmUpMillis,
        millis,
        random -> {
          long number = random.nextLong(present);
          byte[] value = target.get(Keys.key(number));
          if (value == null || Keys.number(value) != number) {
            throw new IllegalStateException(
                "key " + number + " reads " + (value == null ? "nothing" : Keys.number(value)));
          }
        });
  }

  private Figures run(
      String name, int clients, long warmUpMillis, long millis, ClosedLoop.Operation operation)
      throws InterruptedException {
    return ClosedLoop.run(name, clients, warmUpMillis, millis, target::syncs, operation);
  }
}
