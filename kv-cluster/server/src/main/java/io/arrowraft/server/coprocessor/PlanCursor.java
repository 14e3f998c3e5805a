package io.arrowraft.server.coprocessor;

import com.google.protobuf.ByteString;
import io.arrowraft.proto.coprocessor.KeyRange;
import io.arrowraft.storage.mvcc.LockedKey;
import java.util.Objects;
import java.util.Optional;

/** A plan under execution over one region's snapshot. Used by one thread at a time. */
interface PlanCursor extends AutoCloseable {

  /** What the execution came to next. */
  sealed interface Piece {
    /**
     * A batch of rows.
     *
     * @param data an Arrow IPC record batch message
     */
    record Batch(ByteString data, long rows) implements Piece {
      public Batch {
        Objects.requireNonNull(data, "data");
      }
    }

    /** The batches so far answer {@code covered} in full; there is more. */
    record Settled(KeyRange covered) implements Piece {}

    /**
     * A lock stands in the way of the next row.
     *
     * @param covered what the batches so far answer; empty if they are of no use without the rest
     */
    record Locked(LockedKey lock, Optional<KeyRange> covered) implements Piece {
      public Locked {
        Objects.requireNonNull(lock, "lock");
        Objects.requireNonNull(covered, "covered");
      }
    }

    /** Everything has been answered, or as much as was asked for. */
    record End(KeyRange covered) implements Piece {}
  }

  /**
   * What the execution has cost so far.
   *
   * @param rowsScanned rows that the scan yielded
   * @param versionsScanned versions that it looked at
   * @param bytesScanned bytes of the rows
   */
  record Cost(long rowsScanned, long versionsScanned, long bytesScanned) {
    static final Cost NONE = new Cost(0, 0, 0);
  }

  /**
   * Executes until there is something to say. After {@link Piece.Locked} and {@link Piece.End} only
   * {@link #cost} and {@link #close} may follow.
   *
   * @throws io.arrowraft.server.txn.ReadCancelledException if the caller gave up
   */
  Piece next();

  Cost cost();

  @Override
  void close();
}
