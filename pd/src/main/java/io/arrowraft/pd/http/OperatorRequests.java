package io.arrowraft.pd.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.google.protobuf.ByteString;
import io.arrowraft.pd.operator.Operator;
import io.arrowraft.pd.operator.OperatorBuilder;
import io.arrowraft.pd.operator.Step;
import io.arrowraft.pd.region.RegionInfo;
import io.arrowraft.pd.schedule.ClusterView;
import io.arrowraft.pd.schedule.StoreView;
import io.arrowraft.pd.schedule.check.MergeChecker;
import io.arrowraft.pd.service.LeaderState;
import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.metapb.PeerRole;
import io.arrowraft.proto.pdpb.CheckPolicy;
import io.arrowraft.runtime.EventLoop;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** Operators that people ask for, under the names that PD gave them. */
final class OperatorRequests {
  /** An example for each name, shown to whoever gets one wrong. */
  static final Map<String, String> EXAMPLES = examples();

  private static final List<String> ROLES = List.of("leader", "follower", "voter", "learner");

  private final LeaderState leader;
  private final EventLoop loop;
  private final ClusterView view;
  private final Body body;

  OperatorRequests(LeaderState leader, EventLoop loop, Body body) {
    this.leader = leader;
    this.loop = loop;
    this.view = leader.scheduling().view();
    this.body = body;
  }

  private static Map<String, String> examples() {
    Map<String, String> examples = new LinkedHashMap<>();
    examples.put("transfer-leader", "\"region_id\":2,\"to_store_id\":3");
    examples.put("transfer-region", "\"region_id\":2,\"to_store_ids\":[1,3,4]");
    examples.put("transfer-peer", "\"region_id\":2,\"from_store_id\":1,\"to_store_id\":4");
    examples.put("add-peer", "\"region_id\":2,\"store_id\":4");
    examples.put("add-learner", "\"region_id\":2,\"store_id\":4");
    examples.put("promote-learner", "\"region_id\":2,\"store_id\":4");
    examples.put("remove-peer", "\"region_id\":2,\"store_id\":1");
    examples.put("merge-region", "\"source_region_id\":2,\"target_region_id\":6");
    examples.put("split-region", "\"region_id\":2,\"policy\":\"usekey\",\"keys\":[\"6D\"]");
    examples.put("scatter-region", "\"region_id\":2");
    examples.put("scatter-regions", "\"region_ids\":[2,6],\"group\":\"g\",\"retry_limit\":5");
    examples.replaceAll((name, rest) -> "{\"name\":\"" + name + "\"," + rest + "}");
    return examples;
  }

  static Body parse(String text) {
    Body any = Body.object(text, EXAMPLES.get("transfer-leader"));
    String name = any.text("name");
    String example = EXAMPLES.get(name);
    if (example == null) {
      throw new IllegalArgumentException(
          "there is no operator '" + name + "'; there are " + EXAMPLES.keySet());
    }
    return new Body(any.node(), example);
  }

  /**
   * Begins what is asked for.
   *
   * @return what was begun, in words, or how much of it
   * @throws IllegalArgumentException if it makes no sense, in words for whoever asked
   */
  CompletableFuture<JsonNode> begin() {
    String name = body.text("name");
    switch (name) {
      case "scatter-regions" -> {
        return new ScatterRequest(leader, loop, body).begin();
      }
      case "scatter-region" -> scatter(region("region_id"));
      case "merge-region" -> merge();
      default -> start(operator(name));
    }
    return CompletableFuture.completedFuture(
        JsonNodeFactory.instance.textNode("The operator is created."));
  }

  private Operator operator(String name) {
    RegionInfo region = region("region_id");
    return switch (name) {
      case "transfer-leader" ->
          change(region, "admin-transfer-leader").leader(aliveStore("to_store_id")).build();
      case "transfer-region" -> transferRegion(region);
      case "transfer-peer" -> {
        long from = body.id("from_store_id");
        Peer old =
            region
                .peerOn(from)
                .orElseThrow(
                    () ->
                        new IllegalArgumentException(
                            "region " + region.id() + " has no peer on store " + from));
        yield change(region, "admin-move-peer")
            .add(newPeer(region, aliveStore("to_store_id"), old.getRole()))
            .remove(from)
            .build();
      }
      case "add-peer" ->
          change(region, "admin-add-peer")
              .add(newPeer(region, aliveStore("store_id"), PeerRole.Voter))
              .build();
      case "add-learner" ->
          change(region, "admin-add-learner")
              .add(newPeer(region, aliveStore("store_id"), PeerRole.Learner))
              .build();
      case "promote-learner" -> promoteLearner(region, body.id("store_id"));
      case "remove-peer" -> change(region, "admin-remove-peer").remove(body.id("store_id")).build();
      case "split-region" -> split(region);
      default -> throw new IllegalStateException("no rule for operator " + name);
    };
  }

  private Operator promoteLearner(RegionInfo region, long store) {
    boolean learns =
        region.peerOn(store).filter(peer -> peer.getRole() == PeerRole.Learner).isPresent();
    if (!learns) {
      throw new IllegalArgumentException(
          "region " + region.id() + " has no learner on store " + store);
    }
    return change(region, "admin-promote-learner").role(store, PeerRole.Voter).build();
  }

  /** Peers on exactly the stores that are named, in the roles that are named with them. */
  private Operator transferRegion(RegionInfo region) {
    List<Long> wanted = body.ids("to_store_ids");
    List<String> roles = body.texts("peer_roles");
    OperatorBuilder change = change(region, "admin-move-region");
    for (int i = 0; i < wanted.size(); i++) {
      long store = wanted.get(i);
      String role = i < roles.size() ? roles.get(i) : "voter";
      if (!ROLES.contains(role)) {
        throw new IllegalArgumentException(
            "peer_roles must be of %s, one is '%s'".formatted(ROLES, role));
      }
      PeerRole kind = role.equals("learner") ? PeerRole.Learner : PeerRole.Voter;
      if (region.peerOn(store).isPresent()) {
        change.role(store, kind);
      } else {
        change.add(newPeer(region, alive(store), kind));
      }
      if (role.equals("leader") || (role.equals("voter") && mustFollow(region, wanted, roles))) {
        change.leader(store);
      }
    }
    for (Peer peer : region.peers()) {
      if (!wanted.contains(peer.getStoreId())) {
        change.remove(peer.getStoreId());
      }
    }
    return change.build();
  }

  /** Whether the peer that leads is to be a follower, and nobody else is named as the leader. */
  private static boolean mustFollow(RegionInfo region, List<Long> wanted, List<String> roles) {
    int place = wanted.indexOf(region.leaderStore());
    return place >= 0
        && place < roles.size()
        && roles.get(place).equals("follower")
        && !roles.contains("leader");
  }

  private Operator split(RegionInfo region) {
    CheckPolicy policy =
        switch (body.text("policy", "scan").toLowerCase(Locale.ROOT)) {
          case "scan" -> CheckPolicy.SCAN;
          case "approximate", "approx" -> CheckPolicy.APPROXIMATE;
          case "usekey" -> CheckPolicy.USEKEY;
          default ->
              throw new IllegalArgumentException(
                  "policy must be scan, approximate or usekey; an example is " + body.example());
        };
    List<ByteString> keys = body.keys("keys");
    if (policy == CheckPolicy.USEKEY) {
      if (keys.isEmpty()) {
        throw new IllegalArgumentException(
            "policy usekey needs keys; an example is " + body.example());
      }
      for (ByteString key : keys) {
        if (!region.contains(key) || region.startKey().equals(key)) {
          throw new IllegalArgumentException(
              "key %s does not lie inside region %d, which has [%s, %s)"
                  .formatted(
                      Json.key(key),
                      region.id(),
                      Json.key(region.startKey()),
                      Json.key(region.endKey())));
        }
      }
    }
    return new Operator(
        region.id(),
        Operator.Kind.ADMIN,
        "admin-split-region",
        List.of(new Step.Split(policy, keys, region.epoch().getVersion())));
  }

  private void merge() {
    RegionInfo source = region("source_region_id");
    RegionInfo target = region("target_region_id");
    boolean neighbours =
        (!source.endKey().isEmpty() && source.endKey().equals(target.startKey()))
            || (!target.endKey().isEmpty() && target.endKey().equals(source.startKey()));
    if (!neighbours) {
      throw new IllegalArgumentException(
          "regions %d and %d are no neighbours and cannot be one"
              .formatted(source.id(), target.id()));
    }
    for (RegionInfo each : List.of(source, target)) {
      if (each.peers().stream().anyMatch(peer -> peer.getRole() != PeerRole.Voter)
          || !each.down().isEmpty()) {
        throw new IllegalArgumentException(
            "region %d has peers that are no voters or are down; wait until it is in order"
                .formatted(each.id()));
      }
    }
    List<Operator> both = MergeChecker.merge(view, source, target, Operator.Kind.ADMIN);
    if (!leader.board().begin(both.get(0), both.get(1))) {
      throw new IllegalArgumentException(busy(leader, source.id()));
    }
    leader.advance(source.id());
  }

  private void scatter(RegionInfo region) {
    if (!leader.scatter(region, body.text("group", ""))) {
      throw new IllegalArgumentException(busy(leader, region.id()));
    }
  }

  private void start(Operator operator) {
    if (!leader.board().begin(operator)) {
      throw new IllegalArgumentException(busy(leader, operator.regionId()));
    }
    leader.advance(operator.regionId());
  }

  /** Why a region cannot be worked on, in words. */
  static String busy(LeaderState leader, long region) {
    return leader
        .board()
        .progress(region)
        .filter(progress -> progress.endedMillis() == 0)
        .map(
            progress ->
                "another operator runs for region %d: %s; wait, or cancel it first"
                    .formatted(region, progress.operator().description()))
        .orElse("region " + region + " cannot be worked on at the moment; try again");
  }

  private OperatorBuilder change(RegionInfo region, String description) {
    return view.change(region, Operator.Kind.ADMIN, description);
  }

  private RegionInfo region(String name) {
    long id = body.id(name);
    return leader
        .regions()
        .find(id)
        .orElseThrow(() -> new IllegalArgumentException("there is no region " + id));
  }

  private long aliveStore(String name) {
    return alive(body.id(name));
  }

  private long alive(long id) {
    StoreView store = view.storeOrNull(id);
    if (store == null) {
      throw new IllegalArgumentException("there is no store " + id);
    }
    if (!store.isUp() || store.isDisconnected()) {
      throw new IllegalArgumentException(
          "store %d is %s; choose one that is up"
              .formatted(id, StoreJson.stateName(store.status(), view.config())));
    }
    return id;
  }

  private Peer newPeer(RegionInfo region, long store, PeerRole role) {
    if (region.peerOn(store).isPresent()) {
      throw new IllegalArgumentException(
          "region " + region.id() + " has a peer on store " + store + " already");
    }
    return view.newPeer(store, role)
        .orElseThrow(() -> new IllegalArgumentException("no peer ids are at hand; try again"));
  }
}
