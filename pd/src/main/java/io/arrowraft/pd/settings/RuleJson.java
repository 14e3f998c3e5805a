package io.arrowraft.pd.settings;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import io.arrowraft.pd.placement.LabelConstraint;
import io.arrowraft.pd.placement.Role;
import io.arrowraft.pd.placement.Rule;
import io.arrowraft.pd.placement.RuleGroup;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** Placement rules as JSON, in the form that PD gave them. Keys are hexadecimal. */
public final class RuleJson {
  private static final ObjectMapper JSON = new ObjectMapper();

  private RuleJson() {}

  /**
   * Reads JSON.
   *
   * @throws IllegalArgumentException if it is none
   */
  public static JsonNode parse(String text) {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException broken) {
      throw new IllegalArgumentException(
          "the body must be JSON: " + broken.getOriginalMessage(), broken);
    }
  }

  public static ObjectNode of(Rule rule) {
    ObjectNode node =
        JsonNodeFactory.instance
            .objectNode()
            .put("group_id", rule.groupId())
            .put("id", rule.id())
            .put("index", rule.index())
            .put("override", rule.override())
            .put("start_key", hex(rule.startKey()))
            .put("end_key", hex(rule.endKey()))
            .put("role", rule.role().text())
            .put("count", rule.count());
    ArrayNode constraints = node.putArray("label_constraints");
    for (LabelConstraint constraint : rule.constraints()) {
      ObjectNode each =
          constraints.addObject().put("key", constraint.key()).put("op", constraint.op().text());
      constraint.values().forEach(each.putArray("values")::add);
    }
    rule.locationLabels().forEach(node.putArray("location_labels")::add);
    return node.put("isolation_level", rule.isolationLevel());
  }

  /**
   * Reads a rule.
   *
   * @throws IllegalArgumentException if it is none, in words for whoever wrote it
   */
  public static Rule rule(JsonNode node) {
    List<LabelConstraint> constraints = new ArrayList<>();
    for (JsonNode each : node.path("label_constraints")) {
      constraints.add(
          new LabelConstraint(
              each.path("key").asText(),
              LabelConstraint.Op.named(each.path("op").asText()),
              texts(each.path("values"))));
    }
    return new Rule(
        node.path("group_id").asText(Rule.DEFAULT_GROUP),
        node.path("id").asText(),
        node.path("index").asInt(),
        node.path("override").asBoolean(),
        key("start_key", node.path("start_key").asText()),
        key("end_key", node.path("end_key").asText()),
        Role.named(node.path("role").asText()),
        node.path("count").asInt(),
        constraints,
        texts(node.path("location_labels")),
        node.path("isolation_level").asText());
  }

  public static ObjectNode of(RuleGroup group) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("id", group.id())
        .put("index", group.index())
        .put("override", group.override());
  }

  /** Reads how a group stands to others. */
  public static RuleGroup group(JsonNode node) {
    return new RuleGroup(
        node.path("id").asText(), node.path("index").asInt(), node.path("override").asBoolean());
  }

  private static List<String> texts(JsonNode list) {
    List<String> texts = new ArrayList<>();
    list.forEach(each -> texts.add(each.asText()));
    return texts;
  }

  private static String hex(ByteString key) {
    return HexFormat.of().formatHex(key.toByteArray());
  }

  private static ByteString key(String what, String hex) {
    try {
      return ByteString.copyFrom(HexFormat.of().parseHex(hex));
    } catch (IllegalArgumentException broken) {
      throw new IllegalArgumentException(
          what + " must be a key in hexadecimal, not '" + hex + "'", broken);
    }
  }
}
