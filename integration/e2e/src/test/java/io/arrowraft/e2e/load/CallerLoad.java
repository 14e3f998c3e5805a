package io.arrowraft.e2e.load;

import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.client.raw.CasResult;
import io.arrowraft.client.region.KeySpace;
import io.arrowraft.client.txn.Transaction;
import io.arrowraft.runtime.Bytes;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Callers that never try again: whatever a client throws at one of them counts. Each keeps to keys
 * of its own, so that nobody is in another's way, and knows what it must read.
 */
public final class CallerLoad implements AutoCloseable {
  private static final Duration STOP_BOUND = Duration.ofSeconds(60);
  private static final int KEYS_PER_CALLER = 16;
  private static final int FAILURES_MAX = 100;
  private static final String PADDING = "x".repeat(100);

  private final Latencies latencies = new Latencies();
  private final List<String> failures = new ArrayList<>();
  private final List<Thread> threads = new ArrayList<>();
  private final String name;
  private volatile boolean stopped;

  /**
   * @param clients the callers take turns with them; stay their owner's
   */
  public CallerLoad(String name, List<ArrowraftClient> clients, int callers) {
    this.name = name;
    for (int i = 0; i < callers; i++) {
      Caller caller = new Caller(clients.get(i % clients.size()), i);
      threads.add(new Thread(caller::run, "caller-" + i));
    }
  }

  /** Cuts the key space so that all stores lead regions of the load. */
  public static void split(ArrowraftClient client, String name, int callers, int regions) {
    List<Bytes> raw =
        IntStream.range(0, regions).mapToObj(i -> rawKey(name, i * callers / regions, 0)).toList();
    client.await(client.split(KeySpace.RAW, raw));
    List<Bytes> transactional =
        IntStream.range(0, regions)
            .mapToObj(i -> transactionalKey(name, i * callers / regions, 0))
            .toList();
    client.await(client.split(KeySpace.TRANSACTIONAL, transactional));
  }

  public CallerLoad start() {
    threads.forEach(Thread::start);
    return this;
  }

  /** Of all operations so far. */
  public Latencies latencies() {
    return latencies;
  }

  /** What callers met that they should not have. */
  public synchronized List<String> failures() {
    return List.copyOf(failures);
  }

  private synchronized void failed(String how) {
    if (failures.size() < FAILURES_MAX) {
      failures.add(how);
    }
  }

  @Override
  public void close() {
    stopped = true;
    try {
      for (Thread thread : threads) {
        thread.join(STOP_BOUND.toMillis());
        if (thread.isAlive()) {
          throw new IllegalStateException(thread.getName() + " does not come to its end");
        }
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(interrupted);
    }
  }

  private static Bytes rawKey(String name, int caller, int key) {
    return Bytes.ofUtf8("call-%s-%03d-%02d".formatted(name, caller, key));
  }

  private static Bytes transactionalKey(String name, int caller, int key) {
    return Bytes.ofUtf8("call-%s-%03d-%02d".formatted(name, caller, key));
  }

  private final class Caller {
    private final ArrowraftClient client;
    private final int number;
    private final SplittableRandom random;
    private final String[] raw = new String[KEYS_PER_CALLER];
    private long sum;

    Caller(ArrowraftClient client, int number) {
      this.client = client;
      this.number = number;
      this.random = new SplittableRandom(number);
    }

    void run() {
      for (int write = 0; !stopped; write++) {
        long begin = System.nanoTime();
        try {
          operate(write);
        } catch (RuntimeException failure) {
          failed("caller %d, operation %d: %s".formatted(number, write, failure));
          return;
        }
        latencies.record(System.nanoTime() - begin);
      }
    }

    private void operate(int write) {
      int key = random.nextInt(KEYS_PER_CALLER);
      switch (random.nextInt(8)) {
        case 0, 1, 2 -> put(key, write);
        case 3, 4, 5 -> get(key);
        case 6 -> swap(key, write);
        default -> transfer();
      }
    }

    private void put(int key, int write) {
      String value = write + PADDING;
      client.await(client.raw().put(rawKey(name, number, key), Bytes.ofUtf8(value)));
      raw[key] = value;
    }

    private void get(int key) {
      Optional<Bytes> found = client.await(client.raw().get(rawKey(name, number, key)));
      if (!found.equals(Optional.ofNullable(raw[key]).map(Bytes::ofUtf8))) {
        failed("caller %d read %s, not %s".formatted(number, found, raw[key]));
      }
    }

    private void swap(int key, int write) {
      String value = write + PADDING;
      CasResult result =
          client.await(
              client
                  .raw()
                  .compareAndSwap(
                      rawKey(name, number, key),
                      Optional.ofNullable(raw[key]).map(Bytes::ofUtf8),
                      Bytes.ofUtf8(value)));
      if (!result.swapped()) {
        failed("caller %d met %s, not %s".formatted(number, result.previous(), raw[key]));
      }
      raw[key] = value;
    }

    /** Two keys whose sum is known. */
    private void transfer() {
      long more =
          client.transact(
              transaction -> {
                long one = amount(transaction, 0);
                long other = amount(transaction, 1);
                if (one + other != sum) {
                  failed("caller %d met %d + %d, not %d".formatted(number, one, other, sum));
                }
                transaction.put(transactionalKey(name, number, 0), amount(one + 2));
                transaction.put(transactionalKey(name, number, 1), amount(other - 1));
                return 1L;
              });
      sum += more;
    }

    private long amount(Transaction transaction, int key) {
      return client
          .await(transaction.get(transactionalKey(name, number, key)))
          .map(bytes -> Long.parseLong(new String(bytes.toByteArray(), StandardCharsets.UTF_8)))
          .orElse(0L);
    }

    private static Bytes amount(long amount) {
      return Bytes.ofUtf8(Long.toString(amount));
    }
  }
}
