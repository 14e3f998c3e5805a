package io.arrowraft.storage.txn;

import io.arrowraft.runtime.Bytes;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;

/** Latches are taken in key order, each once, so that two commands never wait for each other. */
final class LatchKeys {
  private LatchKeys() {}

  static List<Bytes> of(Collection<Bytes> keys) {
    return List.copyOf(new TreeSet<>(keys));
  }
}
