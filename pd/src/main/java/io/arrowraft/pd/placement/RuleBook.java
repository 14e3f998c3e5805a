package io.arrowraft.pd.placement;

import com.google.protobuf.ByteString;
import io.arrowraft.pd.region.Keys;
import io.arrowraft.pd.region.RegionInfo;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/** All rules, and which of them hold where. */
public final class RuleBook {
  private final TreeMap<String, Rule> rules = new TreeMap<>();
  private final TreeMap<String, RuleGroup> groups = new TreeMap<>();

  /** Rules in force from a key on, up to the next such key. */
  private final TreeMap<ByteString, List<Rule>> segments = new TreeMap<>(Keys.ORDER);

  /**
   * @throws IllegalArgumentException if somewhere no voter or several leaders are wanted, in words
   *     for whoever set the rules
   */
  public RuleBook(Collection<Rule> rules, Collection<RuleGroup> groups) {
    rules.forEach(rule -> this.rules.put(rule.groupId() + "/" + rule.id(), rule));
    groups.forEach(group -> this.groups.put(group.id(), group));
    TreeSet<ByteString> borders = new TreeSet<>(Keys.ORDER);
    borders.add(ByteString.EMPTY);
    for (Rule rule : rules) {
      borders.add(rule.startKey());
      if (!rule.endKey().isEmpty()) {
        borders.add(rule.endKey());
      }
    }
    for (ByteString border : borders) {
      List<Rule> inForce = inForce(border);
      check(border, inForce);
      segments.put(border, inForce);
    }
  }

  /** Rules by group and id. */
  public Collection<Rule> rules() {
    return Collections.unmodifiableCollection(rules.values());
  }

  public Collection<RuleGroup> groups() {
    TreeMap<String, RuleGroup> all = new TreeMap<>();
    rules.values().forEach(rule -> all.put(rule.groupId(), group(rule.groupId())));
    all.putAll(groups);
    return Collections.unmodifiableCollection(all.values());
  }

  public Optional<Rule> rule(String groupId, String id) {
    return Optional.ofNullable(rules.get(groupId + "/" + id));
  }

  public RuleGroup group(String id) {
    return groups.getOrDefault(id, new RuleGroup(id, 0, false));
  }

  /** Rules in force for a region; of one that should be split, those for its first part. */
  public List<Rule> rulesFor(RegionInfo region) {
    return rulesAt(region.startKey());
  }

  public List<Rule> rulesAt(ByteString key) {
    return segments.floorEntry(key).getValue();
  }

  /** Keys inside a range at which other rules begin to hold. */
  public List<ByteString> splitKeys(ByteString start, ByteString end) {
    if (segments.size() == 1) {
      return List.of();
    }
    SortedMap<ByteString, List<Rule>> inside =
        end.isEmpty()
            ? segments.tailMap(start, false)
            : Keys.compare(start, end) < 0
                ? segments.subMap(start, false, end, false)
                : new TreeMap<>();
    List<ByteString> keys = new ArrayList<>();
    List<Rule> before = rulesAt(start);
    for (Map.Entry<ByteString, List<Rule>> segment : inside.entrySet()) {
      if (!segment.getValue().equals(before)) {
        keys.add(segment.getKey());
        before = segment.getValue();
      }
    }
    return keys;
  }

  private List<Rule> inForce(ByteString key) {
    List<RuleGroup> inOrder =
        rules.values().stream()
            .map(rule -> group(rule.groupId()))
            .distinct()
            .sorted(RuleGroup.ORDER)
            .toList();
    List<Rule> all = new ArrayList<>();
    for (RuleGroup group : inOrder) {
      List<Rule> ofGroup = new ArrayList<>();
      for (Rule rule : ofGroupAt(group.id(), key)) {
        if (rule.override()) {
          ofGroup.clear();
        }
        ofGroup.add(rule);
      }
      if (!ofGroup.isEmpty() && group.override()) {
        all.clear();
      }
      all.addAll(ofGroup);
    }
    return List.copyOf(all);
  }

  private List<Rule> ofGroupAt(String group, ByteString key) {
    return rules.values().stream()
        .filter(rule -> rule.groupId().equals(group))
        .filter(rule -> Keys.compare(rule.startKey(), key) <= 0)
        .filter(rule -> rule.endKey().isEmpty() || Keys.compare(key, rule.endKey()) < 0)
        .sorted(Rule.ORDER)
        .toList();
  }

  private static void check(ByteString from, List<Rule> inForce) {
    long leaders = inForce.stream().filter(rule -> rule.role() == Role.LEADER).count();
    boolean leads =
        inForce.stream().anyMatch(r -> r.role() == Role.LEADER || r.role() == Role.VOTER);
    String where =
        from.isEmpty()
            ? "from the beginning of the key space on"
            : "from key " + java.util.HexFormat.of().formatHex(from.toByteArray()) + " on";
    if (!leads) {
      throw new IllegalArgumentException(
          "the rules would leave regions without anyone to lead "
              + where
              + ": a rule with role voter or leader must hold everywhere");
    }
    if (leaders > 1) {
      throw new IllegalArgumentException(
          "the rules would want " + leaders + " leaders " + where + ": a region has one");
    }
  }
}
