package io.arrowraft.pd.schedule.balance;

import io.arrowraft.pd.operator.Operator;
import io.arrowraft.pd.operator.Step;
import io.arrowraft.pd.region.RegionInfo;
import io.arrowraft.pd.region.StoreShelf;
import io.arrowraft.pd.schedule.ClusterView;
import io.arrowraft.pd.schedule.StoreView;
import io.arrowraft.proto.metapb.Peer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;

/** Moving leaders away from a store, or to it. */
final class LeaderMoves {
  /** Regions that one round looks at. */
  private static final int LOOKS_MAX = 64;

  private LeaderMoves() {}

  /** Leaders of a store that go to whichever follower has the least to do. */
  static List<Operator> outOf(
      ClusterView view, StoreView store, int room, Operator.Kind kind, String description) {
    return each(
        view,
        store,
        StoreShelf.Kind.LEADER,
        room,
        region ->
            view.successors(region).stream()
                .findFirst()
                .map(to -> transfer(region, to, kind, description)));
  }

  /**
   * Leaders that come to a store which has a follower.
   *
   * @param wanted which of the regions are meant
   */
  static List<Operator> into(
      ClusterView view,
      StoreView store,
      int room,
      Operator.Kind kind,
      String description,
      Predicate<RegionInfo> wanted) {
    return each(
        view,
        store,
        StoreShelf.Kind.FOLLOWER,
        room,
        region ->
            view.successors(region).stream()
                .filter(peer -> peer.getStoreId() == store.id() && wanted.test(region))
                .findFirst()
                .map(to -> transfer(region, to, kind, description)));
  }

  static Operator transfer(RegionInfo region, Peer to, Operator.Kind kind, String description) {
    return new Operator(region.id(), kind, description, List.of(new Step.TransferLeader(to)));
  }

  private static List<Operator> each(
      ClusterView view,
      StoreView store,
      StoreShelf.Kind kind,
      int room,
      Function<RegionInfo, Optional<Operator>> move) {
    List<Operator> operators = new ArrayList<>();
    int count = store.shelf().count(kind);
    int first = count == 0 ? 0 : view.random().nextInt(count);
    for (int i = 0; i < Math.min(count, LOOKS_MAX) && operators.size() < room; i++) {
      Optional<RegionInfo> region =
          view.regions().find(store.shelf().at(kind, (first + i) % count)).filter(view::isFree);
      Optional<Operator> operator = region.flatMap(move);
      operator.ifPresent(view::assume);
      operator.ifPresent(operators::add);
    }
    return operators;
  }
}
