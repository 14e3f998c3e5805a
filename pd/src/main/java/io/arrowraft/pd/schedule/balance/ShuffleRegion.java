package io.arrowraft.pd.schedule.balance;

import io.arrowraft.pd.operator.Operator;
import io.arrowraft.pd.region.RegionInfo;
import io.arrowraft.pd.schedule.ClusterView;
import io.arrowraft.pd.schedule.Scheduler;
import io.arrowraft.pd.schedule.StoreView;
import io.arrowraft.proto.metapb.Peer;
import java.util.List;
import java.util.Optional;

/** Moves replicas about without any sense: for tests of stores. */
public final class ShuffleRegion implements Scheduler {
  private static final int TRIES = 10;

  @Override
  public String name() {
    return "shuffle-region-scheduler";
  }

  @Override
  public Operator.Kind kind() {
    return Operator.Kind.REGION;
  }

  @Override
  public List<Operator> propose(ClusterView view, int room) {
    for (int i = 0; i < TRIES; i++) {
      Optional<RegionInfo> region = view.regions().random(view.random());
      // It does not rest between moves, as it would if it were moved for a reason.
      if (region.isPresent() && view.isFree(region.get()) && view.isHealthy(region.get())) {
        Optional<Operator> operator = move(view, region.get());
        if (operator.isPresent()) {
          view.assume(operator.get());
          return List.of(operator.get());
        }
      }
    }
    return List.of();
  }

  private Optional<Operator> move(ClusterView view, RegionInfo region) {
    List<Peer> peers = region.peers();
    long from = peers.get(view.random().nextInt(peers.size())).getStoreId();
    List<StoreView> targets =
        view.stores().stream()
            .filter(store -> view.takesPeer(store, region))
            .filter(store -> PeerMove.fits(view, region, from, store))
            .toList();
    return targets.isEmpty() || !view.givesPeer(from, region)
        ? Optional.empty()
        : PeerMove.of(
            view,
            region,
            from,
            targets.get(view.random().nextInt(targets.size())),
            kind(),
            "shuffle-region");
  }
}
