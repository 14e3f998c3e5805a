package io.arrowraft.coprocessor.plan;

import java.util.Objects;

/**
 * A plan with the circumstances it runs in.
 *
 * @param batchRowsMax most rows of one result batch
 * @param memoryLimitBytes most memory the execution may hold; more is a typed error
 * @param sessionTimeZone zone id that the planner resolved zone-dependent expressions with
 * @param ansi whether overflow and division by zero are errors (else NULL or wrap-around)
 * @param floatingSumAllowed whether SUM of FLOAT and DOUBLE may run, whose last bits depend on the
 *     order of rows
 */
public record PlanRequest(
    PlanNode plan,
    int batchRowsMax,
    long memoryLimitBytes,
    String sessionTimeZone,
    boolean ansi,
    boolean floatingSumAllowed) {

  /** The request type number of plans in a coprocessor request. */
  public static final int REQUEST_TYPE = 7001;

  public static final int BATCH_ROWS_DEFAULT = 4096;
  public static final int BATCH_ROWS_LIMIT = 65_536;
  public static final long MEMORY_LIMIT_BYTES_DEFAULT = 128L << 20;

  public PlanRequest {
    Objects.requireNonNull(plan, "plan");
    Objects.requireNonNull(sessionTimeZone, "sessionTimeZone");
    if (batchRowsMax < 1 || batchRowsMax > BATCH_ROWS_LIMIT) {
      throw new PlanException(
          PlanException.Code.INVALID,
          "batchRowsMax must be 1 to " + BATCH_ROWS_LIMIT + ", not " + batchRowsMax);
    }
    if (memoryLimitBytes < 1) {
      throw new PlanException(
          PlanException.Code.INVALID, "memoryLimitBytes must be positive: " + memoryLimitBytes);
    }
  }

  /** A request with default batch size and memory, UTC, ANSI on, no floating-point sums. */
  public static PlanRequest of(PlanNode plan) {
    return new PlanRequest(
        plan, BATCH_ROWS_DEFAULT, MEMORY_LIMIT_BYTES_DEFAULT, "UTC", true, false);
  }

  public PlanRequest withBatchRowsMax(int rows) {
    return new PlanRequest(plan, rows, memoryLimitBytes, sessionTimeZone, ansi, floatingSumAllowed);
  }

  public PlanRequest withMemoryLimitBytes(long bytes) {
    return new PlanRequest(plan, batchRowsMax, bytes, sessionTimeZone, ansi, floatingSumAllowed);
  }

  public PlanRequest withSessionTimeZone(String zone) {
    return new PlanRequest(plan, batchRowsMax, memoryLimitBytes, zone, ansi, floatingSumAllowed);
  }

  public PlanRequest withAnsi(boolean enabled) {
    return new PlanRequest(
        plan, batchRowsMax, memoryLimitBytes, sessionTimeZone, enabled, floatingSumAllowed);
  }

  public PlanRequest withFloatingSumAllowed(boolean allowed) {
    return new PlanRequest(plan, batchRowsMax, memoryLimitBytes, sessionTimeZone, ansi, allowed);
  }
}
