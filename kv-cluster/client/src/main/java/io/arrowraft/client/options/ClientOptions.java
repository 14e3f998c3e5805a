package io.arrowraft.client.options;

import java.util.List;
import java.util.Objects;

/**
 * How a client behaves.
 *
 * @param pdAddresses {@code host:port} of one or more members of the placement driver
 * @param lostAnswers what becomes of raw writes whose answer was lost
 * @param reads which replicas serve reads
 * @param batchedCommands whether requests to one store share a stream, as TiKV's BatchCommands;
 *     off, each is a call of its own
 */
public record ClientOptions(
    List<String> pdAddresses,
    Timeouts timeouts,
    LockTimes locks,
    Limits limits,
    CommitModes commits,
    LostAnswers lostAnswers,
    ReadPreference reads,
    boolean batchedCommands) {
  public ClientOptions {
    pdAddresses = List.copyOf(pdAddresses);
    if (pdAddresses.isEmpty()) {
      throw new IllegalArgumentException("pdAddresses must name at least one address");
    }
    for (String address : pdAddresses) {
      checkAddress(address);
    }
    Objects.requireNonNull(timeouts, "timeouts");
    Objects.requireNonNull(locks, "locks");
    Objects.requireNonNull(limits, "limits");
    Objects.requireNonNull(commits, "commits");
    Objects.requireNonNull(lostAnswers, "lostAnswers");
    Objects.requireNonNull(reads, "reads");
  }

  /**
   * The defaults for a cluster.
   *
   * @param pdAddresses {@code host:port}, several separated by commas
   */
  public static ClientOptions of(String pdAddresses) {
    return new ClientOptions(
        List.of(pdAddresses.trim().split("\\s*,\\s*")),
        Timeouts.defaults(),
        LockTimes.defaults(),
        Limits.defaults(),
        CommitModes.twoPhase(),
        LostAnswers.REPEAT,
        ReadPreference.leader(),
        true);
  }

  public ClientOptions withTimeouts(Timeouts newTimeouts) {
    Draft draft = new Draft(this);
    draft.timeouts = newTimeouts;
    return draft.options();
  }

  public ClientOptions withLocks(LockTimes newLocks) {
    Draft draft = new Draft(this);
    draft.locks = newLocks;
    return draft.options();
  }

  public ClientOptions withLimits(Limits newLimits) {
    Draft draft = new Draft(this);
    draft.limits = newLimits;
    return draft.options();
  }

  public ClientOptions withCommits(CommitModes newCommits) {
    Draft draft = new Draft(this);
    draft.commits = newCommits;
    return draft.options();
  }

  public ClientOptions withLostAnswers(LostAnswers newLostAnswers) {
    Draft draft = new Draft(this);
    draft.lostAnswers = newLostAnswers;
    return draft.options();
  }

  public ClientOptions withReads(ReadPreference newReads) {
    Draft draft = new Draft(this);
    draft.reads = newReads;
    return draft.options();
  }

  public ClientOptions withBatchedCommands(boolean batched) {
    Draft draft = new Draft(this);
    draft.batchedCommands = batched;
    return draft.options();
  }

  /** A copy under change. */
  private static final class Draft {
    private final List<String> pdAddresses;
    private Timeouts timeouts;
    private LockTimes locks;
    private Limits limits;
    private CommitModes commits;
    private LostAnswers lostAnswers;
    private ReadPreference reads;
    private boolean batchedCommands;

    Draft(ClientOptions from) {
      this.pdAddresses = from.pdAddresses;
      this.timeouts = from.timeouts;
      this.locks = from.locks;
      this.limits = from.limits;
      this.commits = from.commits;
      this.lostAnswers = from.lostAnswers;
      this.reads = from.reads;
      this.batchedCommands = from.batchedCommands;
    }

    ClientOptions options() {
      return new ClientOptions(
          pdAddresses, timeouts, locks, limits, commits, lostAnswers, reads, batchedCommands);
    }
  }

  private static void checkAddress(String address) {
    int colon = address.lastIndexOf(':');
    boolean valid = colon > 0 && colon < address.length() - 1;
    if (valid) {
      try {
        int port = Integer.parseInt(address.substring(colon + 1));
        valid = port > 0 && port < 65536;
      } catch (NumberFormatException notANumber) {
        valid = false;
      }
    }
    if (!valid) {
      throw new IllegalArgumentException(
          "an address of the placement driver is host:port, not \"" + address + "\"");
    }
  }
}
