package io.arrowraft.pd.schedule;

import io.arrowraft.pd.region.RegionInfo;
import io.arrowraft.pd.store.StoreStatus;
import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.metapb.PeerRole;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Evens out the number of leaders on the stores. Among the leaders that could move it prefers those
 * whose neighbours in key order lead from the same store: a table is a run of neighbours, and its
 * scans should use all stores.
 */
final class LeaderSpreader implements Scheduler {
  /** A difference of one cannot be evened out. */
  private static final int DIFFERENCE_MIN = 2;

  private record Move(RegionInfo region, Peer to, int sameNeighbours) {}

  @Override
  public List<Operator> propose(ClusterView view, int room) {
    List<Operator> operators = new ArrayList<>();
    List<Long> moving = new ArrayList<>();
    while (operators.size() < room) {
      Optional<Move> move = best(view, moving);
      if (move.isEmpty()) {
        break;
      }
      RegionInfo region = move.get().region();
      Peer to = move.get().to();
      view.assumeLeaderMoves(region.leaderStore(), to.getStoreId());
      moving.add(region.id());
      operators.add(
          new Operator(
              region.id(),
              Operator.Kind.LEADER,
              "balance-leader",
              List.of(new Step.TransferLeader(to))));
    }
    return operators;
  }

  private static Optional<Move> best(ClusterView view, List<Long> moving) {
    List<StoreStatus> byLeaders =
        view.targets().stream()
            .sorted(
                Comparator.comparingInt((StoreStatus store) -> view.leadersOn(store.id()))
                    .thenComparing(StoreStatus::id))
            .toList();
    // The emptiest store first, each against the fullest that has something to give.
    for (StoreStatus target : byLeaders) {
      for (int i = byLeaders.size() - 1; i >= 0; i--) {
        StoreStatus source = byLeaders.get(i);
        if (view.leadersOn(source.id()) - view.leadersOn(target.id()) < DIFFERENCE_MIN) {
          break;
        }
        Optional<Move> move = bestBetween(view, source.id(), target.id(), moving);
        if (move.isPresent()) {
          return move;
        }
      }
    }
    return Optional.empty();
  }

  private static Optional<Move> bestBetween(
      ClusterView view, long source, long target, List<Long> moving) {
    List<RegionInfo> all = new ArrayList<>(view.regions().all());
    Move best = null;
    for (int i = 0; i < all.size(); i++) {
      RegionInfo region = all.get(i);
      if (region.leaderStore() != source || moving.contains(region.id()) || !view.isFree(region)) {
        continue;
      }
      Optional<Peer> to =
          region
              .peerOn(target)
              .filter(peer -> peer.getRole() == PeerRole.Voter && region.healthy(peer));
      if (to.isEmpty()) {
        continue;
      }
      int same = ledFrom(all, i - 1, source, moving) + ledFrom(all, i + 1, source, moving);
      if (best == null || same > best.sameNeighbours()) {
        best = new Move(region, to.get(), same);
      }
    }
    return Optional.ofNullable(best);
  }

  private static int ledFrom(List<RegionInfo> all, int index, long store, List<Long> moving) {
    return index >= 0
            && index < all.size()
            && all.get(index).leaderStore() == store
            && !moving.contains(all.get(index).id())
        ? 1
        : 0;
  }
}
