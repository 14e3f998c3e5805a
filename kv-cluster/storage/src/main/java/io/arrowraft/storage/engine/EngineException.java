package io.arrowraft.storage.engine;

import java.util.Objects;

/** An engine could not do what was asked; the kind says what the caller may do about it. */
public final class EngineException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What went wrong. */
  public enum Kind {
    /** The engine, snapshot or iterator is closed or closing: stop using it. */
    CLOSED,
    /** Stored bytes are not what was written: stop serving this replica. */
    CORRUPTION,
    /** The disk refused a read, write or sync: stop the node. */
    IO,
    /** No room is left on the device: stop writing. */
    DISK_FULL,
    /** Another process, or another part of this one, has the directory open. */
    IN_USE,
    /** The directory belongs to another format version, cluster or node. */
    FOREIGN_DIRECTORY,
    /** Readers were still open when the deadline of close() passed. */
    BUSY
  }

  private final Kind kind;

  public EngineException(Kind kind, String message) {
    this(kind, message, null);
  }

  public EngineException(Kind kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = Objects.requireNonNull(kind, "kind");
  }

  public Kind kind() {
    return kind;
  }
}
