package io.arrowraft.pd.state;

/** What a {@link PdCommand} came to. */
public sealed interface PdResult {

  /** The command took effect, or had taken effect before. */
  record Done() implements PdResult {}

  /** The cluster's id, which may be an older one than the command's. */
  record ClusterId(long clusterId) implements PdResult {}

  /** The cluster had been bootstrapped before; nothing changed. */
  record AlreadyBootstrapped() implements PdResult {}

  /**
   * Ids from {@code first} to {@code last}, both included, belong to whoever proposed the command.
   */
  record IdRange(long first, long last) implements PdResult {}

  /** The limit now in force, in milliseconds since the epoch. */
  record TimestampLimit(long limit) implements PdResult {}

  /** The safe point now in force. */
  record SafePoint(long safePoint) implements PdResult {}

  /** The service that holds the lowest safe point. */
  record LowestHold(ServiceHold hold) implements PdResult {}

  /** The command contradicts the state; nothing changed. */
  record Rejected(String reason) implements PdResult {}
}
