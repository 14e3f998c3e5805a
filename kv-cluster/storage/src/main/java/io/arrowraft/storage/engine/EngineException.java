package io.arrowraft.storage.engine;

import java.util.Objects;

/** An engine could not do what was asked; the kind says what the caller may do about it. */
public sealed class EngineException extends RuntimeException permits CorruptDataException {
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
    BUSY;

    /** What an operator can do about it; empty where there is nothing to do. */
    public String remedy() {
      return switch (this) {
        case IO ->
            "look at the system's log for errors of the disk; replace the disk if there are any,"
                + " else start again";
        case DISK_FULL -> "free space on the disk of this directory, then start again";
        case CORRUPTION ->
            "do not start on this directory again: remove this node from the cluster and give it"
                + " an empty directory";
        case IN_USE, FOREIGN_DIRECTORY, BUSY, CLOSED -> "";
      };
    }
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
