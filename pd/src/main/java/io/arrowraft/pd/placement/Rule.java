package io.arrowraft.pd.placement;

import com.google.protobuf.ByteString;
import io.arrowraft.pd.region.Keys;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * Wants replicas.
 *
 * @param index rules of a group apply in this order
 * @param override whether earlier rules of the group do not apply where this one does
 * @param startKey first key
 * @param endKey first key that is not meant any more; empty: the end of the key space
 * @param constraints all of which a store must meet
 * @param locationLabels from the widest to the narrowest; replicas are spread over their values
 * @param isolationLevel the label whose values must differ between replicas; empty: none must
 */
public record Rule(
    String groupId,
    String id,
    int index,
    boolean override,
    ByteString startKey,
    ByteString endKey,
    Role role,
    int count,
    List<LabelConstraint> constraints,
    List<String> locationLabels,
    String isolationLevel) {
  /** Group of the rule that applies if nobody has set any. */
  public static final String DEFAULT_GROUP = "pd";

  public static final String DEFAULT_ID = "default";

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_.:-]{1,100}");

  /** The order in which rules of one group apply. */
  static final Comparator<Rule> ORDER =
      Comparator.comparingInt(Rule::index).thenComparing(Rule::id);

  public Rule {
    Objects.requireNonNull(role, "role");
    constraints = List.copyOf(constraints);
    locationLabels = List.copyOf(locationLabels);
    requireName("group_id", groupId);
    requireName("id", id);
    String name = groupId + "/" + id;
    if (count < 1) {
      throw new IllegalArgumentException(
          "rule " + name + ": count must be at least 1, is " + count);
    }
    if (role == Role.LEADER && count > 1) {
      throw new IllegalArgumentException(
          "rule " + name + ": a region has one leader, so count must be 1, is " + count);
    }
    if (!endKey.isEmpty() && Keys.compare(startKey, endKey) >= 0) {
      throw new IllegalArgumentException("rule " + name + ": end_key must lie after start_key");
    }
    if (!isolationLevel.isEmpty() && !locationLabels.contains(isolationLevel)) {
      throw new IllegalArgumentException(
          "rule %s: isolation_level '%s' must be one of its location_labels, which are %s"
              .formatted(name, isolationLevel, locationLabels));
    }
  }

  /** The rule that applies if nobody has set any: voters, anywhere. */
  public static Rule usual(int replicas, List<String> locationLabels, String isolationLevel) {
    return new Rule(
        DEFAULT_GROUP,
        DEFAULT_ID,
        0,
        false,
        ByteString.EMPTY,
        ByteString.EMPTY,
        Role.VOTER,
        replicas,
        List.of(),
        locationLabels,
        isolationLevel);
  }

  /** Checks a name of a rule or a group. */
  static void requireName(String what, String name) {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          what + " must be 1 to 100 letters, digits or one of _ . : -, not '" + name + "'");
    }
  }

  /** Whether a store may hold such a replica. */
  public boolean matches(Located store) {
    for (LabelConstraint constraint : constraints) {
      if (!constraint.matches(store)) {
        return false;
      }
    }
    return true;
  }
}
