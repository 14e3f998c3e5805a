package io.arrowraft.cli.process;

import io.arrowraft.pd.client.PdException;
import io.arrowraft.storage.engine.EngineException;

/**
 * How a process ends that cannot go on, for its supervisor and for people.
 *
 * @param code 3 for a fault of the program, 4 when the disk failed, 5 when it is full, 6 when
 *     stored data is damaged, 7 when the store has been removed from the cluster, which is no
 *     failure: it is done and is not to be started again
 * @param text what happened, to which directory, and what to do about it
 */
public record FatalExit(int code, String text) {
  private static final int CAUSES_MAX = 16;

  public static final int PROGRAM_FAULT = 3;
  public static final int DISK_FAILED = 4;
  public static final int DISK_FULL = 5;
  public static final int DATA_DAMAGED = 6;
  public static final int STORE_REMOVED = 7;

  /** The end that this failure asks for. */
  public static FatalExit of(String component, Throwable failure) {
    PdException refusal = cause(failure, PdException.class);
    if (refusal != null && refusal.code() == PdException.Code.STORE_REMOVED) {
      return removed(refusal);
    }
    EngineException engine = cause(failure, EngineException.class);
    if (engine == null) {
      return new FatalExit(PROGRAM_FAULT, "fatal fault in " + component + ": " + failure);
    }
    int code =
        switch (engine.kind()) {
          case IO -> DISK_FAILED;
          case DISK_FULL -> DISK_FULL;
          case CORRUPTION -> DATA_DAMAGED;
          case CLOSED, IN_USE, FOREIGN_DIRECTORY, BUSY -> PROGRAM_FAULT;
        };
    String remedy = engine.kind().remedy();
    return new FatalExit(
        code,
        "stopped, since the disk cannot be relied on ("
            + component
            + "): "
            + engine.getMessage()
            + (remedy.isEmpty() ? "" : "; what to do: " + remedy));
  }

  /** The end of a store that was drained. */
  public static FatalExit removed(PdException refusal) {
    return new FatalExit(STORE_REMOVED, "stopped for good: " + refusal.getMessage());
  }

  private static <T extends Throwable> T cause(Throwable failure, Class<T> kind) {
    Throwable current = failure;
    for (int i = 0; i < CAUSES_MAX && current != null; i++) {
      if (kind.isInstance(current)) {
        return kind.cast(current);
      }
      current = current.getCause();
    }
    return null;
  }
}
