package io.arrowraft.server.region;

import com.google.protobuf.ByteString;
import io.arrowraft.proto.errorpb.DataIsNotReady;
import io.arrowraft.proto.errorpb.DiskFull;
import io.arrowraft.proto.errorpb.EpochNotMatch;
import io.arrowraft.proto.errorpb.Error;
import io.arrowraft.proto.errorpb.KeyNotInRegion;
import io.arrowraft.proto.errorpb.MaxTimestampNotSynced;
import io.arrowraft.proto.errorpb.MismatchPeerId;
import io.arrowraft.proto.errorpb.NotLeader;
import io.arrowraft.proto.errorpb.RaftEntryTooLarge;
import io.arrowraft.proto.errorpb.ReadIndexNotReady;
import io.arrowraft.proto.errorpb.RegionNotFound;
import io.arrowraft.proto.errorpb.RegionNotInitialized;
import io.arrowraft.proto.errorpb.ServerIsBusy;
import io.arrowraft.proto.errorpb.StaleCommand;
import io.arrowraft.proto.errorpb.StoreNotMatch;
import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.metapb.Region;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The region errors of the wire, each with a message for people. */
public final class RegionErrors {
  /** How long a client is told to wait when a queue is full. */
  private static final Duration BUSY_BACKOFF = Duration.ofMillis(100);

  private RegionErrors() {}

  public static RegionErrorException notLeader(long regionId, Optional<Peer> leader) {
    NotLeader.Builder notLeader = NotLeader.newBuilder().setRegionId(regionId);
    leader.ifPresent(notLeader::setLeader);
    return of(
        "region " + regionId + " is not led here", Error.newBuilder().setNotLeader(notLeader));
  }

  public static RegionErrorException regionNotFound(long regionId) {
    return of(
        "region " + regionId + " is not on this store",
        Error.newBuilder().setRegionNotFound(RegionNotFound.newBuilder().setRegionId(regionId)));
  }

  public static RegionErrorException regionNotInitialized(long regionId) {
    return of(
        "region " + regionId + " still waits for its data",
        Error.newBuilder()
            .setRegionNotInitialized(RegionNotInitialized.newBuilder().setRegionId(regionId)));
  }

  /**
   * @param current the regions that now cover the range, each with its leader's peer first
   */
  public static RegionErrorException epochNotMatch(long regionId, List<Region> current) {
    return of(
        "epoch of region " + regionId + " has moved",
        Error.newBuilder()
            .setEpochNotMatch(EpochNotMatch.newBuilder().addAllCurrentRegions(current)));
  }

  public static RegionErrorException keyNotInRegion(byte[] key, Region region) {
    return of(
        "key is outside of region " + region.getId(),
        Error.newBuilder()
            .setKeyNotInRegion(
                KeyNotInRegion.newBuilder()
                    .setKey(ByteString.copyFrom(key))
                    .setRegionId(region.getId())
                    .setStartKey(region.getStartKey())
                    .setEndKey(region.getEndKey())));
  }

  public static RegionErrorException serverIsBusy(String reason) {
    return serverIsBusy(reason, BUSY_BACKOFF);
  }

  /**
   * @param backoff when the caller should come back
   */
  public static RegionErrorException serverIsBusy(String reason, Duration backoff) {
    return of(
        "busy: " + reason,
        Error.newBuilder()
            .setServerIsBusy(
                ServerIsBusy.newBuilder().setReason(reason).setBackoffMs(backoff.toMillis())));
  }

  /** The store takes no new data; what frees space is still done. */
  public static RegionErrorException diskFull(long storeId, String reason) {
    return of(
        "disk full: " + reason,
        Error.newBuilder()
            .setDiskFull(DiskFull.newBuilder().addStoreId(storeId).setReason(reason)));
  }

  /** For the short time in which a region becomes part of its neighbour. */
  public static RegionErrorException merging(long regionId) {
    return serverIsBusy("region " + regionId + " is being merged");
  }

  public static RegionErrorException staleCommand(String reason) {
    return of(
        "stale command: " + reason,
        Error.newBuilder().setStaleCommand(StaleCommand.getDefaultInstance()));
  }

  public static RegionErrorException storeNotMatch(long requested, long actual) {
    return of(
        "this is store " + actual + ", not " + requested,
        Error.newBuilder()
            .setStoreNotMatch(
                StoreNotMatch.newBuilder().setRequestStoreId(requested).setActualStoreId(actual)));
  }

  public static RegionErrorException mismatchPeerId(long requested, long actual) {
    return of(
        "the peer here is " + actual + ", not " + requested,
        Error.newBuilder()
            .setMismatchPeerId(
                MismatchPeerId.newBuilder().setRequestPeerId(requested).setStorePeerId(actual)));
  }

  public static RegionErrorException entryTooLarge(long regionId, long bytes, long bytesMax) {
    return of(
        "a write of " + bytes + " bytes is past the bound of " + bytesMax,
        Error.newBuilder()
            .setRaftEntryTooLarge(
                RaftEntryTooLarge.newBuilder().setRegionId(regionId).setEntrySize(bytes)));
  }

  public static RegionErrorException readIndexNotReady(long regionId, String reason) {
    return of(
        "no read index: " + reason,
        Error.newBuilder()
            .setReadIndexNotReady(
                ReadIndexNotReady.newBuilder().setRegionId(regionId).setReason(reason)));
  }

  public static RegionErrorException maxTimestampNotSynced(long regionId) {
    return of(
        "region " + regionId + " does not yet know the reads of its leaders before",
        Error.newBuilder().setMaxTimestampNotSynced(MaxTimestampNotSynced.getDefaultInstance()));
  }

  public static RegionErrorException dataIsNotReady(long regionId, long peerId) {
    return of(
        "no resolved timestamp for region " + regionId,
        Error.newBuilder()
            .setDataIsNotReady(
                DataIsNotReady.newBuilder().setRegionId(regionId).setPeerId(peerId)));
  }

  /** An error that only its message describes. */
  public static RegionErrorException other(String message) {
    return of(message, Error.newBuilder());
  }

  private static RegionErrorException of(String message, Error.Builder error) {
    return new RegionErrorException(error.setMessage(message).build());
  }
}
