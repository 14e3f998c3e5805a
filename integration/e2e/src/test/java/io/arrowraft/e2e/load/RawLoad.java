package io.arrowraft.e2e.load;

import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.client.error.ArrowraftException;
import io.arrowraft.runtime.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/** Puts raw pairs, each under a key of its own, and reads back what it was told is there. */
final class RawLoad implements Runnable {
  private static final String PADDING = "x".repeat(256);
  private static final int KEYS_PER_READ = 500;

  private final ArrowraftClient client;
  private final String name;
  private final int worker;
  private final LoadHistory history;
  private final SplittableRandom random;
  private volatile boolean stopped;

  RawLoad(ArrowraftClient client, String name, int worker) {
    this.client = client;
    this.name = name;
    this.worker = worker;
    this.history = new LoadHistory("raw writer " + worker);
    this.random = new SplittableRandom(worker);
  }

  LoadHistory history() {
    return history;
  }

  void stop() {
    stopped = true;
  }

  @Override
  public void run() {
    int lastAcknowledged = -1;
    for (int write = 0; !stopped; write++) {
      try {
        client.await(client.raw().put(key(write), value(write)));
        history.acknowledged(write);
        lastAcknowledged = write;
        readBack(random.nextInt(write + 1), lastAcknowledged);
      } catch (ArrowraftException failure) {
        history.unknown(write);
      }
    }
  }

  /** The newest acknowledged write and one of any age must be there at once, whoever leads now. */
  private void readBack(int any, int newest) {
    check(newest);
    if (history.isAcknowledged(any)) {
      check(any);
    }
  }

  private void check(int write) {
    Optional<Bytes> found;
    try {
      found = client.await(client.raw().get(key(write)));
    } catch (ArrowraftException unreadable) {
      // Availability is judged by the gaps between writes.
      return;
    }
    if (!found.equals(Optional.of(value(write)))) {
      history.violated("write " + write + " was acknowledged, but a read found " + found);
    }
  }

  /** Compares everything that was written with what is there. */
  List<String> judge() {
    List<String> wrong = new ArrayList<>(history.violations());
    List<Map.Entry<Integer, LoadHistory.Outcome>> tried =
        List.copyOf(history.outcomes().entrySet());
    for (int from = 0; from < tried.size(); from += KEYS_PER_READ) {
      List<Map.Entry<Integer, LoadHistory.Outcome>> some =
          tried.subList(from, Math.min(tried.size(), from + KEYS_PER_READ));
      Map<Bytes, Bytes> found =
          client.await(
              client.raw().batchGet(some.stream().map(write -> key(write.getKey())).toList()));
      for (Map.Entry<Integer, LoadHistory.Outcome> write : some) {
        Bytes value = found.get(key(write.getKey()));
        boolean right =
            value == null
                ? write.getValue() != LoadHistory.Outcome.ACKNOWLEDGED
                : value.equals(value(write.getKey()));
        if (!right) {
          wrong.add("%s: %s has value %s".formatted(history.worker(), write, value));
        }
      }
    }
    return wrong;
  }

  private Bytes key(int write) {
    return Bytes.ofUtf8("raw-%s-%d-%08d".formatted(name, worker, write));
  }

  private Bytes value(int write) {
    return Bytes.ofUtf8("%d/%d/%s".formatted(worker, write, PADDING));
  }
}
