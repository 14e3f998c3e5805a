package io.arrowraft.pd.region;

import io.arrowraft.pd.state.PdCommand;
import io.arrowraft.pd.state.StateLog;
import io.arrowraft.proto.metapb.Region;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes changed shapes to the replicated state, one command at a time: what changes meanwhile is
 * gathered into the next. At most one entry per region waits.
 */
public final class RegionRecorder {
  private static final Logger LOG = LoggerFactory.getLogger(RegionRecorder.class);
  private static final int BATCH_MAX = 256;

  private final StateLog log;
  private final Map<Long, Region> changed = new LinkedHashMap<>();
  private final Set<Long> removed = new LinkedHashSet<>();
  private boolean writing;

  public RegionRecorder(StateLog log) {
    this.log = log;
  }

  /** Takes note of what a report did to the tree. */
  public void record(Region region, ReportOutcome.Accepted outcome) {
    for (long id : outcome.removed()) {
      changed.remove(id);
      removed.add(id);
    }
    if (outcome.shapeChanged()) {
      removed.remove(region.getId());
      changed.put(region.getId(), region);
    }
    write();
  }

  /**
   * Forgets what has not been written: a leadership has ended, and the next leader hears it anew.
   */
  public void reset() {
    changed.clear();
    removed.clear();
  }

  private void write() {
    if (writing || (changed.isEmpty() && removed.isEmpty())) {
      return;
    }
    List<Region> regions = changed.values().stream().limit(BATCH_MAX).toList();
    List<Long> gone = new ArrayList<>(removed);
    regions.forEach(region -> changed.remove(region.getId()));
    removed.clear();
    writing = true;
    log.propose(new PdCommand.PutRegions(regions, gone))
        .whenComplete(
            (result, failure) -> {
              writing = false;
              if (failure != null) {
                LOG.atInfo()
                    .addKeyValue("regions", regions.size())
                    .setCause(failure)
                    .log("region records were not written");
              } else {
                write();
              }
            });
  }
}
