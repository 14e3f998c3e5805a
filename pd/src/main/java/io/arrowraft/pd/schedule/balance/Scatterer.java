package io.arrowraft.pd.schedule.balance;

import io.arrowraft.pd.operator.Operator;
import io.arrowraft.pd.operator.OperatorBuilder;
import io.arrowraft.pd.operator.Step;
import io.arrowraft.pd.region.RegionInfo;
import io.arrowraft.pd.schedule.ClusterView;
import io.arrowraft.pd.schedule.StoreView;
import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.metapb.PeerRole;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Spreads the regions of a group, such as those of a table that is about to be loaded, over the
 * stores: peers and leaders go where the group has the fewest so far.
 */
public final class Scatterer {
  private static final String DESCRIPTION = "scatter-region";
  private static final int GROUPS_MAX = 256;

  private static final class Group {
    private final TreeMap<Long, Integer> peers = new TreeMap<>();
    private final TreeMap<Long, Integer> leaders = new TreeMap<>();
  }

  private final Map<String, Group> groups =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Group> eldest) {
          return size() > GROUPS_MAX;
        }
      };

  /**
   * What came of it.
   *
   * @param operator what is to be begun; of a region that is where it should be, what is to be
   *     taken note of
   */
  public record Result(Operator operator, boolean isInPlace) {}

  /**
   * Finds a region's place; nothing if the region cannot be moved at the moment, or not to where it
   * should be.
   */
  public Optional<Result> scatter(ClusterView view, RegionInfo region, String groupName) {
    if (!view.isFree(region)) {
      return Optional.empty();
    }
    Group group = groups.computeIfAbsent(groupName, name -> new Group());
    OperatorBuilder change = view.change(region, Operator.Kind.ADMIN, DESCRIPTION);
    List<Peer> after = new ArrayList<>();
    TreeSet<Long> used = new TreeSet<>();
    region.peers().forEach(peer -> used.add(peer.getStoreId()));
    for (Peer peer : region.peers()) {
      Optional<StoreView> store =
          region.healthy(peer) ? better(view, region, peer, group, used) : Optional.empty();
      if (store.isEmpty()) {
        after.add(peer);
        continue;
      }
      // A store that takes nothing at the moment, or an id that is not at hand: a while later the
      // region goes where it should.
      Optional<Peer> placed =
          store
              .filter(free -> view.takesPeer(free, region))
              .flatMap(free -> view.newPeer(free.id(), peer.getRole()));
      if (placed.isEmpty()) {
        return Optional.empty();
      }
      change.add(placed.get()).remove(peer.getStoreId());
      used.add(placed.get().getStoreId());
      after.add(placed.get());
    }
    Peer leader = leader(view, region, after, group);
    after.forEach(peer -> group.peers.merge(peer.getStoreId(), 1, Integer::sum));
    group.leaders.merge(leader.getStoreId(), 1, Integer::sum);
    if (after.equals(region.peers()) && region.isLeader(leader)) {
      return Optional.of(
          new Result(
              new Operator(
                  region.id(),
                  Operator.Kind.ADMIN,
                  DESCRIPTION,
                  List.of(new Step.TransferLeader(leader))),
              true));
    }
    try {
      return Optional.of(new Result(change.leader(leader.getStoreId()).build(), false));
    } catch (IllegalArgumentException notNow) {
      return Optional.empty();
    }
  }

  /** A store with fewer peers of the group than the peer's own has, whether it is busy or not. */
  private static Optional<StoreView> better(
      ClusterView view, RegionInfo region, Peer peer, Group group, TreeSet<Long> used) {
    int here = group.peers.getOrDefault(peer.getStoreId(), 0);
    return view.stores().stream()
        .filter(store -> !used.contains(store.id()))
        .filter(store -> group.peers.getOrDefault(store.id(), 0) < here)
        .filter(StoreView::isThere)
        .filter(store -> PeerMove.fits(view, region, peer.getStoreId(), store))
        .min(
            Comparator.comparingInt((StoreView s) -> group.peers.getOrDefault(s.id(), 0))
                .thenComparingDouble(store -> store.regionScore(0))
                .thenComparing(StoreView::id));
  }

  private static Peer leader(ClusterView view, RegionInfo region, List<Peer> after, Group group) {
    return after.stream()
        .filter(peer -> peer.getRole() == PeerRole.Voter)
        .filter(peer -> region.peer(peer.getId()).isEmpty() || region.healthy(peer))
        .filter(peer -> view.takesLeaders(peer.getStoreId()) && view.mayLead(region, peer))
        .min(
            Comparator.comparingInt((Peer peer) -> group.leaders.getOrDefault(peer.getStoreId(), 0))
                .thenComparing(Peer::getStoreId))
        .orElse(region.leader().orElseThrow());
  }
}
