package io.arrowraft.server.coprocessor;

import com.google.protobuf.UnsafeByteOperations;
import io.arrowraft.coprocessor.engine.CoprocessorExecutor;
import io.arrowraft.coprocessor.engine.EncodedBatch;
import io.arrowraft.coprocessor.engine.EvaluationException;
import io.arrowraft.coprocessor.engine.ExecutionLimits;
import io.arrowraft.coprocessor.engine.MemoryLimitExceeded;
import io.arrowraft.coprocessor.engine.Outcome;
import io.arrowraft.coprocessor.plan.PlanNode;
import io.arrowraft.coprocessor.plan.PlanRequest;
import io.arrowraft.proto.coprocessor.KeyRange;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.runtime.InvariantViolation;
import io.arrowraft.server.region.RegionErrors;
import io.arrowraft.server.txn.ReadCancelledException;
import io.arrowraft.storage.mvcc.ReadStatistics;
import io.arrowraft.table.CorruptRowException;
import java.util.Optional;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.OutOfMemoryException;

/**
 * Executes a plan on the Arrow engine. A plan that yields rows in key order is executed segment by
 * segment, each to its end, so that what has been sent is settled every so often; one whose rows
 * depend on each other is one segment.
 */
final class EnginePlanCursor implements PlanCursor {
  private final PlanRequest plan;
  private final PlanRanges ranges;
  private final MvccRowSource source;
  private final BufferAllocator allocator;
  private final ExecutionLimits limits;
  private final boolean descending;
  private CoprocessorExecutor executor;

  /**
   * @param source closed with the cursor
   * @param allocator results are built in a child of it
   */
  EnginePlanCursor(
      PlanRequest plan,
      PlanRanges ranges,
      MvccRowSource source,
      BufferAllocator allocator,
      ExecutionLimits limits) {
    this.plan = plan;
    this.ranges = ranges;
    this.source = source;
    this.allocator = allocator;
    this.limits = limits;
    this.descending = isDescending(plan.plan());
  }

  /** Whether a plan reads its table from the last key to the first. */
  static boolean isDescending(PlanNode plan) {
    PlanNode node = plan;
    while (node.inputNode().isPresent()) {
      node = node.inputNode().get();
    }
    return ((PlanNode.TableScan) node).descending();
  }

  /**
   * Whether a plan is executed in segments: each row of its result follows from one row of the
   * table, and what it has answered grows from the first key on.
   */
  static boolean settlesMidway(PlanNode plan) {
    Optional<PlanNode> node = Optional.of(plan);
    while (node.isPresent()) {
      PlanNode step = node.get();
      if (step instanceof PlanNode.PartialAggregation
          || step instanceof PlanNode.TopN
          || step instanceof PlanNode.Limit) {
        return false;
      }
      node = step.inputNode();
    }
    return !isDescending(plan);
  }

  @Override
  public Piece next() {
    try {
      if (executor == null) {
        executor = CoprocessorExecutor.open(plan, source, allocator, limits);
      }
      Optional<EncodedBatch> batch = executor.next();
      return batch.isPresent() ? piece(batch.get()) : ended(executor.outcome());
    } catch (MemoryLimitExceeded exceeded) {
      throw new CoprocessorRefusal("MEMORY_LIMIT_EXCEEDED: " + exceeded.getMessage());
    } catch (EvaluationException failed) {
      throw new CoprocessorRefusal(failed.getMessage());
    } catch (CorruptRowException corrupt) {
      throw new CoprocessorRefusal("CORRUPT_ROW: " + corrupt.getMessage());
    } catch (OutOfMemoryException full) {
      throw RegionErrors.serverIsBusy("the memory of the coprocessor is used up");
    }
  }

  /** The message's bytes are the engine's until the next call; the transport takes them before. */
  private static Piece piece(EncodedBatch batch) {
    return new Piece.Batch(UnsafeByteOperations.unsafeWrap(batch.message()), batch.rows());
  }

  private Piece ended(Outcome outcome) {
    if (outcome instanceof Outcome.Finished) {
      return new Piece.End(ranges.coveredWhole());
    }
    if (outcome instanceof Outcome.Cancelled) {
      throw new ReadCancelledException();
    }
    if (!(outcome instanceof Outcome.Paused paused)) {
      throw new InvariantViolation("a plan ended without a reason", "outcome", outcome);
    }
    Bytes resume = Bytes.wrap(paused.continuationKey().toByteArray());
    KeyRange covered = ranges.coveredUntil(resume, descending);
    if (source.lock().isPresent()) {
      return new Piece.Locked(
          source.lock().get(), descending ? Optional.empty() : Optional.of(covered));
    }
    if (source.isSpent()) {
      return new Piece.End(covered);
    }
    closeExecutor();
    source.startSegment();
    return new Piece.Settled(covered);
  }

  @Override
  public Cost cost() {
    ReadStatistics read = source.statistics();
    return new Cost(source.rowsRead(), read.scannedVersions(), read.valueBytes());
  }

  private void closeExecutor() {
    if (executor != null) {
      executor.close();
      executor = null;
    }
  }

  @Override
  public void close() {
    closeExecutor();
    source.close();
  }
}
