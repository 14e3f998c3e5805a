package io.arrowraft.pd.flow;

/** Which traffic, and who bears it. */
public enum Aspect {
  /** Reads, which the leader serves, and followers where clients ask them. */
  READ(false),
  /** Writes, which every peer stores. */
  WRITE(true),
  /** Writes, as far as they are the leader's work. */
  WRITE_LEADER(true);

  private final boolean writes;

  Aspect(boolean writes) {
    this.writes = writes;
  }

  public boolean writes() {
    return writes;
  }
}
