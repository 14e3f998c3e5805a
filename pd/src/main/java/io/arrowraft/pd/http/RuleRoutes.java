package io.arrowraft.pd.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.google.protobuf.ByteString;
import io.arrowraft.pd.placement.Rule;
import io.arrowraft.pd.placement.RuleGroup;
import io.arrowraft.pd.region.RegionInfo;
import io.arrowraft.pd.service.LeaderState;
import io.arrowraft.pd.settings.RuleJson;
import io.arrowraft.pd.settings.Settings;
import io.arrowraft.rpc.http.HttpAnswer;
import io.arrowraft.rpc.http.HttpRoutes;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** Placement rules: showing, setting and removing them. */
final class RuleRoutes {
  private static final String EXAMPLE =
      "{\"group_id\":\"pd\",\"id\":\"default\",\"role\":\"voter\",\"count\":3}";

  private final LeaderState leader;
  private final HttpTasks tasks;

  RuleRoutes(LeaderState leader, HttpTasks tasks) {
    this.leader = leader;
    this.tasks = tasks;
  }

  void add(HttpRoutes.Builder routes) {
    String config = Paths.API + "/config";
    routes
        .get(
            config + "/rules",
            (request, parts) -> tasks.leading(() -> settings().rules().rules(), RuleRoutes::list))
        .post(config + "/rules", (request, parts) -> replaceAll(request.body()))
        .get(
            config + "/rules/group/{group}",
            (request, parts) ->
                tasks.leading(
                    () ->
                        settings().rules().rules().stream()
                            .filter(rule -> rule.groupId().equals(parts.get(0)))
                            .toList(),
                    RuleRoutes::list))
        .get(
            config + "/rules/region/{id}",
            (request, parts) -> {
              long id = Paths.number("region id", parts.get(0));
              return tasks.found(
                  () -> leader.regions().find(id).map(this::rulesFor),
                  RuleRoutes::list,
                  "there is no region " + parts.get(0));
            })
        .get(
            config + "/rules/key/{key}",
            (request, parts) -> {
              ByteString key = RequestKeys.hex(parts.get(0));
              return tasks.leading(() -> settings().rules().rulesAt(key), RuleRoutes::list);
            })
        .get(
            config + "/rule/{group}/{id}",
            (request, parts) ->
                tasks.found(
                    () -> settings().rules().rule(parts.get(0), parts.get(1)),
                    RuleJson::of,
                    "there is no rule " + parts.get(0) + "/" + parts.get(1)))
        .post(
            config + "/rule",
            (request, parts) -> {
              Rule rule = RuleJson.rule(Body.object(request.body(), EXAMPLE).node());
              return changed(List.of(rule), List.of(), "Update rule successfully.");
            })
        .delete(
            config + "/rule/{group}/{id}",
            (request, parts) ->
                changed(
                    List.of(),
                    List.of(parts.get(0) + "/" + parts.get(1)),
                    "Delete rule successfully."));
    addGroups(routes, config);
  }

  private void addGroups(HttpRoutes.Builder routes, String config) {
    routes
        .get(
            config + "/rule_groups",
            (request, parts) ->
                tasks.leading(
                    () -> settings().rules().groups(),
                    groups -> {
                      ArrayNode list = JsonNodeFactory.instance.arrayNode();
                      groups.forEach(group -> list.add(RuleJson.of(group)));
                      return list;
                    }))
        .get(
            config + "/rule_group/{id}",
            (request, parts) ->
                tasks.leading(() -> settings().rules().group(parts.get(0)), RuleJson::of))
        .post(
            config + "/rule_group",
            (request, parts) -> {
              RuleGroup group =
                  RuleJson.group(
                      Body.object(request.body(), "{\"id\":\"g\",\"index\":1,\"override\":true}")
                          .node());
              return tasks.changing(
                  () -> leader.log().propose(settings().changeGroup(group, false)),
                  done -> JsonNodeFactory.instance.textNode("Update rule group successfully."));
            })
        .delete(
            config + "/rule_group/{id}",
            (request, parts) ->
                tasks.changing(
                    () ->
                        leader
                            .log()
                            .propose(
                                settings()
                                    .changeGroup(new RuleGroup(parts.get(0), 0, false), true)),
                    done -> JsonNodeFactory.instance.textNode("Delete rule group successfully.")));
  }

  private CompletionStage<HttpAnswer> replaceAll(String text) {
    JsonNode list = Body.parse(text, "[" + EXAMPLE + "]");
    if (!list.isArray() || list.isEmpty()) {
      throw new IllegalArgumentException("the body must be a list of rules: [" + EXAMPLE + "]");
    }
    List<Rule> rules = new ArrayList<>();
    list.forEach(node -> rules.add(RuleJson.rule(node)));
    List<String> kept = rules.stream().map(RuleRoutes::name).toList();
    return tasks.changing(
        () -> {
          List<String> gone =
              settings().rules().rules().stream()
                  .map(RuleRoutes::name)
                  .filter(name -> !kept.contains(name))
                  .toList();
          return leader.log().propose(settings().changeRules(rules, gone));
        },
        done -> JsonNodeFactory.instance.textNode("Update rules successfully."));
  }

  private CompletionStage<HttpAnswer> changed(List<Rule> put, List<String> removed, String said) {
    return tasks.changing(
        () -> {
          for (String name : removed) {
            if (settings().rules().rules().stream().noneMatch(rule -> name(rule).equals(name))) {
              throw new IllegalArgumentException("there is no rule " + name);
            }
          }
          return leader.log().propose(settings().changeRules(put, removed));
        },
        done -> JsonNodeFactory.instance.textNode(said));
  }

  private Collection<Rule> rulesFor(RegionInfo region) {
    return settings().rules().rulesFor(region);
  }

  private Settings settings() {
    return leader.scheduling().settings();
  }

  private static String name(Rule rule) {
    return rule.groupId() + "/" + rule.id();
  }

  private static JsonNode list(Collection<Rule> rules) {
    ArrayNode list = JsonNodeFactory.instance.arrayNode();
    rules.forEach(rule -> list.add(RuleJson.of(rule)));
    return list;
  }
}
