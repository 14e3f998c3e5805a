package io.arrowraft.raft.core;

/**
 * Whether a read index was asked for. Only a {@link ReadState} with its context confirms a read.
 */
public sealed interface ReadIndexResult {
  record Started() implements ReadIndexResult {}

  /** Nobody is known to lead. */
  record NoLeader() implements ReadIndexResult {}

  record TooManyPending(int pending) implements ReadIndexResult {}
}
