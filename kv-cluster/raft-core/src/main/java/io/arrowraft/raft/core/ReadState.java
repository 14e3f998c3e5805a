package io.arrowraft.raft.core;

import java.util.Objects;

/** A confirmed read: it may be served once the applied index has reached {@code index}. */
public record ReadState(long index, byte[] context) {
  public ReadState {
    Objects.requireNonNull(context, "context");
  }
}
