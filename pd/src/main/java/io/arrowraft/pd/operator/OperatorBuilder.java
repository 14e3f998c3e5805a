package io.arrowraft.pd.operator;

import io.arrowraft.pd.region.RegionInfo;
import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.metapb.PeerRole;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.LongPredicate;

/**
 * Finds the steps from the peers that a region has to those that it should have.
 *
 * <p>New peers come first, as learners. Then votes change hands, in one joint step if there are
 * several to change. What is no longer wanted goes last. Leadership leaves a peer before its vote
 * does.
 */
public final class OperatorBuilder {
  private final RegionInfo region;
  private final String description;
  private final Operator.Kind kind;

  /** Peers as they should be, by store; a role is Voter or Learner. */
  private final TreeMap<Long, Peer> wanted = new TreeMap<>();

  private LongPredicate mayLead = store -> true;
  private Comparator<Long> leaderOrder = Comparator.naturalOrder();
  private long leaderStore;
  private boolean joint = true;

  private final List<Step> steps = new ArrayList<>();
  private long leaderNow;

  /** Begins with the peers of a region, which must not be in a joint configuration. */
  public OperatorBuilder(RegionInfo region, Operator.Kind kind, String description) {
    this.region = region;
    this.kind = kind;
    this.description = description;
    region.peers().forEach(peer -> wanted.put(peer.getStoreId(), peer));
  }

  /** Wants a new peer, whose id is new. */
  public OperatorBuilder add(Peer peer) {
    require(
        !wanted.containsKey(peer.getStoreId()),
        "region " + region.id() + " has a peer on store " + peer.getStoreId() + " already");
    wanted.put(peer.getStoreId(), peer);
    return this;
  }

  /** Wants the peer on a store gone. */
  public OperatorBuilder remove(long store) {
    requirePeerOn(store);
    wanted.remove(store);
    return this;
  }

  /** Wants the peer on a store to vote, or not to. */
  public OperatorBuilder role(long store, PeerRole role) {
    requirePeerOn(store);
    wanted.put(store, wanted.get(store).toBuilder().setRole(role).build());
    return this;
  }

  /** Wants the leader on a store. */
  public OperatorBuilder leader(long store) {
    leaderStore = store;
    return this;
  }

  /**
   * Says where leaders may go if one has to move.
   *
   * @param order the better store first
   */
  public OperatorBuilder leaders(LongPredicate allowed, Comparator<Long> order) {
    mayLead = allowed;
    leaderOrder = order;
    return this;
  }

  /** Whether several votes may change hands at once; else they change one by one. */
  public OperatorBuilder joint(boolean allowed) {
    joint = allowed;
    return this;
  }

  /**
   * The operator.
   *
   * @throws IllegalArgumentException if the wish makes no sense, in words for whoever wished
   */
  public Operator build() {
    Peer leader =
        region
            .leader()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "region " + region.id() + " has no leader at the moment; try again"));
    require(
        !region.inJointState(),
        "region " + region.id() + " is in the middle of another change of its peers; try again");
    leaderNow = leader.getStoreId();
    Peer finalLeader = finalLeader();
    List<Peer> added = wanted.values().stream().filter(this::isNew).toList();
    List<Peer> removed =
        region.peers().stream().filter(peer -> !wanted.containsKey(peer.getStoreId())).toList();
    List<Peer> gaining = wanted.values().stream().filter(p -> votes(p) && !votedBefore(p)).toList();
    List<Peer> losing = region.peers().stream().filter(p -> votes(p) && !votesAfter(p)).toList();
    if (joint && gaining.size() + losing.size() > 1) {
      added.forEach(peer -> steps.add(new Step.AddLearner(learner(peer))));
      changeVotes(gaining, losing, finalLeader);
      removed.forEach(peer -> steps.add(new Step.RemovePeer(learner(peer))));
    } else {
      oneByOne(added, removed, gaining, losing, finalLeader);
    }
    moveLeader(finalLeader);
    require(
        !steps.isEmpty(),
        "region " + region.id() + " is already as wished: there is nothing to change");
    return new Operator(region.id(), kind, description, steps);
  }

  private void changeVotes(List<Peer> gaining, List<Peer> losing, Peer finalLeader) {
    List<Peer> promoted = new ArrayList<>(gaining);
    boolean leaderLoses = losing.stream().anyMatch(peer -> peer.getStoreId() == leaderNow);
    if (leaderLoses) {
      if (!votedBefore(finalLeader)) {
        // Nobody who votes now will do: the successor gets its vote first.
        promoted.removeIf(peer -> peer.getStoreId() == finalLeader.getStoreId());
        steps.add(new Step.Promote(finalLeader));
      }
      moveLeader(finalLeader);
    }
    if (promoted.size() + losing.size() > 1) {
      steps.add(new Step.EnterJoint(promoted, losing));
      steps.add(new Step.LeaveJoint());
    } else {
      promoted.forEach(peer -> steps.add(new Step.Promote(peer)));
      losing.stream()
          .filter(peer -> wanted.containsKey(peer.getStoreId()))
          .forEach(peer -> steps.add(new Step.Demote(peer)));
    }
  }

  private void oneByOne(
      List<Peer> added,
      List<Peer> removed,
      List<Peer> gaining,
      List<Peer> losing,
      Peer finalLeader) {
    for (Peer peer : added) {
      steps.add(new Step.AddLearner(learner(peer)));
      if (votes(peer)) {
        steps.add(new Step.Promote(peer));
      }
    }
    gaining.stream().filter(p -> !isNew(p)).forEach(p -> steps.add(new Step.Promote(p)));
    if (losing.stream().anyMatch(peer -> peer.getStoreId() == leaderNow)) {
      moveLeader(finalLeader);
    }
    losing.stream()
        .filter(peer -> wanted.containsKey(peer.getStoreId()))
        .forEach(peer -> steps.add(new Step.Demote(peer)));
    removed.forEach(peer -> steps.add(new Step.RemovePeer(peer)));
  }

  private void moveLeader(Peer to) {
    if (leaderNow != to.getStoreId()) {
      steps.add(new Step.TransferLeader(to));
      leaderNow = to.getStoreId();
    }
  }

  /** Who leads in the end: the one wished for, else who leads now, else the best of the voters. */
  private Peer finalLeader() {
    List<Peer> voters = wanted.values().stream().filter(OperatorBuilder::votes).toList();
    require(!voters.isEmpty(), "region " + region.id() + " would be left without a voter");
    if (leaderStore != 0) {
      Peer wished = wanted.get(leaderStore);
      require(
          wished != null && votes(wished),
          "region " + region.id() + " has no voter on store " + leaderStore + " that could lead");
      require(
          isNew(wished) || region.healthy(wished),
          "peer " + wished.getId() + " on store " + leaderStore + " is down or lags behind");
      return wished;
    }
    Optional<Peer> stays = voters.stream().filter(p -> p.getStoreId() == leaderNow).findFirst();
    if (stays.isPresent() && votedBefore(stays.get())) {
      return stays.get();
    }
    Optional<Peer> best =
        voters.stream()
            .filter(peer -> isNew(peer) || region.healthy(peer))
            .filter(peer -> mayLead.test(peer.getStoreId()))
            .min(
                Comparator.comparing((Peer peer) -> !votedBefore(peer))
                    .thenComparing(Peer::getStoreId, leaderOrder)
                    .thenComparing(Peer::getStoreId));
    require(best.isPresent(), "region " + region.id() + " has no other peer that could lead");
    return best.get();
  }

  private boolean isNew(Peer peer) {
    return region.peer(peer.getId()).isEmpty();
  }

  private boolean votedBefore(Peer peer) {
    return region.peer(peer.getId()).filter(OperatorBuilder::votes).isPresent();
  }

  private boolean votesAfter(Peer peer) {
    Peer after = wanted.get(peer.getStoreId());
    return after != null && after.getId() == peer.getId() && votes(after);
  }

  private void requirePeerOn(long store) {
    require(wanted.containsKey(store), "region " + region.id() + " has no peer on store " + store);
  }

  private static boolean votes(Peer peer) {
    return peer.getRole() == PeerRole.Voter;
  }

  private static Peer learner(Peer peer) {
    return peer.toBuilder().setRole(PeerRole.Learner).build();
  }

  private static void require(boolean condition, String otherwise) {
    if (!condition) {
      throw new IllegalArgumentException(otherwise);
    }
  }
}
