package io.arrowraft.pd.schedule.round;

import io.arrowraft.pd.settings.ScheduleConfig;
import io.arrowraft.pd.store.StoreStatus;
import io.arrowraft.proto.metapb.StoreState;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Notes in the log when a store comes, falls silent, is given up, or leaves. */
final class StoreWatch {
  private static final Logger LOG = LoggerFactory.getLogger(StoreWatch.class);

  private final Map<Long, String> states = new TreeMap<>();

  /** A change of one store's state; {@code before} is empty for a store that was not known. */
  record Change(long store, String before, String now) {}

  void reset() {
    states.clear();
  }

  /** Looks at all stores, and returns what has been noted. */
  List<Change> look(List<StoreStatus> stores, ScheduleConfig config) {
    List<Change> changes =
        stores.stream()
            .map(
                store ->
                    new Change(
                        store.id(), states.getOrDefault(store.id(), ""), stateOf(store, config)))
            .filter(change -> !change.before().equals(change.now()))
            .toList();
    for (Change change : changes) {
      states.put(change.store(), change.now());
      LOG.atInfo()
          .addKeyValue("store", change.store())
          .addKeyValue("before", change.before())
          .addKeyValue("state", change.now())
          .log("store has changed its state");
    }
    states.keySet().retainAll(stores.stream().map(StoreStatus::id).toList());
    return changes;
  }

  private static String stateOf(StoreStatus store, ScheduleConfig config) {
    if (store.meta().getState() != StoreState.Up) {
      return store.meta().getState().name();
    }
    if (!store.heardWithin(config.downAfter())) {
      return "Down";
    }
    return store.heardWithin(config.disconnectedAfter()) ? "Up" : "Disconnected";
  }
}
