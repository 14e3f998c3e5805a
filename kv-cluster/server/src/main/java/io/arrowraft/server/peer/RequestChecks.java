package io.arrowraft.server.peer;

import com.google.protobuf.ByteString;
import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.metapb.RegionEpoch;
import io.arrowraft.proto.store.StagedFile;
import io.arrowraft.raft.ProposalResult;
import io.arrowraft.raft.core.ProposeResult;
import io.arrowraft.server.region.RegionErrorException;
import io.arrowraft.server.region.RegionErrors;
import io.arrowraft.server.region.RegionRequest;
import io.arrowraft.server.state.KeyRanges;
import java.util.List;

/** Refusals of requests, in the protocol's words. */
final class RequestChecks {
  private RequestChecks() {}

  /** Whether the request is for the replica with {@code peerId} on {@code storeId}. */
  static void address(RegionRequest request, long storeId, long peerId) {
    long requestedStore = request.peer().getStoreId();
    if (requestedStore != 0 && requestedStore != storeId) {
      throw RegionErrors.storeNotMatch(requestedStore, storeId);
    }
    long requestedPeer = request.peer().getId();
    if (requestedPeer != 0 && requestedPeer != peerId) {
      throw RegionErrors.mismatchPeerId(requestedPeer, peerId);
    }
  }

  /** Whether the caller means the range that the region has; its peers do not matter to data. */
  static void version(RegionRequest request, Region region, RegionDirectory directory) {
    if (request.epoch().getVersion() != region.getRegionEpoch().getVersion()) {
      throw RegionErrors.epochNotMatch(region.getId(), directory.withNeighbours(region));
    }
  }

  /** Whether the caller knows range and peers. */
  static void epoch(RegionEpoch epoch, Region region, RegionDirectory directory) {
    if (!epoch.equals(region.getRegionEpoch())) {
      throw RegionErrors.epochNotMatch(region.getId(), directory.withNeighbours(region));
    }
  }

  /** Whether files were made for the region as it is. */
  static void files(List<StagedFile> files, Region region, RegionDirectory directory) {
    for (StagedFile file : files) {
      if (file.getRegionId() != region.getId()) {
        throw RegionErrors.other(
            "file "
                + file.getName()
                + " was staged for region "
                + file.getRegionId()
                + ", not for "
                + region.getId());
      }
      epoch(file.getEpoch(), region, directory);
      inside(file.getFirstKey(), region);
      inside(file.getLastKey(), region);
    }
  }

  private static void inside(ByteString key, Region region) {
    if (!KeyRanges.contains(region, key.toByteArray())) {
      throw RegionErrors.keyNotInRegion(key.toByteArray(), region);
    }
  }

  static RegionErrorException refusal(RegionPeer peer, ProposalResult.Refused refused) {
    if (refused instanceof ProposalResult.NotLeader notLeader) {
      return RegionErrors.notLeader(peer.regionId(), peer.peerById(notLeader.leaderPeer()));
    }
    if (refused instanceof ProposalResult.StaleTerm stale) {
      return RegionErrors.staleCommand(
          "term " + stale.requiredTerm() + " is over, now is " + stale.currentTerm());
    }
    if (refused instanceof ProposalResult.TooLarge large) {
      return RegionErrors.entryTooLarge(peer.regionId(), large.bytes(), large.bytesMax());
    }
    if (refused instanceof ProposalResult.Overloaded) {
      return RegionErrors.serverIsBusy("too many writes wait to be committed");
    }
    if (refused instanceof ProposalResult.Rejected rejected) {
      return rejection(rejected.reason());
    }
    return RegionErrors.other("refused: " + refused);
  }

  private static RegionErrorException rejection(ProposeResult.Refused reason) {
    if (reason instanceof ProposeResult.Transferring) {
      return RegionErrors.serverIsBusy("leadership is being handed over");
    }
    if (reason instanceof ProposeResult.MembershipChangePending) {
      return RegionErrors.serverIsBusy("another membership change is under way");
    }
    if (reason instanceof ProposeResult.MembershipChangeInvalid invalid) {
      return RegionErrors.other(invalid.problem());
    }
    return RegionErrors.other("the change would leave no quorum of live replicas: " + reason);
  }
}
