package io.arrowraft.table;

import java.util.Objects;

/**
 * One entry of an index, as it is stored.
 *
 * @param distinct whether no other row may have an entry under this key: the index is unique and
 *     none of the values is NULL
 */
public record IndexEntry(IndexSchema index, Bytes key, Bytes value, boolean distinct) {
  public IndexEntry {
    Objects.requireNonNull(index, "index");
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(value, "value");
  }
}
