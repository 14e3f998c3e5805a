package io.arrowraft.server.region;

/** What a request does, as the placement driver counts requests. */
public enum QueryKind {
  GC,
  GET,
  SCAN,
  COPROCESSOR,
  DELETE,
  DELETE_RANGE,
  PUT,
  PREWRITE,
  ACQUIRE_PESSIMISTIC_LOCK,
  COMMIT,
  ROLLBACK;

  /** Whether such requests change nothing. */
  public boolean isRead() {
    return this == GET || this == SCAN || this == COPROCESSOR;
  }
}
