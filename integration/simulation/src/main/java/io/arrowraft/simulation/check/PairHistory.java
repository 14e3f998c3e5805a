package io.arrowraft.simulation.check;

import java.util.ArrayList;
import java.util.List;

/**
 * Pairs of accounts from either of which money may be taken as long as the two together stay at
 * zero or above. Two withdrawals that each read both accounts and write one of them are the
 * classical write skew: their outcome breaks the rule although each kept it.
 */
public final class PairHistory {
  private record Reading(long timestamp, int pair, long first, long second) {}

  private final List<Reading> readings = new ArrayList<>();

  public void read(long timestamp, int pair, long first, long second) {
    readings.add(new Reading(timestamp, pair, first, second));
  }

  public int readings() {
    return readings.size();
  }

  /** What the history breaks; empty if nothing. */
  public List<Violation> check() {
    List<Violation> violations = new ArrayList<>();
    for (Reading reading : readings) {
      if (reading.first() + reading.second() < 0) {
        violations.add(
            new Violation(
                "pair",
                "snapshot at %d: pair %d holds %d and %d, together below zero"
                    .formatted(
                        reading.timestamp(), reading.pair(), reading.first(), reading.second())));
      }
    }
    return violations;
  }
}
