package io.arrowraft.simulation.workload;

import io.arrowraft.client.error.ArrowraftException;
import io.arrowraft.client.error.OutcomeUnknownException;
import io.arrowraft.runtime.Async;
import io.arrowraft.simulation.check.Outcome;

/** What a client's answer says about its operation. */
final class Outcomes {
  private Outcomes() {}

  /**
   * @param failure {@code null} if the operation succeeded
   */
  static Outcome of(Throwable failure) {
    if (failure == null) {
      return Outcome.OK;
    }
    Throwable cause = Async.cause(failure);
    // Whatever is not one of the client's typed refusals promises nothing.
    return cause instanceof ArrowraftException && !(cause instanceof OutcomeUnknownException)
        ? Outcome.FAILED
        : Outcome.UNKNOWN;
  }
}
