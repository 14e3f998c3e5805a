package io.arrowraft.coprocessor.engine;

/** An execution that would hold more than it may. The same request fails again. */
public final class MemoryLimitExceeded extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String limitName;
  private final long limit;

  public MemoryLimitExceeded(String limitName, long limit, String remedy) {
    super("the execution needs more than " + limitName + " = " + limit + "; " + remedy);
    this.limitName = limitName;
    this.limit = limit;
  }

  /** The setting that was hit, as configuration names it. */
  public String limitName() {
    return limitName;
  }

  public long limit() {
    return limit;
  }
}
