package io.arrowraft.simulation.run;

import io.arrowraft.simulation.check.Violation;
import java.util.List;
import java.util.Map;

/**
 * What came of a run.
 *
 * @param traceHash of everything that happened
 * @param events run: messages, tasks, timers
 * @param work of them: messages delivered, timers that were not idle, syncs of disks
 * @param simulatedNanos how long it took in the world
 * @param operations of clients that ended
 * @param acknowledged of them
 * @param regions at the end
 * @param summary outcomes by workload
 * @param failures kinds of failure that clients saw, with counts
 * @param faults that happened, in order
 * @param violations promises that were broken; empty for a good run
 */
public record SimulationReport(
    long seed,
    SimulationOptions options,
    String traceHash,
    long events,
    long work,
    long simulatedNanos,
    int operations,
    int acknowledged,
    int regions,
    String summary,
    Map<String, Integer> failures,
    List<String> faults,
    List<Violation> violations) {
  public SimulationReport {
    faults = List.copyOf(faults);
    violations = List.copyOf(violations);
  }

  public boolean isGood() {
    return violations.isEmpty();
  }

  /** The command that does the same again. */
  public String replayCommand() {
    return "mvn -pl integration/simulation -am test -Dtest=SimulationTest"
        + " -Dsurefire.failIfNoSpecifiedTests=false -Dsimulation.seed="
        + seed;
  }

  /** One line for a log of many runs. */
  public String line() {
    return ("seed %d: %s, trace %s, %d events in %.1f s, %d operations (%d acknowledged),"
            + " %d faults, %d regions")
        .formatted(
            seed,
            isGood() ? "good" : violations.size() + " VIOLATIONS",
            traceHash,
            events,
            simulatedNanos / 1e9,
            operations,
            acknowledged,
            faults.size(),
            regions);
  }

  /** Everything. */
  public String details() {
    StringBuilder text = new StringBuilder(line());
    text.append("\n  options: ").append(options);
    text.append("\n  operations: ").append(summary);
    text.append("\n  failures seen by clients: ").append(failures);
    text.append("\n  faults: ").append(faults);
    violations.stream().limit(20).forEach(v -> text.append("\n  violation: ").append(v));
    return text.append("\n  replay: ").append(replayCommand()).toString();
  }
}
