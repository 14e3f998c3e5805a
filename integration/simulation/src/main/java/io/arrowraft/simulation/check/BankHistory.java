package io.arrowraft.simulation.check;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Snapshots of accounts between which money moves: every snapshot must hold the whole money, no
 * account may be overdrawn, and two readings of one snapshot must agree.
 */
public final class BankHistory {
  /**
   * One reading of all accounts.
   *
   * @param timestamp at which the snapshot was taken
   */
  public record Snapshot(long timestamp, SortedMap<Long, Long> balances) {
    public Snapshot {
      balances = new TreeMap<>(balances);
    }
  }

  private final int accounts;
  private final long total;
  private final List<Snapshot> snapshots = new ArrayList<>();

  /**
   * @param total of all balances, at all times
   */
  public BankHistory(int accounts, long total) {
    this.accounts = accounts;
    this.total = total;
  }

  public void add(Snapshot snapshot) {
    snapshots.add(snapshot);
  }

  public int snapshots() {
    return snapshots.size();
  }

  /** What the history breaks; empty if nothing. */
  public List<Violation> check() {
    List<Violation> violations = new ArrayList<>();
    Map<Long, Snapshot> firstReadings = new TreeMap<>();
    for (Snapshot snapshot : snapshots) {
      Snapshot earlier = firstReadings.putIfAbsent(snapshot.timestamp(), snapshot);
      if (earlier != null && !earlier.equals(snapshot)) {
        violations.add(
            new Violation(
                "bank",
                "two readings at %d differ: %s and later %s"
                    .formatted(snapshot.timestamp(), earlier.balances(), snapshot.balances())));
      }
      long sum = snapshot.balances().values().stream().mapToLong(Long::longValue).sum();
      if (snapshot.balances().size() != accounts || sum != total) {
        violations.add(
            new Violation(
                "bank",
                "snapshot at %d has %d accounts holding %d; there are %d holding %d: %s"
                    .formatted(
                        snapshot.timestamp(),
                        snapshot.balances().size(),
                        sum,
                        accounts,
                        total,
                        snapshot.balances())));
      }
      snapshot
          .balances()
          .forEach(
              (account, balance) -> {
                if (balance < 0) {
                  violations.add(
                      new Violation(
                          "bank",
                          "snapshot at %d: account %d is overdrawn: %d"
                              .formatted(snapshot.timestamp(), account, balance)));
                }
              });
    }
    return violations;
  }
}
