package io.arrowraft.client.region;

import io.arrowraft.client.error.ErrorCode;
import io.arrowraft.client.error.InvalidRequestException;
import io.arrowraft.client.retry.Backoff;
import io.arrowraft.client.retry.BackoffKind;
import io.arrowraft.proto.errorpb.Error;
import io.arrowraft.proto.errorpb.ServerIsBusy;
import io.arrowraft.proto.metapb.Peer;
import java.time.Duration;
import java.util.Optional;

/** What each kind of region error asks of the client. */
final class RegionErrors {
  /** The next step after a region error. */
  sealed interface Reaction {
    /** What the error is called in metrics. */
    String kind();

    /** Ask {@code peer}, at once: somebody who should know named it as the leader. */
    record Follow(Peer peer) implements Reaction {
      @Override
      public String kind() {
        return "not_leader";
      }
    }

    /** Ask the next replica after a wait. */
    record NextReplica(String kind) implements Reaction {}

    /** Ask the same replica after a wait. */
    record Wait(String kind, BackoffKind backoff, Duration least) implements Reaction {}

    /** Look up the region again. */
    record Refresh(String kind) implements Reaction {}

    /** Give up. */
    record Refuse(InvalidRequestException failure) implements Reaction {
      @Override
      public String kind() {
        return "raft_entry_too_large";
      }
    }
  }

  private final RegionCache cache;
  private final StoreAddresses stores;

  RegionErrors(RegionCache cache, StoreAddresses stores) {
    this.cache = cache;
    this.stores = stores;
  }

  /** Brings the caches up to date with {@code error} and says how to go on. */
  Reaction react(Region region, Peer asked, Error error, Backoff backoff) {
    if (error.hasNotLeader()) {
      return notLeader(region, error);
    }
    if (error.hasEpochNotMatch()) {
      return epochNotMatch(region, error);
    }
    if (error.hasServerIsBusy()) {
      ServerIsBusy busy = error.getServerIsBusy();
      return new Reaction.Wait(
          "server_is_busy", BackoffKind.SERVER_BUSY, Duration.ofMillis(busy.getBackoffMs()));
    }
    if (error.hasStoreNotMatch()) {
      stores.invalidate(asked.getStoreId());
      return refresh(region, "store_not_match");
    }
    if (error.hasRaftEntryTooLarge()) {
      return new Reaction.Refuse(
          new InvalidRequestException(
              ErrorCode.VALUE_TOO_LARGE,
              "the store takes no write of "
                  + error.getRaftEntryTooLarge().getEntrySize()
                  + " bytes"));
    }
    if (error.hasUndeterminedResult()) {
      backoff.noteLostRequest("a store reported an undetermined result");
      return waiting("undetermined_result");
    }
    return byReadiness(region, error);
  }

  private Reaction byReadiness(Region region, Error error) {
    if (error.hasRegionNotFound()) {
      return refresh(region, "region_not_found");
    }
    if (error.hasKeyNotInRegion()) {
      return refresh(region, "key_not_in_region");
    }
    if (error.hasMismatchPeerId()) {
      return refresh(region, "mismatch_peer_id");
    }
    if (error.hasRegionNotInitialized()) {
      return new Reaction.NextReplica("region_not_initialized");
    }
    if (error.hasStaleCommand()) {
      return waiting("stale_command");
    }
    if (error.hasMaxTimestampNotSynced()) {
      return waiting("max_timestamp_not_synced");
    }
    if (error.hasReadIndexNotReady()) {
      return waiting("read_index_not_ready");
    }
    if (error.hasProposalInMergingMode()) {
      return waiting("proposal_in_merging_mode");
    }
    if (error.hasDataIsNotReady()) {
      return waiting("data_is_not_ready");
    }
    if (error.hasDiskFull()) {
      return waiting("disk_full");
    }
    return refresh(region, "other");
  }

  private Reaction notLeader(Region region, Error error) {
    if (!error.getNotLeader().hasLeader() || error.getNotLeader().getLeader().getId() == 0) {
      return new Reaction.NextReplica("not_leader");
    }
    Optional<Peer> leader = region.peer(error.getNotLeader().getLeader().getId());
    if (leader.isEmpty()) {
      // A peer that joined after the client learned of the region.
      return refresh(region, "not_leader");
    }
    cache.updateLeader(region, leader.get());
    return new Reaction.Follow(leader.get());
  }

  private Reaction epochNotMatch(Region region, Error error) {
    for (io.arrowraft.proto.metapb.Region now : error.getEpochNotMatch().getCurrentRegionsList()) {
      if (now.getId() == region.id() && region.isNewerThan(now.getRegionEpoch())) {
        // The replica lags behind what the client knows: it has to catch up, not the client.
        return waiting("epoch_not_match");
      }
    }
    cache.replace(region, error.getEpochNotMatch().getCurrentRegionsList());
    return new Reaction.Refresh("epoch_not_match");
  }

  private Reaction refresh(Region region, String kind) {
    cache.invalidate(region);
    return new Reaction.Refresh(kind);
  }

  private static Reaction waiting(String kind) {
    return new Reaction.Wait(kind, BackoffKind.NOT_READY, Duration.ZERO);
  }
}
