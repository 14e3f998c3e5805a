package io.arrowraft.storage.mvcc;

/** What a lock will do when it commits. */
public enum LockType {
  PUT('P'),
  DELETE('D'),
  /** Guards a key without changing it. */
  LOCK('L'),
  /** Held by a pessimistic transaction before its prewrite. */
  PESSIMISTIC('S');

  private final char tag;

  LockType(char tag) {
    this.tag = tag;
  }

  int tag() {
    return tag;
  }

  /** The type with this tag, or null. */
  static LockType ofTag(int tag) {
    return switch (tag) {
      case 'P' -> PUT;
      case 'D' -> DELETE;
      case 'L' -> LOCK;
      case 'S' -> PESSIMISTIC;
      default -> null;
    };
  }
}
