package io.arrowraft.pd.schedule.balance;

import io.arrowraft.pd.operator.Operator;
import io.arrowraft.pd.schedule.ClusterView;
import io.arrowraft.pd.schedule.Scheduler;
import io.arrowraft.pd.schedule.StoreView;
import io.arrowraft.pd.settings.Option;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves the leaders away from a store that says that it is slow, until it says that it is not. Only
 * while it is the only one: if all are slow, moving leaders makes things worse.
 */
public final class EvictSlowStore implements Scheduler {
  private static final Logger LOG = LoggerFactory.getLogger(EvictSlowStore.class);

  /** Up to this score a store has recovered. */
  private static final long RECOVERED = 10;

  /** 0: none. */
  private long slowStore;

  @Override
  public String name() {
    return "evict-slow-store-scheduler";
  }

  @Override
  public Operator.Kind kind() {
    return Operator.Kind.LEADER;
  }

  @Override
  public List<Operator> propose(ClusterView view, int room) {
    return view.store(slowStore)
        .map(store -> LeaderMoves.outOf(view, store, room, kind(), "evict-slow-store"))
        .orElse(List.of());
  }

  @Override
  public Set<Long> barredFromLeading(ClusterView view) {
    look(view);
    return slowStore == 0 ? Set.of() : Set.of(slowStore);
  }

  private void look(ClusterView view) {
    if (slowStore != 0) {
      StoreView store = view.storeOrNull(slowStore);
      if (store == null || store.mustLeave() || score(store) <= RECOVERED) {
        LOG.atInfo().addKeyValue("store", slowStore).log("store is not slow any more");
        slowStore = 0;
      }
      return;
    }
    int bound = view.config().count(Option.SLOW_STORE_EVICTING_SCORE);
    List<StoreView> slow =
        view.stores().stream().filter(s -> s.takesLeaders() && score(s) >= bound).toList();
    long well =
        view.stores().stream().filter(s -> s.takesLeaders() && score(s) <= RECOVERED).count();
    if (bound > 0 && slow.size() == 1 && well > 0) {
      slowStore = slow.get(0).id();
      LOG.atWarn()
          .addKeyValue("store", slowStore)
          .addKeyValue("score", score(slow.get(0)))
          .log("store is slow and loses its leaders");
    }
  }

  private static long score(StoreView store) {
    return store.status().stats().getSlowScore();
  }
}
