package io.arrowraft.client.bulk;

import io.arrowraft.client.error.ErrorCode;
import io.arrowraft.client.error.InvalidRequestException;
import io.arrowraft.client.error.OverloadedException;
import io.arrowraft.client.keyvalue.KeyValue;
import io.arrowraft.client.region.BatchShape;
import io.arrowraft.client.region.RegionCalls;
import io.arrowraft.client.region.RegionSplits;
import io.arrowraft.runtime.Async;
import io.arrowraft.runtime.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.LongConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One import: takes pairs from its source a slice at a time and keeps a bounded number of slices on
 * their way. Threads of the encoders' pool and the client's loop hand the state on under this
 * object's lock.
 *
 * <p>Cancelling the future that {@link #run} returns ends the import after the slices that are on
 * their way.
 */
public final class BulkImport {
  private static final Logger LOG = LoggerFactory.getLogger(BulkImport.class);

  private final RegionCalls calls;
  private final ImportKind<?, ?> kind;
  private final ImportOptions options;
  private final Executor workers;
  private final PairSource source;
  private final LongConsumer progress;
  private final RegionImport<?, ?> regions;
  private final BatchShape<KeyValue> shape;
  private final CompletableFuture<Long> done = new CompletableFuture<>();

  // Guarded by this object's lock.
  private int sending;
  private boolean reading;
  private boolean exhausted;
  private boolean closed;
  private Throwable failure;
  private long imported;

  // Of whoever reads.
  private Bytes lastKey;
  private Bytes lastSplit;
  private long bytesSinceSplit;

  private BulkImport(
      RegionCalls calls,
      ImportKind<?, ?> kind,
      ImportOptions options,
      Executor workers,
      PairSource source,
      LongConsumer progress) {
    this.calls = calls;
    this.kind = kind;
    this.options = options;
    this.workers = workers;
    this.source = options.inKeyOrder() ? source : new SortedSource(source, options, workers);
    this.progress = progress;
    this.regions =
        new RegionImport<>(
            calls, kind, options, calls.environment().random().generator("bulk-import"));
    this.shape =
        new BatchShape<>(
            kind.space(),
            KeyValue::key,
            pair -> pair.key().length() + pair.value().length(),
            Integer.MAX_VALUE,
            Integer.MAX_VALUE);
  }

  /**
   * An import of transactional pairs.
   *
   * @param commitTimestamp newer than everything in the range
   * @param workers runs what takes processor time
   * @param progress told how many pairs have been taken in so far, by one thread at a time
   */
  public static BulkImport ofVersions(
      RegionCalls calls,
      long commitTimestamp,
      ImportOptions options,
      Executor workers,
      PairSource source,
      LongConsumer progress) {
    return new BulkImport(
        calls, new ImportKind.Transactional(commitTimestamp), options, workers, source, progress);
  }

  /** The same of raw pairs. */
  public static BulkImport ofRaw(
      RegionCalls calls,
      ImportOptions options,
      Executor workers,
      PairSource source,
      LongConsumer progress) {
    return new BulkImport(calls, new ImportKind.Raw(), options, workers, source, progress);
  }

  /**
   * Runs the import; once.
   *
   * @return how many pairs were taken in
   */
  public CompletableFuture<Long> run() {
    done.whenComplete(
        (count, failed) -> {
          if (done.isCancelled()) {
            fail(new java.util.concurrent.CancellationException("the import was cancelled"));
          }
        });
    advance();
    return done;
  }

  /** Reads on if there is room, or ends the import if nothing is under way. */
  private void advance() {
    boolean read = false;
    boolean end = false;
    synchronized (this) {
      boolean over = exhausted || failure != null;
      if (!over && !reading && sending < options.slicesInFlight()) {
        reading = true;
        read = true;
      } else if (over && !reading && sending == 0 && !closed) {
        closed = true;
        end = true;
      }
    }
    if (read) {
      source
          .prepare()
          .whenComplete(
              (ready, failed) -> {
                if (failed == null) {
                  onWorker(this::readSlice);
                } else {
                  readEnded(Async.cause(failed));
                }
              });
    } else if (end) {
      verify();
    }
  }

  private void verify() {
    boolean failed;
    synchronized (this) {
      failed = failure != null;
    }
    if (failed) {
      finish();
      return;
    }
    source
        .verify()
        .whenComplete(
            (sound, problem) -> {
              if (problem != null) {
                fail(Async.cause(problem));
              }
              finish();
            });
  }

  private void onWorker(Runnable task) {
    try {
      workers.execute(task);
    } catch (RejectedExecutionException full) {
      readEnded(new OverloadedException(ErrorCode.CLIENT_BUSY, "too many imports run", full));
    }
  }

  private void readSlice() {
    try {
      List<KeyValue> slice = new ArrayList<>();
      long bytes = 0;
      boolean end = false;
      while (bytes < options.sliceBytes() && source.isPrepared()) {
        KeyValue pair = source.next();
        if (pair == null) {
          end = true;
          break;
        }
        requireOrder(pair);
        slice.add(pair);
        bytes += pair.key().length() + pair.value().length();
      }
      boolean due = lastSplit == null || bytesSinceSplit >= options.regionBytes();
      // What fits into one slice is not worth a region of its own.
      boolean small = end && lastSplit == null;
      boolean split = due && !small && !slice.isEmpty();
      lastSplit = split ? slice.get(0).key() : lastSplit;
      bytesSinceSplit = split ? bytes : bytesSinceSplit + bytes;
      sliceRead(slice, end, split);
    } catch (RuntimeException broken) {
      readEnded(broken);
    }
  }

  private void requireOrder(KeyValue pair) {
    if (lastKey != null && pair.key().compareTo(lastKey) <= 0) {
      boolean twice = pair.key().equals(lastKey);
      throw new InvalidRequestException(
          twice ? ErrorCode.KEY_EXISTS : ErrorCode.INVALID_ARGUMENT,
          twice
              ? "two of the pairs to import have the key " + pair.key()
              : "the pairs to import are not in key order: "
                  + pair.key()
                  + " comes after "
                  + lastKey
                  + "; import them without inKeyOrder");
    }
    lastKey = pair.key();
  }

  private void sliceRead(List<KeyValue> slice, boolean end, boolean split) {
    synchronized (this) {
      exhausted |= end;
      if (!slice.isEmpty()) {
        sending++;
      }
      if (!split) {
        reading = false;
      }
    }
    if (slice.isEmpty()) {
      advance();
    } else if (split) {
      // The next slice is not cut before its region is known to begin here.
      splitAt(slice.get(0).key())
          .whenComplete(
              (made, failed) -> {
                synchronized (this) {
                  reading = false;
                }
                send(slice);
                advance();
              });
    } else {
      send(slice);
      advance();
    }
  }

  /** Splits a region off and has it spread; that this fails costs time alone. */
  private CompletableFuture<Void> splitAt(Bytes key) {
    return new RegionSplits(calls)
        .split(kind.space(), List.of(key))
        .thenCompose(
            split ->
                calls.operation(backoff -> calls.scatter(kind.space().regionKey(key), backoff)))
        .exceptionally(
            failed -> {
              LOG.debug("an import goes on without a split: {}", failed.toString());
              return null;
            });
  }

  private void send(List<KeyValue> slice) {
    CompletableFuture<Void> sent = new CompletableFuture<>();
    calls
        .loop()
        .run(
            () ->
                calls
                    .forEachRegion(
                        slice, shape, regions::run, calls.backoffWithin(options.sliceTimeout()))
                    .whenComplete((none, failed) -> Async.settle(sent, none, failed)));
    long counted = slice.stream().filter(source::counts).count();
    sent.whenComplete((none, failed) -> sliceEnded(counted, failed));
  }

  private void sliceEnded(long pairs, Throwable failed) {
    if (failed != null) {
      fail(Async.cause(failed));
    }
    synchronized (this) {
      if (failed == null) {
        imported += pairs;
        try {
          progress.accept(imported);
        } catch (RuntimeException broken) {
          failure = failure == null ? broken : failure;
        }
      }
      sending--;
    }
    advance();
  }

  private void readEnded(Throwable broken) {
    fail(broken);
    synchronized (this) {
      reading = false;
    }
    advance();
  }

  private synchronized void fail(Throwable broken) {
    if (failure == null) {
      failure = broken;
    }
  }

  private void finish() {
    try {
      source.close();
    } catch (RuntimeException left) {
      fail(left);
    }
    synchronized (this) {
      if (failure != null) {
        done.completeExceptionally(failure);
        return;
      }
    }
    done.complete(imported);
  }
}
