package io.arrowraft.pd.schedule;

import io.arrowraft.pd.region.RegionInfo;
import io.arrowraft.pd.store.StoreStatus;
import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.metapb.PeerRole;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Sees that every region has its replicas, on as many stores, none of which must be left. */
final class ReplicaChecker implements Scheduler {

  @Override
  public List<Operator> propose(ClusterView view, int room) {
    List<Operator> operators = new ArrayList<>();
    for (RegionInfo region : view.regions().all()) {
      if (operators.size() >= room) {
        break;
      }
      if (view.isFree(region)) {
        check(view, region).ifPresent(operators::add);
      }
    }
    return operators;
  }

  private Optional<Operator> check(ClusterView view, RegionInfo region) {
    Optional<Peer> leaving =
        region.peers().stream().filter(peer -> view.mustLeave(peer.getStoreId())).findFirst();
    long staying = region.peers().stream().filter(p -> !view.mustLeave(p.getStoreId())).count();
    if (staying > view.replicas()) {
      return remove(view, region, surplus(view, region), "remove-extra-replica");
    }
    Optional<Peer> learner =
        region.peers().stream()
            .filter(
                peer -> peer.getRole() == PeerRole.Learner && !view.mustLeave(peer.getStoreId()))
            .findFirst();
    if (learner.isPresent()) {
      return Optional.of(
          new Operator(
              region.id(),
              Operator.Kind.REPLICA,
              "promote-learner",
              List.of(new Step.Promote(learner.get()))));
    }
    if (staying < view.replicas()) {
      return add(view, region);
    }
    return leaving.flatMap(peer -> remove(view, region, peer, "remove-down-replica"));
  }

  private Optional<Operator> add(ClusterView view, RegionInfo region) {
    Optional<StoreStatus> target =
        view.targets().stream()
            .filter(store -> region.peerOn(store.id()).isEmpty())
            .min(
                Comparator.comparingInt((StoreStatus store) -> view.peersOn(store.id()))
                    .thenComparing(StoreStatus::id));
    if (target.isEmpty()) {
      return Optional.empty();
    }
    OptionalLong id = view.newPeerId();
    if (id.isEmpty()) {
      return Optional.empty();
    }
    Peer peer =
        Peer.newBuilder()
            .setId(id.getAsLong())
            .setStoreId(target.get().id())
            .setRole(PeerRole.Learner)
            .build();
    view.assumePeerAdded(peer.getStoreId());
    return Optional.of(
        new Operator(
            region.id(),
            Operator.Kind.REPLICA,
            "make-up-replica",
            List.of(new Step.AddLearner(peer), new Step.Promote(peer))));
  }

  /** The peer that the region can best do without. */
  private static Peer surplus(ClusterView view, RegionInfo region) {
    long leader = region.leader().map(Peer::getId).orElse(0L);
    return region.peers().stream()
        .min(
            Comparator.comparing((Peer peer) -> !view.mustLeave(peer.getStoreId()))
                .thenComparing(peer -> peer.getId() == leader)
                .thenComparing(region::healthy)
                .thenComparing(peer -> peer.getRole() != PeerRole.Learner)
                .thenComparing(peer -> -view.peersOn(peer.getStoreId()))
                .thenComparing(Peer::getId))
        .orElseThrow();
  }

  private static Optional<Operator> remove(
      ClusterView view, RegionInfo region, Peer peer, String description) {
    List<Step> steps = new ArrayList<>();
    if (region.leader().filter(leader -> leader.getId() == peer.getId()).isPresent()) {
      Optional<Peer> successor =
          region.peers().stream()
              .filter(
                  other ->
                      other.getId() != peer.getId()
                          && other.getRole() == PeerRole.Voter
                          && region.healthy(other)
                          && !view.mustLeave(other.getStoreId()))
              .min(Comparator.comparingInt(other -> view.leadersOn(other.getStoreId())));
      if (successor.isEmpty()) {
        return Optional.empty();
      }
      steps.add(new Step.TransferLeader(successor.get()));
    }
    steps.add(new Step.RemovePeer(peer));
    return Optional.of(new Operator(region.id(), Operator.Kind.REPLICA, description, steps));
  }
}
