package io.arrowraft.coprocessor.engine;

/** Counts the heap bytes of one execution that grow with its data. */
final class MemoryBudget {
  static final String LIMIT_NAME = "memoryLimitBytes";
  static final String REMEDY =
      "group or sort by fewer distinct values, return less, or raise the limit";

  private final long limit;
  private long used;

  MemoryBudget(long limit) {
    this.limit = limit;
  }

  /** Accounts for bytes about to be taken. */
  void take(long bytes) {
    used += bytes;
    if (used > limit) {
      throw new MemoryLimitExceeded(LIMIT_NAME, limit, REMEDY);
    }
  }

  void release(long bytes) {
    used -= bytes;
    if (used < 0) {
      throw new IllegalStateException("released " + -used + " bytes more than were taken");
    }
  }

  long used() {
    return used;
  }

  long limit() {
    return limit;
  }
}
