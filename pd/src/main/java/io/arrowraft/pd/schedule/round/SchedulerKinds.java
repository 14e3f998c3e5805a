package io.arrowraft.pd.schedule.round;

import com.fasterxml.jackson.databind.JsonNode;
import io.arrowraft.pd.schedule.Scheduler;
import io.arrowraft.pd.schedule.balance.BalanceHot;
import io.arrowraft.pd.schedule.balance.BalanceLeader;
import io.arrowraft.pd.schedule.balance.BalanceRegion;
import io.arrowraft.pd.schedule.balance.EvictLeader;
import io.arrowraft.pd.schedule.balance.EvictSlowStore;
import io.arrowraft.pd.schedule.balance.GrantLeader;
import io.arrowraft.pd.schedule.balance.RejectLeader;
import io.arrowraft.pd.schedule.balance.ShuffleHot;
import io.arrowraft.pd.schedule.balance.ShuffleLeader;
import io.arrowraft.pd.schedule.balance.ShuffleRegion;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/** Schedulers by the names that PD gave them. */
final class SchedulerKinds {
  /** Those that run unless someone objects. */
  static final List<String> ALWAYS =
      List.of(
          "balance-hot-region-scheduler",
          "balance-leader-scheduler",
          "balance-region-scheduler",
          "evict-slow-store-scheduler",
          "label-scheduler");

  private static final Map<String, Function<JsonNode, Scheduler>> KINDS = kinds();

  private SchedulerKinds() {}

  private static Map<String, Function<JsonNode, Scheduler>> kinds() {
    TreeMap<String, Function<JsonNode, Scheduler>> kinds = new TreeMap<>();
    kinds.put("balance-leader-scheduler", config -> new BalanceLeader());
    kinds.put("balance-region-scheduler", config -> new BalanceRegion());
    kinds.put(BalanceHot.NAME, config -> new BalanceHot());
    kinds.put("evict-slow-store-scheduler", config -> new EvictSlowStore());
    kinds.put("label-scheduler", config -> new RejectLeader());
    kinds.put(EvictLeader.NAME, EvictLeader::new);
    kinds.put(GrantLeader.NAME, GrantLeader::new);
    kinds.put("shuffle-leader-scheduler", config -> new ShuffleLeader());
    kinds.put("shuffle-region-scheduler", config -> new ShuffleRegion());
    kinds.put("shuffle-hot-region-scheduler", config -> new ShuffleHot());
    return kinds;
  }

  static boolean isKnown(String name) {
    return KINDS.containsKey(name);
  }

  /**
   * A scheduler with its settings.
   *
   * @throws IllegalArgumentException if there is no such scheduler, or the settings are wrong
   */
  static Scheduler create(String name, JsonNode config) {
    Function<JsonNode, Scheduler> kind = KINDS.get(name);
    if (kind == null) {
      throw new IllegalArgumentException(
          "there is no scheduler '" + name + "'; there are " + KINDS.keySet());
    }
    return kind.apply(config);
  }
}
