package io.arrowraft.client.keyvalue;

import io.arrowraft.runtime.Bytes;
import java.util.Objects;

/** A key and what is stored under it. */
public record KeyValue(Bytes key, Bytes value) {
  public KeyValue {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(value, "value");
  }
}
