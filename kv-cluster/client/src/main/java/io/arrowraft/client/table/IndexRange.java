package io.arrowraft.client.table;

import java.util.ArrayList;
import java.util.List;

/**
 * Which entries of an index to look at: those whose first values are equal to some, and whose next
 * one lies within bounds. Immutable.
 *
 * @param equal values of the index's first columns; null for NULL
 * @param low null for no bound
 * @param high null for no bound
 */
public record IndexRange(List<Object> equal, End low, End high) {
  /** A bound of the column after those that are equal; NULL lies within none. */
  public record End(Object value, boolean inclusive) {
    public End {
      if (value == null) {
        throw new IllegalArgumentException("a bound is no NULL: ask for entries equal to NULL");
      }
    }
  }

  public IndexRange {
    // Not List.copyOf: values may be NULL.
    equal = java.util.Collections.unmodifiableList(new ArrayList<>(equal));
  }

  /** Everything. */
  public static IndexRange all() {
    return new IndexRange(List.of(), null, null);
  }

  /** Entries whose first values are these. */
  public static IndexRange equalTo(Object... values) {
    return new IndexRange(java.util.Arrays.asList(values), null, null);
  }

  /** From a value of the next column on. */
  public IndexRange from(Object value) {
    return new IndexRange(equal, new End(value, true), high);
  }

  /** Beyond a value of the next column. */
  public IndexRange above(Object value) {
    return new IndexRange(equal, new End(value, false), high);
  }

  /** Up to a value of the next column, included. */
  public IndexRange to(Object value) {
    return new IndexRange(equal, low, new End(value, true));
  }

  /** Below a value of the next column. */
  public IndexRange below(Object value) {
    return new IndexRange(equal, low, new End(value, false));
  }
}
