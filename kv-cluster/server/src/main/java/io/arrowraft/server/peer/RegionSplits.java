package io.arrowraft.server.peer;

import com.google.protobuf.ByteString;
import io.arrowraft.pd.client.SplitIds;
import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.store.NewRegion;
import io.arrowraft.proto.store.SplitCommand;
import io.arrowraft.runtime.Async;
import io.arrowraft.runtime.Deadline;
import io.arrowraft.server.apply.CommandCodec;
import io.arrowraft.server.apply.EntryOutcome;
import io.arrowraft.server.apply.PeerChanges;
import io.arrowraft.server.region.RegionErrorException;
import io.arrowraft.server.region.RegionErrors;
import io.arrowraft.server.region.RegionRequest;
import io.arrowraft.server.split.RegionScan;
import io.arrowraft.server.state.KeyRanges;
import io.arrowraft.storage.engine.CorruptDataException;
import io.arrowraft.storage.engine.EngineException;
import io.arrowraft.storage.engine.EngineSnapshot;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Splits of regions led here: asked for by a client or the placement driver, or found due by size.
 */
final class RegionSplits {
  private static final Logger LOG = LoggerFactory.getLogger(RegionSplits.class);
  private static final Duration OWN_SPLIT_TIMEOUT = Duration.ofSeconds(20);

  private final PeerContext context;

  RegionSplits(PeerContext context) {
    this.context = context;
  }

  /** Splits a region at the given keys; completes with the regions that cover its range then. */
  CompletableFuture<List<Region>> split(
      RegionPeer peer, RegionRequest request, List<byte[]> splitKeys) {
    return peer.requests()
        .<List<Region>>admit(
            result -> {
              peer.requests().requireLeader();
              RequestChecks.address(request, context.storeId(), peer.peerId());
              Region region = peer.region();
              RequestChecks.version(request, region, context.directory());
              peer.requests().requireNotMerging();
              List<byte[]> keys = usableKeys(region, splitKeys);
              if (keys.isEmpty()) {
                result.complete(
                    List.of(
                        RegionDirectory.leaderFirst(region, java.util.Optional.of(peer.self()))));
                return;
              }
              askIdsAndPropose(peer, request, region, keys, result);
            });
  }

  private static List<byte[]> usableKeys(Region region, List<byte[]> splitKeys) {
    TreeSet<byte[]> keys = new TreeSet<>(Arrays::compareUnsigned);
    for (byte[] key : splitKeys) {
      byte[] row = KeyRanges.rowBoundary(key);
      if (KeyRanges.containsInside(region, row)) {
        keys.add(row);
      }
    }
    return new ArrayList<>(keys);
  }

  private void askIdsAndPropose(
      RegionPeer peer,
      RegionRequest request,
      Region region,
      List<byte[]> keys,
      CompletableFuture<List<Region>> result) {
    Async.on(peer.loop(), context.pd().askBatchSplit(region, keys.size()))
        .whenComplete(
            (ids, failure) -> {
              if (failure != null) {
                result.completeExceptionally(
                    RegionErrors.serverIsBusy(
                        "no ids for the split: " + Async.cause(failure).getMessage()));
                return;
              }
              try {
                propose(peer, request, region, keys, ids, result);
              } catch (RegionErrorException refusal) {
                result.completeExceptionally(refusal);
              }
            });
  }

  private void propose(
      RegionPeer peer,
      RegionRequest request,
      Region region,
      List<byte[]> keys,
      List<SplitIds> ids,
      CompletableFuture<List<Region>> result) {
    if (peer.isClosed()) {
      throw RegionErrors.regionNotFound(peer.regionId());
    }
    peer.requests().requireLeader();
    peer.requests().requireNotMerging();
    // The ids are for the peers of then.
    RequestChecks.epoch(region.getRegionEpoch(), peer.region(), context.directory());
    if (PeerChanges.isJoint(region)) {
      throw RegionErrors.serverIsBusy("the region's peers are changing");
    }
    if (ids.size() != keys.size()) {
      throw RegionErrors.serverIsBusy("the placement driver gave too few ids for the split");
    }
    SplitCommand.Builder command = SplitCommand.newBuilder();
    for (int i = 0; i < keys.size(); i++) {
      command.addParts(
          NewRegion.newBuilder()
              .setSplitKey(ByteString.copyFrom(keys.get(i)))
              .setRegionId(ids.get(i).regionId())
              .addAllPeerIds(ids.get(i).peerIds()));
    }
    CompletableFuture<EntryOutcome> applied = new CompletableFuture<>();
    peer.onSplitProposed(
        peer.requests()
            .propose(
                request, CommandCodec.split(region.getRegionEpoch(), command.build()), 0, applied));
    applied.whenComplete(
        (outcome, failure) -> {
          if (failure != null) {
            result.completeExceptionally(failure);
          } else {
            context.pd().reportBatchSplit(outcome.parts()).exceptionally(this::notReported);
            result.complete(outcome.parts());
          }
        });
  }

  private Void notReported(Throwable failure) {
    // Only routing is slower for it: the heartbeats of the new regions tell the same.
    LOG.atInfo().addKeyValue("reason", Async.cause(failure).getMessage()).log("split not reported");
    return null;
  }

  /**
   * Scans the region if enough has been written to it, corrects its counts and splits it if it has
   * grown too large. On the region's loop.
   *
   * @param force scan whatever was written
   */
  void checkSize(RegionPeer peer, boolean force) {
    if (!peer.isServing() || !peer.isLeader()) {
      return;
    }
    if (!isScanDue(peer) && !force) {
      return;
    }
    peer.traffic().onScan();
    Region region = peer.region();
    try {
      context.workers().execute(() -> scan(peer, region));
    } catch (RejectedExecutionException full) {
      LOG.debug("size check put off: region={}", region.getId());
    }
  }

  private boolean isScanDue(RegionPeer peer) {
    long bytes = context.config().splitBytes();
    long keys = context.config().splitKeys();
    Traffic traffic = peer.traffic();
    return (traffic.bytesSinceScan() >= Math.max(1, bytes / 4) && peer.counts().bytes() >= bytes)
        || (traffic.keysSinceScan() >= Math.max(1, keys / 4) && peer.counts().keys() >= keys);
  }

  private void scan(RegionPeer peer, Region region) {
    RegionScan.Result found;
    try (EngineSnapshot data = context.engine().snapshot()) {
      found =
          RegionScan.run(data, region, context.config().splitBytes(), context.config().splitKeys());
    } catch (CorruptDataException unreadable) {
      context.damaged().report(peer, "a scan failed: " + unreadable.getMessage());
      return;
    } catch (EngineException closing) {
      if (closing.kind() != EngineException.Kind.CLOSED) {
        throw closing;
      }
      LOG.debug("size check ended: region={}, reason={}", region.getId(), closing.getMessage());
      return;
    }
    peer.loop()
        .execute(
            () -> {
              if (peer.isClosed()
                  || !region.getRegionEpoch().equals(peer.region().getRegionEpoch())) {
                return;
              }
              peer.correctCounts(found.counts());
              if (!found.splitKeys().isEmpty() && peer.isLeader()) {
                splitOwn(peer, found.splitKeys());
              }
            });
  }

  /** A split that nobody waits for. */
  void splitOwn(RegionPeer peer, List<byte[]> keys) {
    Region region = peer.region();
    RegionRequest request =
        new RegionRequest(
            region.getId(),
            region.getRegionEpoch(),
            Peer.getDefaultInstance(),
            0,
            false,
            false,
            Deadline.after(OWN_SPLIT_TIMEOUT, context.environment().time()));
    split(peer, request, keys)
        .whenComplete(
            (parts, failure) -> {
              if (failure == null) {
                LOG.atInfo()
                    .addKeyValue("region", region.getId())
                    .addKeyValue("parts", parts.size())
                    .log("region split");
              } else {
                LOG.atInfo()
                    .addKeyValue("region", region.getId())
                    .addKeyValue("reason", Async.cause(failure).getMessage())
                    .log("region not split");
              }
            });
  }
}
