package io.arrowraft.server.ingest;

import io.arrowraft.proto.metapb.RegionEpoch;
import io.arrowraft.proto.store.StagedFile;
import io.arrowraft.runtime.TimeSource;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcStatus;
import io.arrowraft.server.region.RegionStore;
import io.arrowraft.server.region.RegionView;
import io.arrowraft.server.state.RegionRecords;
import io.arrowraft.storage.engine.Engine;
import io.arrowraft.storage.engine.WriteBatch;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ConcurrentSkipListSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files that wait on this store to be ingested. Safe for use by any thread; touches the disk.
 */
public final class StagedFiles {
  private static final Logger LOG = LoggerFactory.getLogger(StagedFiles.class);

  private final Engine engine;
  private final IngestConfig config;
  private final TimeSource time;

  /** When files expire, by name; a file that is not here has its whole time before it. */
  private final ConcurrentSkipListMap<String, Long> expiries = new ConcurrentSkipListMap<>();

  /** Names of files whose streams are open. */
  private final ConcurrentSkipListSet<String> underWay = new ConcurrentSkipListSet<>();

  public StagedFiles(Engine engine, IngestConfig config, TimeSource time) {
    this.engine = engine;
    this.config = config;
    this.time = time;
  }

  /** Removes what a crash has left: files without records, and records without files. */
  public void open() {
    TreeSet<String> recorded = new TreeSet<>();
    WriteBatch lost = new WriteBatch();
    for (StagedFile file : RegionRecords.stagedFiles(engine)) {
      if (engine.sortedFiles().contains(file.getName())) {
        recorded.add(file.getName());
      } else {
        RegionRecords.deleteStagedFile(lost, file.getName());
      }
    }
    if (!lost.isEmpty()) {
      engine.write(lost, false);
    }
    for (String name : engine.sortedFiles().names()) {
      if (!recorded.contains(name)) {
        engine.sortedFiles().delete(name);
      }
    }
  }

  /**
   * Reserves names for a stream's files until {@link #end}. A name that is recorded may be in an
   * entry of the log by now, which names its content, so nothing takes its place.
   *
   * @throws RpcException ALREADY_EXISTS if one of the names is recorded or reserved
   */
  void begin(List<String> names) {
    for (int i = 0; i < names.size(); i++) {
      boolean free = underWay.add(names.get(i));
      if (!free || RegionRecords.stagedFile(engine, names.get(i)).isPresent()) {
        end(names.subList(0, free ? i + 1 : i));
        throw new RpcException(
            RpcStatus.ALREADY_EXISTS,
            "file " + names.get(i) + " is staged already: each stream needs a uuid of its own");
      }
    }
  }

  void end(List<String> names) {
    names.forEach(underWay::remove);
  }

  long byteSize() {
    return engine.sortedFiles().byteSize();
  }

  /** Records files that are durable; durable itself on return. */
  void add(List<StagedFile> files) {
    WriteBatch batch = new WriteBatch();
    for (StagedFile file : files) {
      RegionRecords.putStagedFile(batch, file);
      renew(file.getName());
    }
    engine.write(batch, true);
  }

  Optional<StagedFile> find(String name) {
    return RegionRecords.stagedFile(engine, name)
        .filter(file -> engine.sortedFiles().contains(name));
  }

  /**
   * Keeps files for another time to live.
   *
   * @return names of those that are not here, or not the same
   */
  public List<String> hold(List<StagedFile> files) {
    List<String> missing = new ArrayList<>();
    for (StagedFile file : files) {
      renew(file.getName());
      if (find(file.getName()).filter(file::equals).isEmpty()) {
        missing.add(file.getName());
      }
    }
    return missing;
  }

  /** Removes files that have expired or can never be ingested. */
  void sweep(RegionStore regions) {
    TreeSet<String> present = new TreeSet<>();
    for (StagedFile file : RegionRecords.stagedFiles(engine)) {
      present.add(file.getName());
      boolean expired = time.nanos() - expiryOf(file.getName()) >= 0;
      boolean stale =
          regions
              .region(file.getRegionId())
              .map(RegionView::region)
              .filter(region -> isPast(region.getRegionEpoch(), file.getEpoch()))
              .isPresent();
      if (expired || stale) {
        LOG.info(
            "staged file dropped: file={}, region={}, reason={}",
            file.getName(),
            file.getRegionId(),
            expired ? "expired" : "epoch moved");
        remove(file.getName());
      }
    }
    expiries.keySet().removeIf(name -> !present.contains(name));
  }

  private static boolean isPast(RegionEpoch now, RegionEpoch then) {
    return now.getVersion() > then.getVersion() || now.getConfVer() > then.getConfVer();
  }

  private void remove(String name) {
    WriteBatch batch = new WriteBatch();
    RegionRecords.deleteStagedFile(batch, name);
    engine.write(batch, false);
    engine.sortedFiles().delete(name);
  }

  private long expiryOf(String name) {
    return expiries.computeIfAbsent(name, fresh -> fullLife());
  }

  private void renew(String name) {
    expiries.put(name, fullLife());
  }

  private long fullLife() {
    return time.nanos() + config.timeToLive().toNanos();
  }
}
