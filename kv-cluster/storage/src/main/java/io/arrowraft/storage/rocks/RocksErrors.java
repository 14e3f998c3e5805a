package io.arrowraft.storage.rocks;

import io.arrowraft.storage.engine.CorruptDataException;
import io.arrowraft.storage.engine.EngineException;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;

/** Turns RocksDB's status codes into the kinds of the engine port. */
final class RocksErrors {
  private RocksErrors() {}

  static EngineException translate(String action, RocksDBException cause) {
    EngineException.Kind kind = kind(cause.getStatus());
    String message = action + " failed: " + cause.getMessage();
    return kind == EngineException.Kind.CORRUPTION
        ? CorruptDataException.unplaced(message, cause)
        : new EngineException(kind, message, cause);
  }

  /** The same for a read of which it is known what it was to read. */
  static EngineException translate(
      String action, CorruptDataException.Damage read, RocksDBException cause) {
    EngineException.Kind kind = kind(cause.getStatus());
    String message = action + " failed: " + cause.getMessage();
    return kind == EngineException.Kind.CORRUPTION
        ? CorruptDataException.at(read, message, cause)
        : new EngineException(kind, message, cause);
  }

  private static EngineException.Kind kind(Status status) {
    if (status == null) {
      return EngineException.Kind.IO;
    }
    if (status.getSubCode() == Status.SubCode.NoSpace) {
      return EngineException.Kind.DISK_FULL;
    }
    return switch (status.getCode()) {
      case Corruption -> EngineException.Kind.CORRUPTION;
      case ShutdownInProgress -> EngineException.Kind.CLOSED;
      default -> EngineException.Kind.IO;
    };
  }
}
