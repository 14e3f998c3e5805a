package io.arrowraft.server.apply;

import io.arrowraft.proto.store.CommitMergeCommand;
import java.util.List;

/** What must happen elsewhere on this store before an entry can be applied. */
public sealed interface Awaited {
  /**
   * The replica here of the region that a merge takes in has to apply its log to the end, and stop.
   */
  record Source(CommitMergeCommand merge) implements Awaited {}

  /**
   * Nobody else may make, change or remove replicas of the regions that a split creates, or their
   * records would be written by two loops at once.
   */
  record Children(List<Long> regionIds) implements Awaited {
    public Children {
      regionIds = List.copyOf(regionIds);
    }
  }

  /**
   * This replica lacks what the entry needs, and never gets it: nothing more is applied here, and
   * the replica is to be replaced by one that gets its data from another.
   */
  record Replacement(String reason) implements Awaited {}
}
