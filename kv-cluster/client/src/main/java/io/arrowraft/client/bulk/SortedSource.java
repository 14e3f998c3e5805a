package io.arrowraft.client.bulk;

import io.arrowraft.client.keyvalue.KeyValue;
import io.arrowraft.runtime.Bytes;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * The pairs of another source in key order: runs that fit into memory are sorted there and, if
 * there is more than one, written to files and merged.
 */
final class SortedSource implements PairSource {
  private static final Comparator<KeyValue> BY_KEY =
      Comparator.comparing(KeyValue::key, Bytes::compareTo);

  /** Taken from the source before another task may have its turn on the pool. */
  private static final int PAIRS_PER_TURN = 50_000;

  /** An object's headers and arrays, beside its bytes. */
  private static final int PAIR_OVERHEAD_BYTES = 96;

  private final PairSource source;
  private final ImportOptions options;
  private final Executor workers;
  private final List<SpilledRun> runs = new ArrayList<>();
  private List<KeyValue> buffer = new ArrayList<>();
  private long bufferedBytes;
  private CompletableFuture<Void> sorted;
  private int at;
  private PriorityQueue<Head> merge;

  private record Head(KeyValue pair, SpilledRun run) {}

  SortedSource(PairSource source, ImportOptions options, Executor workers) {
    this.source = source;
    this.options = options;
    this.workers = workers;
  }

  @Override
  public CompletableFuture<Void> prepare() {
    if (sorted == null) {
      sorted = new CompletableFuture<>();
      prepareSource();
    }
    return sorted;
  }

  private void prepareSource() {
    source
        .prepare()
        .whenComplete(
            (ready, failure) -> {
              if (failure != null) {
                sorted.completeExceptionally(failure);
              } else {
                workers.execute(this::takeTurn);
              }
            });
  }

  private void takeTurn() {
    try {
      for (int i = 0; i < PAIRS_PER_TURN; i++) {
        if (sorted.isDone()) {
          return;
        }
        if (!source.isPrepared()) {
          break;
        }
        KeyValue pair = source.next();
        if (pair == null) {
          finish();
          return;
        }
        add(pair);
      }
      prepareSource();
    } catch (RuntimeException broken) {
      sorted.completeExceptionally(broken);
    }
  }

  private void add(KeyValue pair) {
    buffer.add(pair);
    bufferedBytes += pair.key().length() + pair.value().length() + PAIR_OVERHEAD_BYTES;
    if (bufferedBytes >= options.sortBytes()) {
      spill();
    }
  }

  private void spill() {
    buffer.sort(BY_KEY);
    Path directory =
        options.sortDirectory().orElseGet(() -> Path.of(System.getProperty("java.io.tmpdir")));
    runs.add(SpilledRun.write(directory, buffer));
    buffer = new ArrayList<>();
    bufferedBytes = 0;
  }

  private void finish() {
    if (runs.isEmpty()) {
      buffer.sort(BY_KEY);
    } else {
      if (!buffer.isEmpty()) {
        spill();
      }
      merge = new PriorityQueue<>(Comparator.comparing(Head::pair, BY_KEY));
      runs.forEach(this::advance);
    }
    sorted.complete(null);
  }

  private void advance(SpilledRun run) {
    KeyValue next = run.next();
    if (next != null) {
      merge.add(new Head(next, run));
    }
  }

  @Override
  public KeyValue next() {
    if (merge == null) {
      return at < buffer.size() ? buffer.set(at++, null) : null;
    }
    Head least = merge.poll();
    if (least == null) {
      return null;
    }
    advance(least.run());
    return least.pair();
  }

  @Override
  public boolean counts(KeyValue pair) {
    return source.counts(pair);
  }

  @Override
  public CompletableFuture<Void> verify() {
    return source.verify();
  }

  /** How many files were needed. */
  int spilledRuns() {
    return runs.size();
  }

  @Override
  public void close() {
    source.close();
    runs.forEach(SpilledRun::close);
  }
}
