package io.arrowraft.pd.settings;

import io.arrowraft.pd.operator.Operator;
import io.arrowraft.pd.schedule.ScheduleLimits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** All settings of scheduling and replication at one moment. */
public final class ScheduleConfig {
  private final EnumMap<Option, Object> values = new EnumMap<>(Option.class);

  private ScheduleConfig() {}

  /** What is in force where nobody has set anything. */
  public static ScheduleConfig defaults(ScheduleLimits limits, int replicas) {
    ScheduleConfig config = new ScheduleConfig();
    for (Option option : Option.values()) {
      config.values.put(option, option.usual());
    }
    config.values.put(Option.LEADER_SCHEDULE_LIMIT, (long) limits.leaderOperatorsMax());
    config.values.put(Option.REPLICA_SCHEDULE_LIMIT, (long) limits.replicaOperatorsMax());
    config.values.put(Option.PATROL_REGION_INTERVAL, limits.interval());
    config.values.put(Option.MAX_STORE_DOWN_TIME, limits.storeDownAfter());
    config.values.put(Option.STORE_DISCONNECT_TIME, limits.storeDisconnectedAfter());
    config.values.put(Option.MAX_REPLICAS, (long) replicas);
    return config;
  }

  /**
   * The same with some values changed.
   *
   * @throws IllegalArgumentException if a value is wrong, or does not go with the others
   */
  public ScheduleConfig with(Map<Option, String> changes) {
    ScheduleConfig changed = new ScheduleConfig();
    changed.values.putAll(values);
    changes.forEach((option, text) -> changed.values.put(option, option.parse(text)));
    changed.check();
    return changed;
  }

  private void check() {
    if (ratio(Option.HIGH_SPACE_RATIO) > ratio(Option.LOW_SPACE_RATIO)) {
      throw new IllegalArgumentException(
          "high-space-ratio (%s) must not be above low-space-ratio (%s)"
              .formatted(ratio(Option.HIGH_SPACE_RATIO), ratio(Option.LOW_SPACE_RATIO)));
    }
    if (downAfter().compareTo(disconnectedAfter()) < 0) {
      throw new IllegalArgumentException(
          "a store cannot be down before it is disconnected: max-store-down-time is %s, store-disconnect-time %s"
              .formatted(Option.text(downAfter()), Option.text(disconnectedAfter())));
    }
    String isolation = text(Option.ISOLATION_LEVEL);
    if (!isolation.isEmpty() && !list(Option.LOCATION_LABELS).contains(isolation)) {
      throw new IllegalArgumentException(
          "isolation-level '%s' must be one of the location-labels, which are %s"
              .formatted(isolation, list(Option.LOCATION_LABELS)));
    }
    for (String property : list(Option.REJECT_LEADER)) {
      if (property.indexOf('=') < 1) {
        throw new IllegalArgumentException(
            "reject-leader takes labels such as zone=b, not '" + property + "'");
      }
    }
  }

  /** Values by option, in a fixed order. */
  public Map<Option, Object> values() {
    return Collections.unmodifiableMap(values);
  }

  public int count(Option option) {
    return (int) Math.min(Integer.MAX_VALUE, (Long) values.get(option));
  }

  public double ratio(Option option) {
    return (Double) values.get(option);
  }

  public boolean flag(Option option) {
    return (Boolean) values.get(option);
  }

  public Duration span(Option option) {
    return (Duration) values.get(option);
  }

  public String text(Option option) {
    return (String) values.get(option);
  }

  public List<String> list(Option option) {
    List<String> texts = new ArrayList<>();
    ((List<?>) values.get(option)).forEach(each -> texts.add((String) each));
    return texts;
  }

  /** Time between two rounds. */
  public Duration interval() {
    return span(Option.PATROL_REGION_INTERVAL);
  }

  /** Silence after which a store's peers are replaced. */
  public Duration downAfter() {
    return span(Option.MAX_STORE_DOWN_TIME);
  }

  /** Silence after which a store gets no new peers and leaders. */
  public Duration disconnectedAfter() {
    return span(Option.STORE_DISCONNECT_TIME);
  }

  /** How many operators of a kind may run at once. */
  public int limit(Operator.Kind kind) {
    return switch (kind) {
      case REPLICA -> count(Option.REPLICA_SCHEDULE_LIMIT);
      case REGION -> count(Option.REGION_SCHEDULE_LIMIT);
      case LEADER -> count(Option.LEADER_SCHEDULE_LIMIT);
      case HOT -> count(Option.HOT_REGION_SCHEDULE_LIMIT);
      case MERGE -> 2 * count(Option.MERGE_SCHEDULE_LIMIT);
      case SPLIT, ADMIN -> Integer.MAX_VALUE;
    };
  }
}
