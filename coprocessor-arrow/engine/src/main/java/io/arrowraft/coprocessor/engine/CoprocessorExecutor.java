package io.arrowraft.coprocessor.engine;

import io.arrowraft.coprocessor.plan.ExecutionSummary;
import io.arrowraft.coprocessor.plan.PlanRequest;
import io.arrowraft.table.Bytes;
import java.util.List;
import java.util.Optional;
import org.apache.arrow.memory.BufferAllocator;

/**
 * Runs one plan over one source and yields Arrow IPC record batches, one for each call of {@link
 * #next}. What is held between calls is bounded; a caller that stops calling stops the work.
 *
 * <p>{@link #next} throws {@link EvaluationException}, {@link MemoryLimitExceeded}, {@link
 * io.arrowraft.table.CorruptRowException} and whatever the source throws; the executor is then good
 * for {@link #close} alone.
 */
public final class CoprocessorExecutor implements AutoCloseable {
  private final RowSource source;
  private final ScanStep scan;
  private final List<Step> steps;
  private final OutputStep output;
  private final BufferAllocator allocator;
  private final BatchEncoder encoder;
  private final KeyValueBatch raw = new KeyValueBatch();
  private final MemoryBudget budget;

  private boolean sourceEnded;
  private Optional<Bytes> continuation = Optional.empty();
  private int draining;
  private Outcome outcome = new Outcome.Running();
  private long rowsScanned;
  private long rowsReturned;
  private long batches;
  private long bytesReturned;

  private CoprocessorExecutor(
      RowSource source, Pipeline pipeline, BufferAllocator allocator, MemoryBudget budget) {
    this.source = source;
    this.scan = pipeline.scan();
    this.steps = pipeline.steps();
    this.output = pipeline.output();
    this.allocator = allocator;
    this.budget = budget;
    encoder = new BatchEncoder(allocator);
  }

  /**
   * @param request validated, as {@link io.arrowraft.coprocessor.plan.PlanCodec#decode} returns it
   * @param parent of the allocator that results are built in; a child of it is closed with the
   *     executor
   */
  public static CoprocessorExecutor open(
      PlanRequest request, RowSource source, BufferAllocator parent, ExecutionLimits limits) {
    long memory = Math.min(request.memoryLimitBytes(), limits.memoryBytesMax());
    MemoryBudget budget = new MemoryBudget(memory);
    Pipeline pipeline = Pipeline.of(request, limits, budget);
    BufferAllocator child = parent.newChildAllocator("coprocessor", 0, memory);
    return new CoprocessorExecutor(source, pipeline, child, budget);
  }

  /** As above, with {@link ExecutionLimits#DEFAULT}. */
  public static CoprocessorExecutor open(
      PlanRequest request, RowSource source, BufferAllocator parent) {
    return open(request, source, parent, ExecutionLimits.DEFAULT);
  }

  /**
   * The next batch; its bytes are good until the next call. Empty at the end, of which {@link
   * #outcome} tells the kind.
   */
  public Optional<EncodedBatch> next() {
    while (outcome instanceof Outcome.Running) {
      if (output.isFull()) {
        return flush();
      }
      if (sourceEnded) {
        if (!drain()) {
          Optional<EncodedBatch> last = flush();
          if (last.isEmpty()) {
            outcome =
                continuation.<Outcome>map(Outcome.Paused::new).orElseGet(Outcome.Finished::new);
          }
          return last;
        }
      } else {
        fill();
      }
    }
    return Optional.empty();
  }

  private Optional<EncodedBatch> flush() {
    Optional<EncodedBatch> batch = output.flush(encoder);
    batch.ifPresent(
        encoded -> {
          rowsReturned += encoded.rows();
          bytesReturned += encoded.message().remaining();
          batches++;
        });
    return batch;
  }

  private void fill() {
    raw.clear();
    FillResult result = source.fill(raw, RowBatch.ROWS_MAX);
    if (raw.rows() > RowBatch.ROWS_MAX) {
      throw new IllegalStateException(
          "the source filled "
              + raw.rows()
              + " rows, at most "
              + RowBatch.ROWS_MAX
              + " were asked for");
    }
    if (result instanceof FillResult.Cancelled) {
      outcome = new Outcome.Cancelled();
      return;
    }
    if (result instanceof FillResult.LockMet met) {
      outcome = new Outcome.Blocked(met.lock());
      return;
    }
    if (result instanceof FillResult.Paused paused) {
      continuation = Optional.of(paused.continuationKey());
      sourceEnded = true;
    } else if (result instanceof FillResult.Filled filled) {
      sourceEnded = filled.exhausted();
    }
    rowsScanned += raw.rows();
    if (raw.rows() > 0) {
      RowBatch batch = scan.decode(raw);
      if (batch.count > 0) {
        steps.get(0).accept(batch);
      }
    }
    if (steps.get(0).satisfied()) {
      sourceEnded = true;
      continuation = Optional.empty();
    }
  }

  /** Lets one step hand on rows that it held back; false when none has any left. */
  private boolean drain() {
    while (draining < steps.size()) {
      if (steps.get(draining).drain()) {
        return true;
      }
      draining++;
      if (output.isFull()) {
        return true;
      }
    }
    return false;
  }

  public Outcome outcome() {
    return outcome;
  }

  /** What has been done so far. */
  public ExecutionSummary summary() {
    return new ExecutionSummary(rowsScanned, rowsReturned, batches, bytesReturned);
  }

  /** Most heap bytes that grow with the data are counted here; for tests and metrics. */
  public long heapBytes() {
    return budget.used();
  }

  @Override
  public void close() {
    encoder.close();
    allocator.close();
  }
}
