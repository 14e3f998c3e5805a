package io.arrowraft.simulation.main;

import io.arrowraft.simulation.run.Simulation;
import io.arrowraft.simulation.run.SimulationReport;

/** Prints a line for each seed, and everything about the bad ones; exit code 1 if there was one. */
public final class Simulate {
  private Simulate() {}

  /**
   * @param arguments the first seed, and how many (default 1)
   */
  public static void main(String[] arguments) {
    if (arguments.length < 1 || arguments.length > 2) {
      System.err.println("usage: Simulate FIRST_SEED [COUNT]");
      System.exit(2);
    }
    long first = Long.parseLong(arguments[0]);
    int count = arguments.length == 2 ? Integer.parseInt(arguments[1]) : 1;
    boolean good = true;
    for (long seed = first; seed < first + count; seed++) {
      long begun = System.nanoTime();
      SimulationReport report = Simulation.of(seed);
      long nanos = System.nanoTime() - begun;
      System.out.println(report.isGood() && count > 1 ? report.line() : report.details());
      System.out.printf(
          "  %.2f s; messages, timers and syncs a second: %d%n",
          nanos / 1e9, report.work() * 1_000_000_000L / nanos);
      good &= report.isGood();
    }
    if (!good) {
      System.exit(1);
    }
  }
}
