package io.arrowraft.simulation.check;

/** What a client knows of its operation. */
public enum Outcome {
  /** Acknowledged: it happened. */
  OK,
  /** Refused or aborted: it did not happen. */
  FAILED,
  /** No answer: it may have happened, or may yet happen. */
  UNKNOWN
}
