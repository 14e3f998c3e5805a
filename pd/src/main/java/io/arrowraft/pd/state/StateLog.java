package io.arrowraft.pd.state;

import java.util.concurrent.CompletableFuture;

/** Port to whatever replicates the commands. */
public interface StateLog {

  /**
   * Whether this member leads and its lease runs at this moment, so that it may act on its state
   * without asking the others.
   */
  boolean leads();

  /**
   * Replicates a command and applies it.
   *
   * @return what it came to, completed on the placement driver's loop after the state has changed;
   *     fails with {@link NotLeaderException} if it was not or may not have been replicated
   */
  CompletableFuture<PdResult> propose(PdCommand command);
}
