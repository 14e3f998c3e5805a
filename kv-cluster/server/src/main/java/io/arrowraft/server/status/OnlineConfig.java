package io.arrowraft.server.status;

import io.arrowraft.server.flow.FlowController;
import io.arrowraft.server.flow.FlowLimits;
import io.arrowraft.server.peer.RegionConfig;
import io.arrowraft.server.peer.SnapshotBudget;
import io.arrowraft.server.peer.SnapshotLimits;
import io.arrowraft.server.peer.StoreRegions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The settings of a running store that may be changed, under TiKV's names where it has them. A
 * change lasts until the store restarts. Safe for use by any thread.
 */
public final class OnlineConfig {
  private static final Logger LOG = LoggerFactory.getLogger(OnlineConfig.class);
  private static final List<String> LEVELS = List.of("trace", "debug", "info", "warn", "error");

  private final FlowController flow;
  private final SnapshotBudget snapshots;
  private final StoreRegions regions;
  private final Consumer<String> logLevels;
  private final List<Setting> settings = new ArrayList<>();
  private String logLevel = "info";

  /** All values, while some are changed and before they are checked together. */
  private static final class Draft {
    private long filesSoft;
    private long filesHard;
    private long buffersSoft;
    private long buffersHard;
    private long pendingSoft;
    private long pendingHard;
    private Duration queueDelay;
    private long sentMax;
    private long receivedMax;
    private long snapshotBytes;
    private long splitBytes;
    private long splitKeys;
    private String level;
  }

  private record Setting(
      String name, Function<Draft, String> shown, BiConsumer<Draft, String> change) {}

  /**
   * @param logLevels takes the new level of the process's log, one of those of {@code log.level}
   */
  public OnlineConfig(FlowController flow, StoreRegions regions, Consumer<String> logLevels) {
    this.flow = flow;
    this.snapshots = regions.snapshots();
    this.regions = regions;
    this.logLevels = logLevels;
    addFlow();
    addSnapshots();
    settings.add(
        new Setting(
            "coprocessor.region-split-size",
            draft -> draft.splitBytes + "B",
            (draft, text) -> draft.splitBytes = Quantities.bytes(text)));
    settings.add(
        new Setting(
            "coprocessor.region-split-keys",
            draft -> Long.toString(draft.splitKeys),
            (draft, text) -> draft.splitKeys = Quantities.count(text)));
    settings.add(
        new Setting(
            "log.level",
            draft -> draft.level,
            (draft, text) -> {
              if (!LEVELS.contains(text)) {
                throw new IllegalArgumentException("use one of " + String.join(", ", LEVELS));
              }
              draft.level = text;
            }));
  }

  private void addFlow() {
    String group = "storage.flow-control.";
    settings.add(
        new Setting(
            group + "l0-files-threshold",
            draft -> Long.toString(draft.filesSoft),
            (draft, text) -> draft.filesSoft = Quantities.count(text)));
    settings.add(
        new Setting(
            group + "l0-files-limit",
            draft -> Long.toString(draft.filesHard),
            (draft, text) -> draft.filesHard = Quantities.count(text)));
    settings.add(
        new Setting(
            group + "memtables-threshold",
            draft -> Long.toString(draft.buffersSoft),
            (draft, text) -> draft.buffersSoft = Quantities.count(text)));
    settings.add(
        new Setting(
            group + "memtables-limit",
            draft -> Long.toString(draft.buffersHard),
            (draft, text) -> draft.buffersHard = Quantities.count(text)));
    settings.add(
        new Setting(
            group + "soft-pending-compaction-bytes-limit",
            draft -> draft.pendingSoft + "B",
            (draft, text) -> draft.pendingSoft = Quantities.bytes(text)));
    settings.add(
        new Setting(
            group + "hard-pending-compaction-bytes-limit",
            draft -> draft.pendingHard + "B",
            (draft, text) -> draft.pendingHard = Quantities.bytes(text)));
    settings.add(
        new Setting(
            group + "queue-delay",
            draft -> draft.queueDelay.toMillis() + "ms",
            (draft, text) -> draft.queueDelay = Quantities.duration(text)));
  }

  private void addSnapshots() {
    settings.add(
        new Setting(
            "server.snap-io-max-bytes-per-sec",
            draft -> draft.snapshotBytes + "B",
            (draft, text) -> draft.snapshotBytes = Quantities.bytes(text)));
    settings.add(
        new Setting(
            "server.concurrent-send-snap-limit",
            draft -> Long.toString(draft.sentMax),
            (draft, text) -> draft.sentMax = Quantities.count(text)));
    settings.add(
        new Setting(
            "server.concurrent-recv-snap-limit",
            draft -> Long.toString(draft.receivedMax),
            (draft, text) -> draft.receivedMax = Quantities.count(text)));
  }

  /** What holds now, by name. */
  public synchronized Map<String, String> values() {
    Draft now = draft();
    Map<String, String> values = new LinkedHashMap<>();
    settings.forEach(setting -> values.put(setting.name(), setting.shown().apply(now)));
    return values;
  }

  /**
   * Changes all of these settings, or none.
   *
   * @throws IllegalArgumentException naming the setting, the value and what would be right
   */
  public synchronized void change(Map<String, String> changes) {
    Draft draft = draft();
    changes.forEach((name, value) -> find(name, value).change().accept(draft, value));
    try {
      use(draft);
    } catch (IllegalArgumentException together) {
      throw new IllegalArgumentException(
          "these settings do not go together: " + changes + ": " + together.getMessage(), together);
    }
    LOG.atInfo().addKeyValue("changes", changes).log("settings changed");
  }

  /** The setting, whose refusals name it and the value. */
  private Setting find(String name, String value) {
    for (Setting setting : settings) {
      if (setting.name().equals(name)) {
        return new Setting(
            name,
            setting.shown(),
            (draft, text) -> {
              try {
                setting.change().accept(draft, text);
              } catch (IllegalArgumentException refused) {
                throw new IllegalArgumentException(
                    "'" + value + "' is no value for " + name + ": " + refused.getMessage(),
                    refused);
              }
            });
      }
    }
    throw new IllegalArgumentException(
        "'"
            + name
            + "' (here '"
            + value
            + "') is no setting that can be changed while the store runs; those are "
            + String.join(", ", settings.stream().map(Setting::name).toList()));
  }

  private Draft draft() {
    FlowLimits limits = flow.limits();
    SnapshotLimits snapshot = snapshots.limits();
    RegionConfig region = regions.config();
    Draft draft = new Draft();
    draft.filesSoft = limits.level0Files().soft();
    draft.filesHard = limits.level0Files().hard();
    draft.buffersSoft = limits.fullBuffers().soft();
    draft.buffersHard = limits.fullBuffers().hard();
    draft.pendingSoft = limits.pendingCompactionBytes().soft();
    draft.pendingHard = limits.pendingCompactionBytes().hard();
    draft.queueDelay = limits.queueDelayMax();
    draft.sentMax = snapshot.sentMax();
    draft.receivedMax = snapshot.receivedMax();
    draft.snapshotBytes = snapshot.bytesPerSecond();
    draft.splitBytes = region.splitBytes();
    draft.splitKeys = region.splitKeys();
    draft.level = logLevel;
    return draft;
  }

  /** Checks all before it changes anything. */
  private void use(Draft draft) {
    FlowLimits limits =
        flow.limits()
            .withLevel0Files(new FlowLimits.Bounds(draft.filesSoft, draft.filesHard))
            .withFullBuffers(new FlowLimits.Bounds(draft.buffersSoft, draft.buffersHard))
            .withPendingCompactionBytes(new FlowLimits.Bounds(draft.pendingSoft, draft.pendingHard))
            .withQueue(draft.queueDelay, flow.limits().queuedWritesMin());
    SnapshotLimits snapshot =
        new SnapshotLimits(
            Math.toIntExact(draft.sentMax),
            Math.toIntExact(draft.receivedMax),
            draft.snapshotBytes,
            snapshots.limits().chunkBytes());
    RegionConfig region =
        regions
            .config()
            .withSplits(draft.splitBytes, draft.splitKeys, regions.config().loadSplit());
    flow.use(limits);
    snapshots.use(snapshot);
    regions.use(region);
    if (!draft.level.equals(logLevel)) {
      logLevel = draft.level;
      logLevels.accept(logLevel);
    }
  }
}
