package io.arrowraft.storage.mvcc;

import io.arrowraft.storage.engine.CorruptDataException;
import io.arrowraft.storage.engine.EngineException;

/** What a write record says about its key. */
public enum WriteType {
  PUT('P'),
  DELETE('D'),
  /** A committed transaction locked the key without changing it. */
  LOCK('L'),
  /** The transaction whose start timestamp is the record's timestamp was rolled back. */
  ROLLBACK('R');

  private final char tag;

  WriteType(char tag) {
    this.tag = tag;
  }

  int tag() {
    return tag;
  }

  /** Whether the record changes what readers see. */
  public boolean changesData() {
    return this == PUT || this == DELETE;
  }

  /** The type with this tag, or null. */
  static WriteType ofTag(int tag) {
    return switch (tag) {
      case 'P' -> PUT;
      case 'D' -> DELETE;
      case 'L' -> LOCK;
      case 'R' -> ROLLBACK;
      default -> null;
    };
  }

  /**
   * The type of a stored write record.
   *
   * @throws EngineException of kind CORRUPTION when it is none
   */
  public static WriteType ofRecord(byte[] stored) {
    WriteType type = stored.length == 0 ? null : ofTag(stored[0]);
    if (type == null) {
      throw CorruptDataException.unplaced(
          "a write record of " + stored.length + " bytes has no type", null);
    }
    return type;
  }

  /** The type of the record that commits a lock. */
  public static WriteType committing(LockType type) {
    return switch (type) {
      case PUT -> PUT;
      case DELETE -> DELETE;
      case LOCK -> LOCK;
      case PESSIMISTIC -> throw new IllegalArgumentException("a pessimistic lock commits nothing");
    };
  }
}
