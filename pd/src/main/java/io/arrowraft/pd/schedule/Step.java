package io.arrowraft.pd.schedule;

import com.google.protobuf.ByteString;
import io.arrowraft.pd.region.RegionInfo;
import io.arrowraft.proto.eraftpb.ConfChangeType;
import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.metapb.PeerRole;
import io.arrowraft.proto.pdpb.CheckPolicy;
import io.arrowraft.proto.pdpb.RegionHeartbeatResponse;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** One change of one region, small enough for one entry of its log. */
public sealed interface Step {

  /** Whether {@code region} shows that the step is done. */
  boolean isDone(RegionInfo region);

  /** The order for the leader; empty while the region is not ready for it. */
  Optional<RegionHeartbeatResponse.Builder> order(RegionInfo region);

  /** How long the step may take. */
  Duration patience();

  /** Adds a replica that does not vote. */
  record AddLearner(Peer peer) implements Step {
    @Override
    public boolean isDone(RegionInfo region) {
      return region.peer(peer.getId()).isPresent();
    }

    @Override
    public Optional<RegionHeartbeatResponse.Builder> order(RegionInfo region) {
      return Optional.of(change(peer, PeerRole.Learner, ConfChangeType.AddLearnerNode));
    }

    @Override
    public Duration patience() {
      return Duration.ofMinutes(1);
    }
  }

  /** Gives a replica its vote once it has caught up. */
  record Promote(Peer peer) implements Step {
    @Override
    public boolean isDone(RegionInfo region) {
      return region.peer(peer.getId()).filter(p -> p.getRole() == PeerRole.Voter).isPresent();
    }

    @Override
    public Optional<RegionHeartbeatResponse.Builder> order(RegionInfo region) {
      return region
          .peer(peer.getId())
          .filter(region::healthy)
          .map(present -> change(peer, PeerRole.Voter, ConfChangeType.AddNode));
    }

    @Override
    public Duration patience() {
      return Duration.ofMinutes(10);
    }
  }

  /** Removes a replica. */
  record RemovePeer(Peer peer) implements Step {
    @Override
    public boolean isDone(RegionInfo region) {
      return region.peer(peer.getId()).isEmpty();
    }

    @Override
    public Optional<RegionHeartbeatResponse.Builder> order(RegionInfo region) {
      return region.leader().filter(leader -> leader.getId() == peer.getId()).isPresent()
          ? Optional.empty()
          : Optional.of(change(peer, peer.getRole(), ConfChangeType.RemoveNode));
    }

    @Override
    public Duration patience() {
      return Duration.ofMinutes(1);
    }
  }

  /** Hands leadership to a voter. */
  record TransferLeader(Peer to) implements Step {
    @Override
    public boolean isDone(RegionInfo region) {
      return region.leader().filter(leader -> leader.getId() == to.getId()).isPresent();
    }

    @Override
    public Optional<RegionHeartbeatResponse.Builder> order(RegionInfo region) {
      return region
          .peer(to.getId())
          .filter(peer -> peer.getRole() == PeerRole.Voter && region.healthy(peer))
          .map(
              peer -> {
                RegionHeartbeatResponse.Builder order = RegionHeartbeatResponse.newBuilder();
                order.getTransferLeaderBuilder().setPeer(peer).addPeers(peer);
                return order;
              });
    }

    @Override
    public Duration patience() {
      return Duration.ofSeconds(10);
    }
  }

  /** Splits a region at keys. */
  record Split(List<ByteString> keys) implements Step {
    public Split {
      keys = List.copyOf(keys);
    }

    @Override
    public boolean isDone(RegionInfo region) {
      return keys.stream().noneMatch(key -> region.contains(key) && !region.startKey().equals(key));
    }

    @Override
    public Optional<RegionHeartbeatResponse.Builder> order(RegionInfo region) {
      RegionHeartbeatResponse.Builder order = RegionHeartbeatResponse.newBuilder();
      order
          .getSplitRegionBuilder()
          .setPolicy(CheckPolicy.USEKEY)
          .addAllKeys(
              keys.stream()
                  .filter(key -> region.contains(key) && !region.startKey().equals(key))
                  .toList());
      return Optional.of(order);
    }

    @Override
    public Duration patience() {
      return Duration.ofSeconds(30);
    }
  }

  private static RegionHeartbeatResponse.Builder change(
      Peer peer, PeerRole role, ConfChangeType type) {
    RegionHeartbeatResponse.Builder order = RegionHeartbeatResponse.newBuilder();
    order.getChangePeerBuilder().setPeer(peer.toBuilder().setRole(role)).setChangeType(type);
    return order;
  }
}
