package io.arrowraft.cli.ctl;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.arrowraft.proto.store.CheckConsistencyRequest;
import io.arrowraft.proto.store.CheckConsistencyResponse;
import io.arrowraft.proto.store.ReplicaDigest;
import io.arrowraft.proto.store.StoreAdminGrpc;
import io.arrowraft.rpc.RpcMethods;
import io.arrowraft.rpc.grpc.GrpcRpcClient;
import io.arrowraft.rpc.grpc.GrpcTransportOptions;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcMethod;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Has the leader of a region compare its replicas. */
@Command(
    name = "check-consistency",
    mixinStandardHelpOptions = true,
    description =
        "Compare the replicas of a region at one log index. A minority that differs is stopped and"
            + " replaced.")
final class ConsistencyQuery implements Callable<Integer> {
  private static final RpcMethod<CheckConsistencyRequest, CheckConsistencyResponse> CHECK =
      RpcMethods.of(StoreAdminGrpc.getCheckConsistencyMethod());

  /** Longer than a leader waits for the hashes of its peers. */
  private static final Duration BOUND = Duration.ofSeconds(60);

  @Parameters(paramLabel = "ID", description = "The region.")
  private long id;

  @Mixin private PdQuestions pd;

  @Override
  public Integer call() {
    JsonNode region = pd.ask("/region/id/" + id);
    JsonNode leader = region.at("/leader/store_id");
    if (leader.isMissingNode()) {
      throw new IllegalStateException(
          region.isNull() ? "there is no region " + id : "region " + id + " has no leader now");
    }
    String address = pd.ask("/store/" + leader.asText()).at("/store/address").asText();
    CheckConsistencyResponse found = check(address);
    if (!found.getError().isEmpty()) {
      throw new IllegalStateException("store at " + address + ": " + found.getError());
    }
    pd.print(json(found), ConsistencyQuery::table);
    return found.getVerdict().equals("consistent") ? 0 : 1;
  }

  private CheckConsistencyResponse check(String address) {
    try (GrpcRpcClient stores = new GrpcRpcClient("ctl", GrpcTransportOptions.defaults())) {
      return stores
          .call(address, CHECK, CheckConsistencyRequest.newBuilder().setRegionId(id).build(), BOUND)
          .toCompletableFuture()
          .join();
    } catch (CompletionException failed) {
      if (failed.getCause() instanceof RpcException refused) {
        throw new IllegalStateException(
            "no answer of the store at " + address + ": " + refused.getMessage(), refused);
      }
      throw failed;
    }
  }

  private static JsonNode json(CheckConsistencyResponse found) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("verdict", found.getVerdict());
    json.put("index", found.getIndex());
    for (ReplicaDigest replica : found.getReplicasList()) {
      json.withArray("replicas")
          .addObject()
          .put("peer", replica.getPeer().getId())
          .put("store", replica.getPeer().getStoreId())
          .put("state", replica.getState().name().substring(5).toLowerCase(Locale.ROOT))
          .put("hash", "%016x".formatted(replica.getHash()));
    }
    return json;
  }

  private static Table table(JsonNode found) {
    Table table = new Table("PEER", "STORE", "STATE", "HASH", "INDEX", "VERDICT");
    for (JsonNode replica : found.path("replicas")) {
      table.row(
          replica.path("peer"),
          replica.path("store"),
          replica.path("state"),
          replica.path("hash"),
          found.path("index"),
          found.path("verdict"));
    }
    return table;
  }
}
