package io.arrowraft.pd.settings;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.arrowraft.pd.operator.StoreLimit;
import io.arrowraft.pd.placement.Rule;
import io.arrowraft.pd.placement.RuleBook;
import io.arrowraft.pd.placement.RuleGroup;
import io.arrowraft.pd.schedule.ScheduleLimits;
import io.arrowraft.pd.state.PdCommand;
import io.arrowraft.pd.state.PdState;
import io.arrowraft.proto.metapb.Cluster;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The settings in force, and the commands that change them. */
public final class Settings {
  private static final Logger LOG = LoggerFactory.getLogger(Settings.class);
  private static final String CONFIG = "config/";
  private static final String RULE = "rule/";
  private static final String GROUP = "rule-group/";
  private static final String SCHEDULER = "scheduler/";
  private static final String WEIGHT = "store-weight/";
  private static final String LIMIT = "store-limit/";

  /** Stored for a rule that would apply by itself and is not wanted. */
  private static final String ABSENT = "null";

  /** How much of the leaders and of the data a store should have, against others. */
  public record Weight(double leader, double region) {
    public static final Weight USUAL = new Weight(1, 1);

    public Weight {
      if (!(leader >= 0) || !(region >= 0) || Double.isInfinite(leader + region)) {
        throw new IllegalArgumentException(
            "weights must be numbers of 0 or more, are leader " + leader + ", region " + region);
      }
    }
  }

  private final PdState state;
  private final ScheduleLimits limits;
  private final int replicas;
  private final Map<Long, Weight> weights = new HashMap<>();
  private final Map<Long, StoreLimit> storeLimits = new HashMap<>();
  private ScheduleConfig config;
  private RuleBook rules;
  private long revision = -1;
  private int clusterReplicas;

  /**
   * @param limits in force where nobody has set others
   * @param replicas the same
   */
  public Settings(PdState state, ScheduleLimits limits, int replicas) {
    this.state = state;
    this.limits = limits;
    this.replicas = replicas;
    refresh();
  }

  public ScheduleConfig config() {
    refresh();
    return config;
  }

  public RuleBook rules() {
    refresh();
    return rules;
  }

  public Weight weight(long store) {
    refresh();
    return weights.getOrDefault(store, Weight.USUAL);
  }

  public StoreLimit storeLimit(long store) {
    refresh();
    StoreLimit own = storeLimits.get(store);
    double usual = config.ratio(Option.STORE_LIMIT);
    return own == null ? new StoreLimit(usual, usual) : own;
  }

  /** Stored settings of schedulers, by their names. */
  public Map<String, JsonNode> schedulers() {
    Map<String, JsonNode> schedulers = new TreeMap<>();
    state
        .settings()
        .under(SCHEDULER)
        .forEach(
            (name, value) ->
                schedulers.put(name.substring(SCHEDULER.length()), RuleJson.parse(value)));
    return schedulers;
  }

  /** Grows when anything that is set changes. */
  public long revision() {
    return state.settings().revision();
  }

  /**
   * Changes options.
   *
   * @throws IllegalArgumentException if a value is wrong, or does not go with the others
   */
  public PdCommand.ChangeSettings change(Map<Option, String> changes) {
    ScheduleConfig changed = config().with(changes);
    ScheduleConfig usual = ScheduleConfig.defaults(limits, replicas);
    Map<String, String> put = new TreeMap<>();
    List<String> removed = new ArrayList<>();
    for (Option option : changes.keySet()) {
      Object value = changed.values().get(option);
      if (value.equals(usual.values().get(option)) && option != Option.MAX_REPLICAS) {
        removed.add(CONFIG + option.key());
      } else {
        put.put(
            CONFIG + option.key(),
            JsonNodeFactory.instance.textNode(Option.text(value)).toString());
      }
    }
    return new PdCommand.ChangeSettings(put, removed);
  }

  /**
   * Sets rules and forgets others.
   *
   * @param removed as {@code group/id}
   * @throws IllegalArgumentException if the rules would contradict each other
   */
  public PdCommand.ChangeSettings changeRules(List<Rule> put, List<String> removed) {
    TreeMap<String, Rule> changed = new TreeMap<>();
    rules().rules().forEach(rule -> changed.put(nameOf(rule), rule));
    removed.forEach(changed::remove);
    put.forEach(rule -> changed.put(nameOf(rule), rule));
    RuleBook checked = new RuleBook(changed.values(), rules().groups());
    Map<String, String> values = new TreeMap<>();
    List<String> gone = new ArrayList<>();
    for (String name : removed) {
      if (name.equals(Rule.DEFAULT_GROUP + "/" + Rule.DEFAULT_ID)) {
        values.put(RULE + name, ABSENT);
      } else if (!changed.containsKey(name)) {
        gone.add(RULE + name);
      }
    }
    for (Rule rule : put) {
      Rule kept = checked.rule(rule.groupId(), rule.id()).orElse(rule);
      values.put(RULE + nameOf(kept), RuleJson.of(kept).toString());
    }
    return new PdCommand.ChangeSettings(values, gone);
  }

  /** Says how a group stands to others, or forgets what was said. */
  public PdCommand.ChangeSettings changeGroup(RuleGroup group, boolean remove) {
    TreeMap<String, RuleGroup> changed = new TreeMap<>();
    rules().groups().forEach(each -> changed.put(each.id(), each));
    changed.put(group.id(), remove ? new RuleGroup(group.id(), 0, false) : group);
    RuleBook checked = new RuleBook(rules().rules(), changed.values());
    return remove
        ? PdCommand.ChangeSettings.remove(GROUP + group.id())
        : PdCommand.ChangeSettings.put(
            GROUP + group.id(), RuleJson.of(checked.group(group.id())).toString());
  }

  /** Stores a scheduler's settings. */
  public PdCommand.ChangeSettings changeScheduler(String name, JsonNode value) {
    return PdCommand.ChangeSettings.put(SCHEDULER + name, value.toString());
  }

  /** Sets a store's weights. */
  public PdCommand.ChangeSettings changeWeight(long store, Weight weight) {
    return PdCommand.ChangeSettings.put(
        WEIGHT + Long.toUnsignedString(store),
        JsonNodeFactory.instance
            .objectNode()
            .put("leader", weight.leader())
            .put("region", weight.region())
            .toString());
  }

  /** Sets stores' limits. */
  public PdCommand.ChangeSettings changeLimits(Map<Long, StoreLimit> limitsByStore) {
    Map<String, String> put = new TreeMap<>();
    limitsByStore.forEach(
        (store, limit) ->
            put.put(
                LIMIT + Long.toUnsignedString(store),
                JsonNodeFactory.instance
                    .objectNode()
                    .put("add-peer", limit.addPerMinute())
                    .put("remove-peer", limit.removePerMinute())
                    .toString()));
    return new PdCommand.ChangeSettings(put, List.of());
  }

  /** Forgets what was set for a store whose record is dropped. */
  public PdCommand.ChangeSettings forgetStore(long store) {
    String id = Long.toUnsignedString(store);
    return new PdCommand.ChangeSettings(Map.of(), List.of(WEIGHT + id, LIMIT + id));
  }

  private static String nameOf(Rule rule) {
    return rule.groupId() + "/" + rule.id();
  }

  private void refresh() {
    int wanted = state.cluster().map(Cluster::getMaxPeerCount).orElse(0);
    if (revision == state.settings().revision() && clusterReplicas == wanted) {
      return;
    }
    revision = state.settings().revision();
    clusterReplicas = wanted;
    config = readConfig(ScheduleConfig.defaults(limits, wanted > 0 ? wanted : replicas));
    rules = readRules();
    weights.clear();
    readStores(
        WEIGHT,
        (id, node) ->
            weights.put(
                id, new Weight(node.path("leader").asDouble(1), node.path("region").asDouble(1))));
    storeLimits.clear();
    readStores(
        LIMIT,
        (id, node) ->
            storeLimits.put(
                id,
                new StoreLimit(
                    node.path("add-peer").asDouble(), node.path("remove-peer").asDouble())));
  }

  private ScheduleConfig readConfig(ScheduleConfig usual) {
    ScheduleConfig read = usual;
    Map<Option, String> changes = new TreeMap<>();
    state
        .settings()
        .under(CONFIG)
        .forEach(
            (name, value) ->
                Option.named(name.substring(CONFIG.length()))
                    .ifPresent(option -> changes.put(option, RuleJson.parse(value).asText())));
    try {
      read = usual.with(changes);
    } catch (IllegalArgumentException foreign) {
      LOG.warn("stored settings are not understood, the defaults are in force", foreign);
    }
    return read;
  }

  private RuleBook readRules() {
    TreeMap<String, Rule> read = new TreeMap<>();
    Rule usual =
        Rule.usual(
            config.count(Option.MAX_REPLICAS),
            config.list(Option.LOCATION_LABELS),
            config.text(Option.ISOLATION_LEVEL));
    read.put(nameOf(usual), usual);
    if (!config.flag(Option.ENABLE_PLACEMENT_RULES)) {
      return new RuleBook(read.values(), List.of());
    }
    List<RuleGroup> groups = new ArrayList<>();
    try {
      for (Map.Entry<String, String> each : state.settings().under(RULE).entrySet()) {
        if (each.getValue().equals(ABSENT)) {
          read.remove(each.getKey().substring(RULE.length()));
        } else {
          Rule rule = RuleJson.rule(RuleJson.parse(each.getValue()));
          read.put(nameOf(rule), rule);
        }
      }
      for (String value : state.settings().under(GROUP).values()) {
        groups.add(RuleJson.group(RuleJson.parse(value)));
      }
      return new RuleBook(read.values(), groups);
    } catch (IllegalArgumentException foreign) {
      LOG.warn("stored placement rules are not understood, the default is in force", foreign);
      return new RuleBook(List.of(usual), List.of());
    }
  }

  @FunctionalInterface
  private interface StoreValue {
    void take(long id, JsonNode value);
  }

  private void readStores(String prefix, StoreValue taker) {
    state
        .settings()
        .under(prefix)
        .forEach(
            (name, value) -> {
              Optional<Long> id = id(name.substring(prefix.length()));
              try {
                id.ifPresent(store -> taker.take(store, RuleJson.parse(value)));
              } catch (IllegalArgumentException foreign) {
                LOG.atWarn()
                    .addKeyValue("name", name)
                    .setCause(foreign)
                    .log("a stored setting is not understood");
              }
            });
  }

  private static Optional<Long> id(String text) {
    try {
      return Optional.of(Long.parseUnsignedLong(text));
    } catch (NumberFormatException foreign) {
      return Optional.empty();
    }
  }
}
