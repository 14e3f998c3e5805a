package io.arrowraft.pd.operator;

import com.google.protobuf.ByteString;
import io.arrowraft.pd.region.Keys;
import io.arrowraft.pd.region.RegionInfo;
import io.arrowraft.proto.eraftpb.ConfChangeType;
import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.metapb.PeerRole;
import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.pdpb.ChangePeer;
import io.arrowraft.proto.pdpb.CheckPolicy;
import io.arrowraft.proto.pdpb.RegionHeartbeatResponse;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.LongPredicate;
import java.util.stream.Stream;

/** One change of one region, small enough for one entry of its log. */
public sealed interface Step {
  /** Time for what needs no data to be copied. */
  Duration QUICK = Duration.ofMinutes(1);

  /** Time for a replica to be built, of whatever size. */
  Duration SLOW = Duration.ofMinutes(10);

  /** Whether {@code region} shows that the step is done. */
  boolean isDone(RegionInfo region);

  /** The order for the leader; empty while the region is not ready for it. */
  Optional<RegionHeartbeatResponse.Builder> order(RegionInfo region);

  /**
   * Why the step cannot be done any more.
   *
   * @param alive tells whether a store has been heard of lately
   */
  default Optional<String> obstacle(RegionInfo region, LongPredicate alive) {
    return Optional.empty();
  }

  /** Adds what the step will change to the load of stores. */
  default void foresee(RegionInfo region, Influence influence) {}

  /** How long the step may take. */
  Duration patience();

  /** The step in words. */
  String describe();

  /** Adds a replica that does not vote, and waits until it has caught up. */
  record AddLearner(Peer peer) implements Step {
    @Override
    public boolean isDone(RegionInfo region) {
      return region.peer(peer.getId()).filter(region::healthy).isPresent();
    }

    @Override
    public Optional<RegionHeartbeatResponse.Builder> order(RegionInfo region) {
      return region.peer(peer.getId()).isPresent()
          ? Optional.empty()
          : Optional.of(change(peer, PeerRole.Learner, ConfChangeType.AddLearnerNode));
    }

    @Override
    public Optional<String> obstacle(RegionInfo region, LongPredicate alive) {
      if (!alive.test(peer.getStoreId())) {
        return Optional.of("store " + peer.getStoreId() + " is not there");
      }
      return region
          .peerOn(peer.getStoreId())
          .filter(other -> other.getId() != peer.getId())
          .map(other -> "peer " + other.getId() + " is on store " + other.getStoreId());
    }

    @Override
    public void foresee(RegionInfo region, Influence influence) {
      if (region.peer(peer.getId()).isEmpty()) {
        influence.region(peer.getStoreId(), 1, region.mib());
      }
    }

    @Override
    public Duration patience() {
      return SLOW;
    }

    @Override
    public String describe() {
      return "add learner peer %d on store %d".formatted(peer.getId(), peer.getStoreId());
    }
  }

  /** Gives a replica its vote. */
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
    public Optional<String> obstacle(RegionInfo region, LongPredicate alive) {
      return goneFrom(region, peer);
    }

    @Override
    public Duration patience() {
      return SLOW;
    }

    @Override
    public String describe() {
      return "promote learner peer %d on store %d to voter"
          .formatted(peer.getId(), peer.getStoreId());
    }
  }

  /** Takes a replica's vote. */
  record Demote(Peer peer) implements Step {
    @Override
    public boolean isDone(RegionInfo region) {
      return region.peer(peer.getId()).filter(p -> p.getRole() == PeerRole.Learner).isPresent();
    }

    @Override
    public Optional<RegionHeartbeatResponse.Builder> order(RegionInfo region) {
      return StepDown.isNeeded(region, List.of(peer))
          ? StepDown.order(region, List.of(peer))
          : Optional.of(change(peer, PeerRole.Learner, ConfChangeType.AddLearnerNode));
    }

    @Override
    public Optional<String> obstacle(RegionInfo region, LongPredicate alive) {
      return goneFrom(region, peer);
    }

    @Override
    public Duration patience() {
      return QUICK;
    }

    @Override
    public String describe() {
      return "demote voter peer %d on store %d to learner"
          .formatted(peer.getId(), peer.getStoreId());
    }
  }

  /** Gives and takes votes at once: the region enters a joint configuration. */
  record EnterJoint(List<Peer> promoted, List<Peer> demoted) implements Step {
    public EnterJoint {
      promoted = List.copyOf(promoted);
      demoted = List.copyOf(demoted);
      if (promoted.size() + demoted.size() < 2) {
        throw new IllegalArgumentException("a joint change needs at least two changes");
      }
    }

    @Override
    public boolean isDone(RegionInfo region) {
      return promoted.stream()
              .allMatch(peer -> isOneOf(region, peer, PeerRole.Voter, PeerRole.IncomingVoter))
          && demoted.stream()
              .allMatch(peer -> isOneOf(region, peer, PeerRole.Learner, PeerRole.DemotingVoter));
    }

    @Override
    public Optional<RegionHeartbeatResponse.Builder> order(RegionInfo region) {
      if (region.inJointState() || !promoted.stream().allMatch(region::healthy)) {
        return Optional.empty();
      }
      if (StepDown.isNeeded(region, demoted)) {
        return StepDown.order(region, demoted);
      }
      RegionHeartbeatResponse.Builder order = RegionHeartbeatResponse.newBuilder();
      for (Peer peer : promoted) {
        order
            .getChangePeerV2Builder()
            .addChanges(changeOf(peer, PeerRole.Voter, ConfChangeType.AddNode));
      }
      for (Peer peer : demoted) {
        order
            .getChangePeerV2Builder()
            .addChanges(changeOf(peer, PeerRole.Learner, ConfChangeType.AddLearnerNode));
      }
      return Optional.of(order);
    }

    @Override
    public Optional<String> obstacle(RegionInfo region, LongPredicate alive) {
      for (Peer peer : promoted) {
        if (region.peer(peer.getId()).isEmpty()) {
          return goneFrom(region, peer);
        }
      }
      for (Peer peer : demoted) {
        if (region.peer(peer.getId()).isEmpty()) {
          return goneFrom(region, peer);
        }
      }
      return region.inJointState() ? Optional.empty() : halfDone(region);
    }

    /**
     * The order of an operator before this one may have been on its way, and have changed some of
     * the same votes. The leader refuses to change those again, and so everything else with them.
     */
    private Optional<String> halfDone(RegionInfo region) {
      return Stream.concat(
              promoted.stream().filter(peer -> isOneOf(region, peer, PeerRole.Voter)),
              demoted.stream().filter(peer -> isOneOf(region, peer, PeerRole.Learner)))
          .findFirst()
          .map(peer -> "peer " + peer.getId() + " has been given its new role by another change");
    }

    @Override
    public Duration patience() {
      return SLOW;
    }

    @Override
    public String describe() {
      return "use joint consensus, promote %s, demote %s"
          .formatted(names(promoted), names(demoted));
    }
  }

  /** Leaves the joint configuration, which the leader does by itself when it can. */
  record LeaveJoint() implements Step {
    @Override
    public boolean isDone(RegionInfo region) {
      return !region.inJointState();
    }

    @Override
    public Optional<RegionHeartbeatResponse.Builder> order(RegionInfo region) {
      RegionHeartbeatResponse.Builder order = RegionHeartbeatResponse.newBuilder();
      order.getChangePeerV2Builder();
      return Optional.of(order);
    }

    @Override
    public Duration patience() {
      return QUICK;
    }

    @Override
    public String describe() {
      return "leave joint state";
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
      return StepDown.isNeeded(region, List.of(peer))
          ? StepDown.order(region, List.of(peer))
          : Optional.of(change(peer, peer.getRole(), ConfChangeType.RemoveNode));
    }

    @Override
    public void foresee(RegionInfo region, Influence influence) {
      influence.region(peer.getStoreId(), -1, region.mib());
    }

    @Override
    public Duration patience() {
      return QUICK;
    }

    @Override
    public String describe() {
      return "remove peer %d on store %d".formatted(peer.getId(), peer.getStoreId());
    }
  }

  /** Hands leadership to a voter. */
  record TransferLeader(Peer to) implements Step {
    @Override
    public boolean isDone(RegionInfo region) {
      return region.isLeader(to);
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
    public Optional<String> obstacle(RegionInfo region, LongPredicate alive) {
      return alive.test(to.getStoreId())
          ? goneFrom(region, to)
          : Optional.of("store " + to.getStoreId() + " is not there");
    }

    @Override
    public void foresee(RegionInfo region, Influence influence) {
      if (!region.isLeader(to)) {
        influence.leader(region.leaderStore(), -1, region.mib());
        influence.leader(to.getStoreId(), 1, region.mib());
      }
    }

    @Override
    public Duration patience() {
      return Duration.ofSeconds(10);
    }

    @Override
    public String describe() {
      return "transfer leader to store %d".formatted(to.getStoreId());
    }
  }

  /**
   * Splits a region.
   *
   * @param policy at {@code keys}, or wherever the store finds the middle
   * @param version of the region's epoch when the split was wanted
   */
  record Split(CheckPolicy policy, List<ByteString> keys, long version) implements Step {
    public Split {
      keys = List.copyOf(keys);
    }

    /** Splits at keys. */
    public static Split at(List<ByteString> keys) {
      return new Split(CheckPolicy.USEKEY, keys, 0);
    }

    @Override
    public boolean isDone(RegionInfo region) {
      return policy == CheckPolicy.USEKEY
          ? keys.stream().noneMatch(key -> splits(region, key))
          : region.epoch().getVersion() > version;
    }

    @Override
    public Optional<RegionHeartbeatResponse.Builder> order(RegionInfo region) {
      RegionHeartbeatResponse.Builder order = RegionHeartbeatResponse.newBuilder();
      order
          .getSplitRegionBuilder()
          .setPolicy(policy)
          .addAllKeys(keys.stream().filter(key -> splits(region, key)).toList());
      return Optional.of(order);
    }

    @Override
    public Duration patience() {
      return Duration.ofSeconds(30);
    }

    @Override
    public String describe() {
      return policy == CheckPolicy.USEKEY
          ? "split region at %d keys".formatted(keys.size())
          : "split region with policy " + policy.name();
    }

    private static boolean splits(RegionInfo region, ByteString key) {
      return region.contains(key) && !region.startKey().equals(key);
    }
  }

  /** Makes the region a part of its neighbour. */
  record Merge(Region source, Region target) implements Step {
    @Override
    public boolean isDone(RegionInfo region) {
      // The region does not report any more when the step is done: the board sees it vanish.
      return false;
    }

    @Override
    public Optional<RegionHeartbeatResponse.Builder> order(RegionInfo region) {
      RegionHeartbeatResponse.Builder order = RegionHeartbeatResponse.newBuilder();
      order.getMergeBuilder().setTarget(target);
      return Optional.of(order);
    }

    @Override
    public Optional<String> obstacle(RegionInfo region, LongPredicate alive) {
      return region.startKey().equals(source.getStartKey())
              && region.endKey().equals(source.getEndKey())
          ? Optional.empty()
          : Optional.of("the range of the region has changed");
    }

    @Override
    public Duration patience() {
      return SLOW;
    }

    @Override
    public String describe() {
      return "merge region %d into region %d".formatted(source.getId(), target.getId());
    }
  }

  /** Waits while a neighbour becomes a part of the region. */
  record PassiveMerge(Region source, Region target) implements Step {
    @Override
    public boolean isDone(RegionInfo region) {
      return Keys.compare(region.startKey(), source.getStartKey()) <= 0
          && (region.endKey().isEmpty()
              || (!source.getEndKey().isEmpty()
                  && Keys.compare(region.endKey(), source.getEndKey()) >= 0));
    }

    @Override
    public Optional<RegionHeartbeatResponse.Builder> order(RegionInfo region) {
      return Optional.empty();
    }

    @Override
    public Duration patience() {
      return SLOW;
    }

    @Override
    public String describe() {
      return "merge region %d into region %d, passively".formatted(source.getId(), target.getId());
    }
  }

  private static boolean isOneOf(RegionInfo region, Peer peer, PeerRole... roles) {
    return region
        .peer(peer.getId())
        .filter(present -> List.of(roles).contains(present.getRole()))
        .isPresent();
  }

  private static Optional<String> goneFrom(RegionInfo region, Peer peer) {
    return region.peer(peer.getId()).isPresent()
        ? Optional.empty()
        : Optional.of("peer " + peer.getId() + " is no part of the region");
  }

  private static String names(List<Peer> peers) {
    return peers.stream()
        .map(peer -> "peer %d on store %d".formatted(peer.getId(), peer.getStoreId()))
        .toList()
        .toString();
  }

  private static ChangePeer changeOf(Peer peer, PeerRole role, ConfChangeType type) {
    return ChangePeer.newBuilder()
        .setPeer(peer.toBuilder().setRole(role))
        .setChangeType(type)
        .build();
  }

  private static RegionHeartbeatResponse.Builder change(
      Peer peer, PeerRole role, ConfChangeType type) {
    return RegionHeartbeatResponse.newBuilder().setChangePeer(changeOf(peer, role, type));
  }
}
