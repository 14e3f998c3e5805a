package io.arrowraft.pd.schedule.balance;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Set;
import java.util.TreeSet;

/** Store ids in a scheduler's settings: {@code store_id}, or several as {@code store_ids}. */
final class StoreList {
  private StoreList() {}

  /**
   * Reads them.
   *
   * @throws IllegalArgumentException if there are none, in words for whoever added the scheduler
   */
  static Set<Long> of(String scheduler, JsonNode settings) {
    Set<Long> stores = new TreeSet<>();
    settings.path("store_ids").forEach(id -> add(stores, id));
    if (settings.has("store_id")) {
      add(stores, settings.get("store_id"));
    }
    if (stores.isEmpty()) {
      throw new IllegalArgumentException(
          scheduler + " needs the id of a store, such as {\"store_id\":1}");
    }
    return stores;
  }

  private static void add(Set<Long> stores, JsonNode id) {
    if (!id.canConvertToLong() || id.asLong() <= 0) {
      throw new IllegalArgumentException("a store id is a number above 0, not " + id);
    }
    stores.add(id.asLong());
  }
}
