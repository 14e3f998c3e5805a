package io.arrowraft.server.txn;

import io.arrowraft.proto.metapb.Region;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.server.region.QueryKind;
import io.arrowraft.server.region.RegionSnapshot;
import java.util.List;
import java.util.Optional;

/**
 * A command that reads a snapshot and says what to write.
 *
 * @param <R> its answer
 */
public interface WriteCommand<R> {
  /** Keys that no other command may evaluate or write meanwhile; may be empty. */
  List<Bytes> latchKeys();

  /** Memory that the command holds while it is pending. */
  long byteSize();

  /** As what the command is counted, if at all. */
  default Optional<QueryKind> kind() {
    return Optional.empty();
  }

  /**
   * Whether the command makes the store's data grow. What only frees space, or finishes what was
   * begun, is let through when the disk is nearly full or the engine is behind.
   */
  default boolean addsData() {
    return true;
  }

  /**
   * Whether {@link #evaluate} takes long enough to belong on a worker: because it reads data, or
   * because it encodes much. Otherwise it runs where the snapshot was taken.
   */
  default boolean needsWorker() {
    return true;
  }

  /**
   * Decides what to write, as a function of the snapshot alone. A failure is the command's answer,
   * and nothing is written.
   */
  WriteOutcome<R> evaluate(RegionSnapshot snapshot);

  /**
   * The mutations of a command that looks at nothing but the region's range, so that it needs
   * neither a snapshot nor latches, and any term will do; empty for others. A failure is the
   * command's answer, and nothing is written.
   *
   * @param region with the version that the request names
   */
  default Optional<WriteOutcome<R>> evaluateBlindly(Region region) {
    return Optional.empty();
  }
}
