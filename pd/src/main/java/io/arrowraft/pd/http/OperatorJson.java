package io.arrowraft.pd.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.arrowraft.pd.operator.Operator;
import io.arrowraft.pd.operator.Progress;
import io.arrowraft.pd.operator.Step;
import java.time.Instant;
import java.util.List;

/** Operators as PD shows them: a sentence each, or as objects where the caller asks for that. */
final class OperatorJson {
  private OperatorJson() {}

  static ArrayNode sentences(List<Operator> operators) {
    ArrayNode list = JsonNodeFactory.instance.arrayNode();
    operators.forEach(operator -> list.add(sentence(operator)));
    return list;
  }

  static ArrayNode progress(List<Progress> all) {
    ArrayNode list = JsonNodeFactory.instance.arrayNode();
    all.forEach(progress -> list.add(of(progress)));
    return list;
  }

  static ObjectNode of(Progress progress) {
    Operator operator = progress.operator();
    ObjectNode node =
        Json.object()
            .put("region_id", operator.regionId())
            .put("desc", operator.description())
            .put("kind", operator.kindText())
            .put("priority", operator.priority().name());
    ArrayNode steps = node.putArray("steps");
    operator.steps().forEach(step -> steps.add(step.describe()));
    node.put("status", progress.status().name())
        .put("current_step", progress.step())
        .put("began", Instant.ofEpochMilli(progress.beganMillis()).toString());
    if (progress.endedMillis() > 0) {
      node.put("finished", Instant.ofEpochMilli(progress.endedMillis()).toString());
    }
    return progress.reason().isEmpty() ? node : node.put("reason", progress.reason());
  }

  private static String sentence(Operator operator) {
    List<String> steps = operator.steps().stream().map(Step::describe).toList();
    return "%s {%s} (kind:%s, region:%d, steps:%d)"
        .formatted(
            operator.description(),
            String.join(", ", steps),
            operator.kindText(),
            operator.regionId(),
            steps.size());
  }
}
