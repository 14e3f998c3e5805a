package io.arrowraft.storage.rocks;

import io.arrowraft.storage.engine.EngineException;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;

/** Turns RocksDB's status codes into the kinds of the engine port. */
final class RocksErrors {
  private RocksErrors() {}

  static EngineException translate(String action, RocksDBException cause) {
    return new EngineException(
        kind(cause.getStatus()), action + " failed: " + cause.getMessage(), cause);
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
