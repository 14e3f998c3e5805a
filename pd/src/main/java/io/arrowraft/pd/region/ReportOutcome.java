package io.arrowraft.pd.region;

import java.util.List;

/** What a report did to the tree. */
public sealed interface ReportOutcome {

  /**
   * The tree now says what the report said.
   *
   * @param shapeChanged whether range or peers differ from before, so that the record on disk is
   *     out of date
   * @param removed regions that had to give way
   */
  record Accepted(boolean shapeChanged, List<Long> removed) implements ReportOutcome {
    public Accepted {
      removed = List.copyOf(removed);
    }
  }

  /** The report is older than the tree; nothing changed. */
  record Stale(String reason) implements ReportOutcome {}
}
