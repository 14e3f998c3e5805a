package io.arrowraft.cli.quickstart;

import io.arrowraft.server.coprocessor.CoprocessorCounters;

/** Whether what had to run in the stores ran there, by the stores' own count. */
final class StoreEvidence {
  /** Return flags by line states that occur in the data. */
  private static final int Q1_GROUPS = 4;

  private StoreEvidence() {}

  /**
   * @param counted by all stores during the query
   */
  static boolean satisfies(
      TpchQueries.Query query, QueryRun run, CoprocessorCounters.Values counted) {
    if (query.aggregatedInStores()) {
      int groups = query.name().equals("Q1") ? Q1_GROUPS : 1;
      return counted.aggregationPlans() >= 1
          && counted.aggregationPlans() == counted.requests()
          && counted.selectionPlans() == counted.requests()
          && counted.rowsReturned() <= groups * run.regions();
    }
    return counted.selectionPlans() >= 1 && counted.rowsReturned() < counted.rowsScanned();
  }
}
