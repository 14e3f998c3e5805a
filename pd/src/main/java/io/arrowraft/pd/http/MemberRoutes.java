package io.arrowraft.pd.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.arrowraft.pd.member.MemberCalls;
import io.arrowraft.pd.service.Member;
import io.arrowraft.pd.service.OnLoop;
import io.arrowraft.pd.state.PdResult;
import io.arrowraft.rpc.http.HttpAnswer;
import io.arrowraft.rpc.http.HttpRequest;
import io.arrowraft.rpc.http.HttpRoutes;
import io.arrowraft.runtime.Async;
import io.arrowraft.runtime.EventLoop;
import io.arrowraft.runtime.rpc.RpcException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;

/** The paths about members: who is there, who is well, who leads, who shall. */
final class MemberRoutes {
  private static final String API = "/pd/api/v1";
  private static final String VERSION = "6.5.0";
  private static final ObjectMapper JSON = new ObjectMapper();

  private record Picture(long clusterId, List<Member> members, Optional<Member> leader) {}

  private final MemberCalls members;
  private final OnLoop loop;

  MemberRoutes(MemberCalls members, EventLoop loop) {
    this.members = members;
    this.loop = new OnLoop(loop);
  }

  void add(HttpRoutes.Builder builder) {
    builder
        .get(API + "/members", (request, parts) -> look().thenApply(MemberRoutes::list))
        .get(API + "/leader", (request, parts) -> look().thenApply(MemberRoutes::leader))
        .get(API + "/health", (request, parts) -> members.health().thenApply(MemberRoutes::health))
        .get("/health", (request, parts) -> look().thenApply(MemberRoutes::plainHealth))
        .get(
            API + "/ping",
            (request, parts) -> CompletableFuture.completedFuture(json(Json.object())))
        .post(
            API + "/leader/resign",
            (request, parts) -> change(() -> members.changes().transfer(Optional.empty())))
        .post(
            API + "/leader/transfer/{name}",
            (request, parts) ->
                named(parts.get(0), member -> members.changes().transfer(Optional.of(member.id()))))
        .post(
            API + "/members/name/{name}",
            (request, parts) -> {
              int priority = priority(request);
              return named(parts.get(0), member -> members.changes().rank(member.id(), priority));
            })
        .delete(
            API + "/members/name/{name}",
            (request, parts) ->
                named(parts.get(0), member -> members.changes().remove(member.id())))
        .delete(
            API + "/members/id/{id}",
            (request, parts) -> {
              long id = id(parts.get(0));
              return change(() -> members.changes().remove(id));
            });
  }

  private CompletableFuture<Picture> look() {
    return loop.run(
        () ->
            CompletableFuture.completedFuture(
                new Picture(
                    members.book().clusterId(), members.book().all(), members.book().leader())));
  }

  private CompletionStage<HttpAnswer> named(
      String name, Function<Member, CompletableFuture<PdResult>> change) {
    return change(
        () ->
            members.book().all().stream()
                .filter(member -> member.name().equals(name))
                .findFirst()
                .map(change)
                .orElseGet(
                    () ->
                        CompletableFuture.completedFuture(
                            new PdResult.Rejected("there is no member " + name))));
  }

  private CompletionStage<HttpAnswer> change(Supplier<CompletionStage<PdResult>> change) {
    return loop.run(change)
        .handle(
            (result, failure) -> {
              if (failure != null) {
                Throwable cause = Async.cause(failure);
                return HttpAnswer.error(
                    cause instanceof RpcException ? 503 : 500, String.valueOf(cause.getMessage()));
              }
              return result instanceof PdResult.Rejected rejected
                  ? HttpAnswer.error(404, rejected.reason())
                  : json(JsonNodeFactory.instance.textNode("done"));
            });
  }

  private static HttpAnswer list(Picture picture) {
    ObjectNode root = Json.object();
    root.putObject("header").put("cluster_id", Json.unsigned(picture.clusterId()));
    ArrayNode list = root.putArray("members");
    picture.members().forEach(member -> list.add(described(member)));
    picture
        .leader()
        .ifPresent(
            leader -> {
              root.set("leader", described(leader));
              root.set("etcd_leader", described(leader));
            });
    return json(root);
  }

  private static HttpAnswer leader(Picture picture) {
    return picture
        .leader()
        .map(leader -> json(described(leader)))
        .orElseGet(() -> HttpAnswer.error(503, "no member of the placement driver leads"));
  }

  private static HttpAnswer health(List<MemberCalls.Health> all) {
    ArrayNode list = JsonNodeFactory.instance.arrayNode();
    all.forEach(each -> list.add(described(each.member()).put("health", each.healthy())));
    return json(list);
  }

  private static HttpAnswer plainHealth(Picture picture) {
    return json(Json.object().put("health", Boolean.toString(picture.leader().isPresent())));
  }

  private static ObjectNode described(Member member) {
    ObjectNode node =
        Json.object()
            .put("name", member.name())
            .put("member_id", Json.unsigned(member.id()))
            .put("binary_version", VERSION)
            .put("leader_priority", member.priority())
            .put("voter", member.voter());
    node.putArray("peer_urls").add("http://" + member.clientAddress());
    node.putArray("client_urls").add("http://" + member.clientAddress());
    return node;
  }

  private static int priority(HttpRequest request) {
    JsonNode value;
    try {
      value = JSON.readTree(request.body()).path("leader-priority");
    } catch (JsonProcessingException broken) {
      throw new IllegalArgumentException(
          "the body must be JSON such as {\"leader-priority\":1}: " + broken.getOriginalMessage(),
          broken);
    }
    if (!value.canConvertToInt() || !value.isIntegralNumber()) {
      throw new IllegalArgumentException("expected {\"leader-priority\": a whole number}");
    }
    return value.asInt();
  }

  private static long id(String text) {
    try {
      return Long.parseUnsignedLong(text);
    } catch (NumberFormatException notANumber) {
      throw new IllegalArgumentException(
          "member id must be a number, not '" + text + "'", notANumber);
    }
  }

  private static HttpAnswer json(JsonNode node) {
    return HttpAnswer.json(node.toString());
  }
}
