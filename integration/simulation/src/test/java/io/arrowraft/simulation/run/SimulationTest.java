package io.arrowraft.simulation.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/**
 * Runs seeds. {@code -Dsimulation.seed=N} runs that seed alone and says everything about it; {@code
 * -Dsimulation.seeds=COUNT} with {@code -Dsimulation.first=N} runs many.
 */
class SimulationTest {
  private static final int QUICK_SEEDS = 16;

  @Test
  void clustersKeepTheirPromisesUnderFaults() throws InterruptedException, ExecutionException {
    long seed = Long.getLong("simulation.seed", -1);
    List<SimulationReport> reports =
        seed >= 0
            ? runAll(seed, 1)
            : runAll(
                Long.getLong("simulation.first", 1),
                Integer.getInteger("simulation.seeds", QUICK_SEEDS));
    assertThat(reports.stream().filter(report -> !report.isGood()).map(SimulationReport::details))
        .isEmpty();
    assertThat(reports)
        .allSatisfy(
            report -> {
              assertThat(report.operations())
                  .isGreaterThanOrEqualTo(SimulationOptions.OPERATIONS_MIN);
              assertThat(report.faults()).hasSizeGreaterThanOrEqualTo(SimulationOptions.FAULTS_MIN);
            });
  }

  private static List<SimulationReport> runAll(long first, int count)
      throws InterruptedException, ExecutionException {
    int threads = Runtime.getRuntime().availableProcessors();
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    long begun = System.nanoTime();
    try {
      List<Future<SimulationReport>> running = new ArrayList<>();
      for (long seed = first; seed < first + count; seed++) {
        long next = seed;
        running.add(pool.submit(() -> Simulation.of(next)));
      }
      List<SimulationReport> reports = new ArrayList<>();
      long work = 0;
      for (Future<SimulationReport> future : running) {
        SimulationReport report = future.get();
        System.out.println(count == 1 ? report.details() : report.line());
        work += report.work();
        reports.add(report);
      }
      double seconds = (System.nanoTime() - begun) / 1e9;
      System.out.printf(
          "%d seeds: %d messages, timers and syncs in %.1f s on %d threads: %.0f/s a thread%n",
          count, work, seconds, threads, work / seconds / Math.min(threads, count));
      return reports;
    } finally {
      pool.shutdownNow();
    }
  }
}
