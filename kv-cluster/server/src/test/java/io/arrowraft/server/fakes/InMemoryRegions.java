package io.arrowraft.server.fakes;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.ByteString;
import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.metapb.RegionEpoch;
import io.arrowraft.proto.store.StagedFile;
import io.arrowraft.server.region.CollectStep;
import io.arrowraft.server.region.ReadGuard;
import io.arrowraft.server.region.RegionErrors;
import io.arrowraft.server.region.RegionHash;
import io.arrowraft.server.region.RegionLoad;
import io.arrowraft.server.region.RegionObservers;
import io.arrowraft.server.region.RegionRequest;
import io.arrowraft.server.region.RegionSnapshot;
import io.arrowraft.server.region.RegionStore;
import io.arrowraft.server.region.RegionView;
import io.arrowraft.server.state.HeldSafePoint;
import io.arrowraft.server.state.Mutations;
import io.arrowraft.storage.engine.SortedFiles;
import io.arrowraft.storage.engine.WriteBatch;
import io.arrowraft.storage.memory.MemoryEngine;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Regions of one replica over a memory engine; writes can be held back. */
public final class InMemoryRegions implements RegionStore {
  private final RegionLoad load = new RegionLoad();
  private final List<Long> damaged = new java.util.concurrent.CopyOnWriteArrayList<>();
  private final MemoryEngine engine = new MemoryEngine();
  private final TreeMap<Long, Region> regions = new TreeMap<>();
  private final RegionObservers observers = new RegionObservers();
  private final Deque<Runnable> heldWrites = new ArrayDeque<>();
  private final HeldSafePoint safePoint = HeldSafePoint.of(engine);
  private final List<CollectStep> collected = new java.util.concurrent.CopyOnWriteArrayList<>();
  private long term = 1;
  private long applied = 1;
  private boolean leading = true;
  private boolean holdWrites;
  private int openSnapshots;

  public InMemoryRegions() {
    addRegion(1, "", "");
  }

  public synchronized void addRegion(long id, String start, String end) {
    addRegion(id, start.getBytes(UTF_8), end.getBytes(UTF_8));
  }

  public synchronized void addRegion(long id, byte[] start, byte[] end) {
    regions.put(
        id,
        Region.newBuilder()
            .setId(id)
            .setStartKey(ByteString.copyFrom(start))
            .setEndKey(ByteString.copyFrom(end))
            .setRegionEpoch(RegionEpoch.newBuilder().setConfVer(1).setVersion(1))
            .addPeers(peer())
            .build());
  }

  public static Peer peer() {
    return Peer.newBuilder().setId(11).setStoreId(1).build();
  }

  /** From now on writes wait for {@link #applyHeld}. */
  public synchronized void holdWrites() {
    holdWrites = true;
  }

  public void applyHeld() {
    List<Runnable> writes;
    synchronized (this) {
      holdWrites = false;
      writes = new ArrayList<>(heldWrites);
      heldWrites.clear();
    }
    writes.forEach(Runnable::run);
  }

  public synchronized int heldWrites() {
    return heldWrites.size();
  }

  public synchronized void loseLeadership() {
    leading = false;
  }

  public synchronized void regainLeadership() {
    leading = true;
    term++;
  }

  public synchronized int openSnapshots() {
    return openSnapshots;
  }

  public MemoryEngine engine() {
    return engine;
  }

  @Override
  public long storeId() {
    return 1;
  }

  @Override
  public synchronized CompletionStage<RegionSnapshot> snapshot(RegionRequest request) {
    try {
      Region region = check(request);
      long index = applied;
      openSnapshots++;
      return CompletableFuture.completedFuture(
          new RegionSnapshot(
              region,
              term,
              () -> index,
              new CountedSnapshot(engine.snapshot(), this::closed),
              load,
              safePoint.timestamp()));
    } catch (RuntimeException refused) {
      return CompletableFuture.failedFuture(refused);
    }
  }

  @Override
  public CompletionStage<RegionSnapshot> snapshot(RegionRequest request, byte[] question) {
    return snapshot(request);
  }

  @Override
  public void damaged(long regionId, String reason) {
    damaged.add(regionId);
  }

  /** The regions that were reported as not readable, in order. */
  public List<Long> damaged() {
    return damaged;
  }

  @Override
  public void guardReads(ReadGuard guard) {}

  private synchronized void closed() {
    openSnapshots--;
  }

  private Region check(RegionRequest request) {
    Region region = regions.get(request.regionId());
    if (region == null) {
      throw RegionErrors.regionNotFound(request.regionId());
    }
    if (!leading && !request.replicaRead()) {
      throw RegionErrors.notLeader(request.regionId(), Optional.empty());
    }
    if (request.epoch().getVersion() != region.getRegionEpoch().getVersion()) {
      throw RegionErrors.epochNotMatch(request.regionId(), List.of(region));
    }
    return region;
  }

  @Override
  public CompletionStage<Void> write(
      RegionRequest request, long inTerm, List<WriteBatch.Operation> mutations) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    Runnable apply = () -> apply(request, inTerm, mutations, done);
    synchronized (this) {
      if (holdWrites) {
        heldWrites.add(apply);
        return done;
      }
    }
    apply.run();
    return done;
  }

  private void apply(
      RegionRequest request,
      long inTerm,
      List<WriteBatch.Operation> mutations,
      CompletableFuture<Void> done) {
    try {
      synchronized (this) {
        check(request);
        if (inTerm != 0 && inTerm != term) {
          throw RegionErrors.staleCommand("the term has moved");
        }
        engine.write(batch(mutations), false);
        applied++;
      }
      done.complete(null);
    } catch (RuntimeException refused) {
      done.completeExceptionally(refused);
    }
  }

  private static WriteBatch batch(List<WriteBatch.Operation> mutations) {
    WriteBatch batch = new WriteBatch();
    for (WriteBatch.Operation mutation : mutations) {
      if (mutation instanceof WriteBatch.Put put) {
        batch.put(put.family(), put.key(), put.value());
      } else if (mutation instanceof WriteBatch.Delete delete) {
        batch.delete(delete.family(), delete.key());
      } else if (mutation instanceof WriteBatch.DeleteRange range) {
        batch.deleteRange(range.family(), range.start(), range.end());
      }
    }
    return batch;
  }

  @Override
  public CompletionStage<Void> collect(RegionRequest request, long inTerm, CollectStep step) {
    safePoint.raise(step.safePoint());
    collected.add(step);
    return write(request, inTerm, step.removals());
  }

  /** The steps of garbage collection that were proposed, in order. */
  public List<CollectStep> collected() {
    return collected;
  }

  @Override
  public void raiseSafePoint(long timestamp) {
    safePoint.raise(timestamp, engine);
  }

  @Override
  public long safePoint() {
    return safePoint.timestamp();
  }

  @Override
  public synchronized CompletionStage<Void> ingest(RegionRequest request, List<StagedFile> files) {
    try {
      check(request);
      engine.ingest(
          files.stream()
              .map(
                  file ->
                      new SortedFiles.Name(file.getName(), Mutations.familyOf(file.getFamily())))
              .toList());
      applied++;
      return CompletableFuture.completedFuture(null);
    } catch (RuntimeException refused) {
      return CompletableFuture.failedFuture(refused);
    }
  }

  @Override
  public synchronized CompletionStage<Long> readIndex(RegionRequest request) {
    try {
      check(request);
      return CompletableFuture.completedFuture(applied);
    } catch (RuntimeException refused) {
      return CompletableFuture.failedFuture(refused);
    }
  }

  @Override
  public synchronized CompletionStage<List<Region>> split(
      RegionRequest request, List<byte[]> splitKeys) {
    try {
      Region whole = check(request);
      List<byte[]> keys = new ArrayList<>(splitKeys);
      keys.sort(Arrays::compareUnsigned);
      RegionEpoch epoch = whole.getRegionEpoch().toBuilder().setVersion(1L + keys.size()).build();
      List<Region> parts = new ArrayList<>();
      ByteString start = whole.getStartKey();
      for (int i = 0; i <= keys.size(); i++) {
        ByteString end = i < keys.size() ? ByteString.copyFrom(keys.get(i)) : whole.getEndKey();
        long id = i == keys.size() ? whole.getId() : 100 + i;
        Region part =
            whole.toBuilder()
                .setId(id)
                .setStartKey(start)
                .setEndKey(end)
                .setRegionEpoch(epoch)
                .build();
        regions.put(id, part);
        parts.add(part);
        start = end;
      }
      return CompletableFuture.completedFuture(parts);
    } catch (RuntimeException refused) {
      return CompletableFuture.failedFuture(refused);
    }
  }

  @Override
  public CompletionStage<RegionHash> regionHash(long regionId) {
    return CompletableFuture.failedFuture(new UnsupportedOperationException("not needed here"));
  }

  @Override
  public synchronized Optional<RegionView> region(long regionId) {
    return Optional.ofNullable(regions.get(regionId))
        .map(
            region ->
                new RegionView(
                    region,
                    peer(),
                    leading ? Optional.of(peer()) : Optional.empty(),
                    term,
                    applied,
                    0,
                    0));
  }

  @Override
  public synchronized List<RegionView> regions() {
    return regions.keySet().stream().map(id -> region(id).orElseThrow()).toList();
  }

  @Override
  public RegionLoad load(long regionId) {
    return load;
  }

  @Override
  public RegionObservers observers() {
    return observers;
  }
}
