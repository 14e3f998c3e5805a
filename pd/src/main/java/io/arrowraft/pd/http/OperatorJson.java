package io.arrowraft.pd.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.arrowraft.pd.schedule.Operator;
import io.arrowraft.pd.schedule.OperatorBoard;
import io.arrowraft.pd.schedule.Step;
import java.util.List;
import java.util.Locale;

/** Operators as PD shows them: a sentence each, or as objects where the caller asks for that. */
final class OperatorJson {
  private OperatorJson() {}

  static ArrayNode sentences(List<Operator> operators) {
    ArrayNode list = JsonNodeFactory.instance.arrayNode();
    operators.forEach(operator -> list.add(sentence(operator)));
    return list;
  }

  static ArrayNode objects(List<Operator> operators) {
    ArrayNode list = JsonNodeFactory.instance.arrayNode();
    operators.forEach(operator -> list.add(object(operator)));
    return list;
  }

  static ObjectNode of(OperatorBoard.Progress progress) {
    return object(progress.operator()).put("status", progress.status().name());
  }

  private static ObjectNode object(Operator operator) {
    ObjectNode node =
        Json.object()
            .put("region_id", operator.regionId())
            .put("desc", operator.description())
            .put("kind", kind(operator));
    ArrayNode steps = node.putArray("steps");
    operator.steps().forEach(step -> steps.add(describe(step)));
    return node;
  }

  private static String sentence(Operator operator) {
    List<String> steps = operator.steps().stream().map(OperatorJson::describe).toList();
    return "%s {%s} (kind:%s, region:%d, steps:%d)"
        .formatted(
            operator.description(),
            String.join(", ", steps),
            kind(operator),
            operator.regionId(),
            steps.size());
  }

  private static String kind(Operator operator) {
    return operator.kind().name().toLowerCase(Locale.ROOT);
  }

  private static String describe(Step step) {
    if (step instanceof Step.AddLearner add) {
      return "add learner peer %d on store %d"
          .formatted(add.peer().getId(), add.peer().getStoreId());
    }
    if (step instanceof Step.Promote promote) {
      return "promote learner peer %d on store %d to voter"
          .formatted(promote.peer().getId(), promote.peer().getStoreId());
    }
    if (step instanceof Step.RemovePeer remove) {
      return "remove peer %d on store %d"
          .formatted(remove.peer().getId(), remove.peer().getStoreId());
    }
    if (step instanceof Step.TransferLeader transfer) {
      return "transfer leader to store %d".formatted(transfer.to().getStoreId());
    }
    if (step instanceof Step.Split split) {
      return "split region at %d keys".formatted(split.keys().size());
    }
    return step.getClass().getSimpleName();
  }
}
