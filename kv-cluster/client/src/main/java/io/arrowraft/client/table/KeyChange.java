package io.arrowraft.client.table;

import io.arrowraft.runtime.Bytes;
import java.util.Objects;

/** What a table's write does to one key of the store. */
record KeyChange(Kind kind, Bytes key, Bytes value) {
  enum Kind {
    PUT,
    /** Put, and nothing may be there. */
    INSERT,
    DELETE
  }

  KeyChange {
    Objects.requireNonNull(kind, "kind");
  }
}
