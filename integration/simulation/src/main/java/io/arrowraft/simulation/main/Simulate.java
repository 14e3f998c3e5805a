package io.arrowraft.simulation.main;

import io.arrowraft.simulation.run.Simulation;
import io.arrowraft.simulation.run.SimulationReport;

/** Prints a line for each seed, and everything about the bad ones; exit code 1 if there was one. */
public final class Simulate {
  private Simulate() {}

  /**
   * @param arguments the first seed, how many (default 1), and perhaps {@code until-bad}: end with
   *     the first bad one, and sum up in the last line
   */
  public static void main(String[] arguments) {
    boolean untilBad = arguments.length == 3 && arguments[2].equals("until-bad");
    if (arguments.length < 1 || (arguments.length > 2 && !untilBad)) {
      System.err.println("usage: Simulate FIRST_SEED [COUNT [until-bad]]");
      System.exit(2);
    }
    long first = Long.parseLong(arguments[0]);
    int count = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 1;
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
      if (untilBad && !report.isGood()) {
        String what = report.violations().get(0).toString().lines().findFirst().orElse("");
        System.out.printf(
            "seed %d (number %d): %s%n", seed, seed - first + 1, shortened(what, 110));
        return;
      }
    }
    if (untilBad) {
      System.out.println("none in " + count + " seeds");
    } else if (!good) {
      System.exit(1);
    }
  }

  private static String shortened(String text, int most) {
    return (text.length() <= most ? text : text.substring(0, most) + "...").replace('|', '/');
  }
}
