package io.arrowraft.pd.schedule.balance;

import com.fasterxml.jackson.databind.JsonNode;
import io.arrowraft.pd.operator.Operator;
import io.arrowraft.pd.schedule.ClusterView;
import io.arrowraft.pd.schedule.StoreView;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * The stores that a scheduler's settings name: {@code store_id}, or several as {@code store_ids}.
 */
record StoreList(Set<Long> ids) {
  /** Looks for work with one store. */
  @FunctionalInterface
  interface Work {
    /**
     * @param room how many operators may be begun
     */
    List<Operator> of(StoreView store, int room);
  }

  StoreList {
    ids = Collections.unmodifiableSet(new TreeSet<>(ids));
  }

  /**
   * Reads them.
   *
   * @throws IllegalArgumentException if there are none, in words for whoever added the scheduler
   */
  static StoreList of(String scheduler, JsonNode settings) {
    Set<Long> stores = new TreeSet<>();
    settings.path("store_ids").forEach(id -> add(stores, id));
    if (settings.has("store_id")) {
      add(stores, settings.get("store_id"));
    }
    if (stores.isEmpty()) {
      throw new IllegalArgumentException(
          scheduler + " needs the id of a store, such as {\"store_id\":1}");
    }
    return new StoreList(stores);
  }

  private static void add(Set<Long> stores, JsonNode id) {
    if (!id.canConvertToLong() || id.asLong() <= 0) {
      throw new IllegalArgumentException("a store id is a number above 0, not " + id);
    }
    stores.add(id.asLong());
  }

  boolean contains(long store) {
    return ids.contains(store);
  }

  /** The work with each of them that is there, one after the other, until there is no room. */
  List<Operator> propose(ClusterView view, int room, Work work) {
    List<Operator> operators = new ArrayList<>();
    for (long id : ids) {
      StoreView store = view.storeOrNull(id);
      if (store != null) {
        operators.addAll(work.of(store, room - operators.size()));
      }
    }
    return operators;
  }
}
