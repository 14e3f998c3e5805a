package io.arrowraft.server.peer;

import com.google.protobuf.ByteString;
import io.arrowraft.pd.client.RegionInfo;
import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.metapb.RegionEpoch;
import io.arrowraft.proto.store.MergeState;
import io.arrowraft.proto.store.RegionPhase;
import io.arrowraft.proto.store.RegionState;
import io.arrowraft.runtime.Async;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.runtime.EventLoop;
import io.arrowraft.server.apply.PeerChanges;
import io.arrowraft.server.merge.MergeOutlook;
import io.arrowraft.server.state.MergedRegions;
import io.arrowraft.server.state.RegionRecords;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Replicas that may have been removed, or whose region may have become part of another, without
 * hearing of it. They destroy themselves only on the placement driver's word (correctness rule 24),
 * and not while another replica here may still need their data. That the placement driver knows the
 * region no longer, and that a newer one has its range, does not prove that it is over: a region
 * that splits is forgotten for a moment when its child reports first. So a store that knows of the
 * merge has to be found.
 */
final class StaleReplicas {
  private static final Logger LOG = LoggerFactory.getLogger(StaleReplicas.class);

  private final PeerContext context;
  private final EventLoop controlLoop;
  private final RangeMap ranges;
  private volatile OtherReplicas others = OtherReplicas.nobody();

  StaleReplicas(PeerContext context, EventLoop controlLoop, RangeMap ranges) {
    this.context = context;
    this.controlLoop = controlLoop;
    this.ranges = ranges;
  }

  void use(OtherReplicas replicas) {
    others = replicas;
  }

  /** Asks whether a replica still belongs to its region, and destroys it if not. Any thread. */
  void check(RegionPeer peer) {
    Async.on(peer.loop(), context.pd().regionById(peer.regionId()))
        .whenComplete(
            (found, failure) -> {
              if (failure != null) {
                notKnown(peer, failure);
              } else if (peer.isClosed()) {
                LOG.debug("replica has closed meanwhile: region={}", peer.regionId());
              } else if (found.isPresent()) {
                judge(peer, found.get().meta());
              } else if (peer.region() != null) {
                checkRange(peer);
              }
            });
  }

  private static void notKnown(RegionPeer peer, Throwable failure) {
    LOG.debug(
        "membership not known: region={}, reason={}",
        peer.regionId(),
        Async.cause(failure).getMessage());
  }

  private void judge(RegionPeer peer, Region current) {
    RegionEpoch epoch =
        peer.region() == null ? RegionEpoch.getDefaultInstance() : peer.region().getRegionEpoch();
    boolean newer = current.getRegionEpoch().getConfVer() > epoch.getConfVer();
    if (newer && PeerChanges.byId(current, peer.peerId()).isEmpty()) {
      LOG.atInfo()
          .addKeyValue("region", peer.regionId())
          .addKeyValue("peer", peer.peerId())
          .addKeyValue("confVersion", current.getRegionEpoch().getConfVer())
          .log("replica no longer belongs to its region");
      peer.end()
          .destroy(lastKnown(peer).toBuilder().setRegionEpoch(current.getRegionEpoch()).build());
    }
  }

  /** The region is not known any more: it may have become part of the one that has its range. */
  private void checkRange(RegionPeer peer) {
    ByteString start = peer.region().getStartKey();
    Async.on(controlLoop, context.pd().region(Bytes.wrap(start.toByteArray())))
        .whenComplete(
            (found, failure) -> {
              if (failure != null) {
                notKnown(peer, failure);
              } else {
                found
                    .map(RegionInfo::meta)
                    .ifPresent(
                        owner -> {
                          boolean older = ranges.hasOlderNeighbour(rangeOf(peer), versionOf(owner));
                          peer.loop().execute(() -> judgeMerged(peer, owner, older));
                        });
              }
            });
  }

  private static Region rangeOf(RegionPeer peer) {
    return peer.view().map(view -> view.region()).orElseGet(Region::getDefaultInstance);
  }

  private static long versionOf(Region region) {
    return region.getRegionEpoch().getVersion();
  }

  /**
   * @param olderNeighbour a replica here may be the target, not yet at the entry that takes this
   *     one in: it needs this one's data
   */
  private void judgeMerged(RegionPeer peer, Region owner, boolean olderNeighbour) {
    if (peer.isClosed()
        || owner.getId() == peer.regionId()
        || versionOf(owner) <= versionOf(peer.region())) {
      return;
    }
    if (isKnownToHaveMerged(peer.regionId())) {
      end(peer, owner);
    } else if (isNeededByNobody(peer, olderNeighbour)) {
      askWitnesses(peer, owner, olderNeighbour);
    }
  }

  private boolean isNeededByNobody(RegionPeer peer, boolean olderNeighbour) {
    Optional<MergeState> merging = peer.fences().merging();
    return merging.isPresent()
        ? MergeOutlook.of(context.engine(), peer.regionId(), merging.get()) == MergeOutlook.UNKNOWN
        : !olderNeighbour;
  }

  /** Those that had the region with this one, and those that have its range now. */
  private void askWitnesses(RegionPeer peer, Region owner, boolean olderNeighbour) {
    Set<Long> witnesses = new TreeSet<>();
    peer.region().getPeersList().forEach(each -> witnesses.add(each.getStoreId()));
    owner.getPeersList().forEach(each -> witnesses.add(each.getStoreId()));
    witnesses.remove(context.storeId());
    AtomicBoolean found = new AtomicBoolean();
    for (long witness : witnesses) {
      Async.on(peer.loop(), others.hasMerged(witness, peer.regionId()))
          .whenComplete(
              (merged, failure) -> {
                if (failure != null) {
                  notKnown(peer, failure);
                } else if (merged
                    && !peer.isClosed()
                    && isNeededByNobody(peer, olderNeighbour)
                    && found.compareAndSet(false, true)) {
                  end(peer, owner);
                }
              });
    }
  }

  private static void end(RegionPeer peer, Region owner) {
    LOG.atInfo()
        .addKeyValue("region", peer.regionId())
        .addKeyValue("peer", peer.peerId())
        .addKeyValue("owner", owner.getId())
        .log("region has become part of another");
    peer.end().destroy(peer.region());
  }

  /** Whether this store knows that a region has become part of another one. Any thread. */
  boolean isKnownToHaveMerged(long regionId) {
    for (RegionState state : RegionRecords.allRegionStates(context.engine())) {
      boolean ended =
          state.getRegion().getId() == regionId
              && state.getPhase() == RegionPhase.TOMBSTONE
              && state.getMergedInto() != 0;
      if (ended || MergedRegions.contains(state.getMergedList(), regionId)) {
        return true;
      }
    }
    return false;
  }

  static Region lastKnown(RegionPeer peer) {
    return peer.region() != null
        ? peer.region()
        : Region.newBuilder().setId(peer.regionId()).build();
  }
}
