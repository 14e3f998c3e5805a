package io.arrowraft.pd.placement;

/** A store, as far as placement looks at it. */
public interface Located {
  long id();

  /**
   * The value of a label, by its key without regard to case; empty if the store has no such one.
   */
  String label(String key);
}
