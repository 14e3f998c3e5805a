package io.arrowraft.server.coprocessor;

import io.arrowraft.coprocessor.engine.FillResult;
import io.arrowraft.coprocessor.engine.KeyValueBatch;
import io.arrowraft.coprocessor.engine.RowSource;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.server.txn.ScanBuffers;
import io.arrowraft.storage.engine.EngineReader;
import io.arrowraft.storage.mvcc.EncodedRange;
import io.arrowraft.storage.mvcc.LockedKey;
import io.arrowraft.storage.mvcc.MvccScanner;
import io.arrowraft.storage.mvcc.ReadStatistics;
import io.arrowraft.storage.mvcc.ScanOptions;
import io.arrowraft.storage.mvcc.ScanResult;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * Committed rows of some ranges for the engine, which reads them where the scanner put them. A lock
 * pauses the execution, so that what lies before it is answered and counts; so does the end of a
 * segment, where the caller of the store learns how far it may resume from.
 */
final class MvccRowSource implements RowSource, AutoCloseable {
  private final EngineReader engine;
  private final EncodedRange region;
  private final ScanOptions options;
  private final Limits limits;
  private final Deque<PlanRanges.Range> ranges = new ArrayDeque<>();
  private final ScanBuffers buffers;
  private final io.arrowraft.storage.mvcc.KeyValueBatch rows;
  private MvccScanner scanner;
  private ReadStatistics finished = ReadStatistics.NONE;
  private long segmentBytes;
  private long rowsRead;
  private Optional<LockedKey> lock = Optional.empty();
  private Optional<Bytes> resumeKey = Optional.empty();

  /**
   * Where the source stops of itself.
   *
   * @param segmentBytesMax bytes after which it pauses
   * @param rowsMax rows after which it pauses for good
   */
  record Limits(long segmentBytesMax, long rowsMax) {}

  MvccRowSource(
      EngineReader engine,
      EncodedRange region,
      PlanRanges ranges,
      ScanOptions options,
      ScanBuffers buffers,
      Limits limits) {
    this.engine = engine;
    this.region = region;
    this.options = options;
    this.limits = limits;
    this.buffers = buffers;
    this.rows = buffers.take();
    for (PlanRanges.Range range : ranges.ranges()) {
      if (options.reverse()) {
        this.ranges.addFirst(range);
      } else {
        this.ranges.addLast(range);
      }
    }
  }

  @Override
  public FillResult fill(KeyValueBatch batch, int maxRows) {
    batch.clear();
    if (resumeKey.isPresent() && mustPause()) {
      return new FillResult.Paused(tableBytes(resumeKey.get()));
    }
    while (scanner != null || openNext()) {
      rows.clear();
      ScanResult result = scanner.fill(rows, (int) Math.min(maxRows, limits.rowsMax() - rowsRead));
      rowsRead += rows.rows();
      segmentBytes += rows.byteSize();
      batch.borrow(rows.keys(), rows.keyOffsets(), rows.values(), rows.valueOffsets(), rows.rows());
      if (result instanceof ScanResult.Exhausted) {
        closeScanner();
        resumeKey = nextRangeKey();
        if (rows.rows() > 0) {
          return new FillResult.Filled(ranges.isEmpty());
        }
        continue;
      }
      return stopped(result);
    }
    return new FillResult.Filled(true);
  }

  private FillResult stopped(ScanResult result) {
    if (result instanceof ScanResult.Full full) {
      resumeKey = Optional.of(full.resumeKey());
      return new FillResult.Filled(false);
    }
    if (result instanceof ScanResult.Locked locked) {
      lock = Optional.of(locked.locks().get(0));
      resumeKey = Optional.of(locked.resumeKey());
      return new FillResult.Paused(tableBytes(locked.resumeKey()));
    }
    return new FillResult.Cancelled();
  }

  private boolean mustPause() {
    return lock.isPresent()
        || segmentBytes >= limits.segmentBytesMax()
        || rowsRead >= limits.rowsMax();
  }

  /** Lets the scan go on after a pause at the end of a segment. */
  void startSegment() {
    segmentBytes = 0;
  }

  /** The lock that stands in the way, once the source has paused because of it. */
  Optional<LockedKey> lock() {
    return lock;
  }

  /** Whether it has yielded all the rows that it may. */
  boolean isSpent() {
    return rowsRead >= limits.rowsMax();
  }

  long rowsRead() {
    return rowsRead;
  }

  ReadStatistics statistics() {
    return scanner == null ? finished : finished.plus(scanner.statistics());
  }

  /** Gives the rows' buffers back, so nobody may look at them any more. */
  @Override
  public void close() {
    closeScanner();
    buffers.give(rows);
  }

  private boolean openNext() {
    PlanRanges.Range range = ranges.pollFirst();
    if (range == null) {
      return false;
    }
    EncodedRange wanted = EncodedRange.ofUserKeys(range.start(), range.end());
    scanner = new MvccScanner(engine, wanted.intersect(region), options);
    return true;
  }

  /** Where the scan goes on once it has read a range to its end. */
  private Optional<Bytes> nextRangeKey() {
    return Optional.ofNullable(ranges.peekFirst())
        .map(next -> options.reverse() ? next.end() : next.start());
  }

  private void closeScanner() {
    if (scanner != null) {
      finished = finished.plus(scanner.statistics());
      scanner.close();
      scanner = null;
    }
  }

  private static io.arrowraft.table.Bytes tableBytes(Bytes key) {
    return io.arrowraft.table.Bytes.copyOf(key.unsafeArray());
  }
}
