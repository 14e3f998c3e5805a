package io.arrowraft.pd.schedule.balance;

import io.arrowraft.pd.flow.HotRegion;
import io.arrowraft.pd.operator.Operator;
import io.arrowraft.pd.region.RegionInfo;
import io.arrowraft.pd.schedule.ClusterView;
import io.arrowraft.pd.schedule.Scheduler;
import io.arrowraft.proto.metapb.Peer;
import java.util.List;
import java.util.Optional;

/** Moves the leaders of busy regions about without any sense: for tests of clients. */
public final class ShuffleHot implements Scheduler {
  @Override
  public String name() {
    return "shuffle-hot-region-scheduler";
  }

  @Override
  public Operator.Kind kind() {
    return Operator.Kind.HOT;
  }

  @Override
  public List<Operator> propose(ClusterView view, int room) {
    List<HotRegion> hot = view.hot().hot(view.random().nextBoolean());
    if (hot.isEmpty()) {
      return List.of();
    }
    Optional<RegionInfo> region =
        view.regions()
            .find(hot.get(view.random().nextInt(hot.size())).regionId())
            .filter(view::isFree);
    List<Peer> successors = region.map(view::successors).orElse(List.of());
    if (successors.isEmpty()) {
      return List.of();
    }
    Operator operator =
        LeaderMoves.transfer(
            region.get(),
            successors.get(view.random().nextInt(successors.size())),
            kind(),
            "shuffle-hot-leader");
    view.assume(operator);
    return List.of(operator);
  }
}
