package io.arrowraft.coprocessor.engine;

import io.arrowraft.table.Bytes;
import java.util.Objects;

/** What became of one fill. The batch's rows are good in every case but {@link Cancelled}. */
public sealed interface FillResult {

  /**
   * The batch has rows.
   *
   * @param exhausted whether there are none behind them
   */
  record Filled(boolean exhausted) implements FillResult {}

  /**
   * A lock of another transaction lies on the next key; the caller must resolve it and run the
   * whole plan again.
   *
   * @param lock what the source knows about it; the engine does not look
   */
  record LockMet(Object lock) implements FillResult {
    public LockMet {
      Objects.requireNonNull(lock, "lock");
    }
  }

  /**
   * The source has used up what it may take in one request. The execution ends with the rows so
   * far, and a further request goes on from the key.
   */
  record Paused(Bytes continuationKey) implements FillResult {
    public Paused {
      Objects.requireNonNull(continuationKey, "continuationKey");
    }
  }

  /** Nobody wants the answer any more, or its deadline has passed. */
  record Cancelled() implements FillResult {}
}
