package io.arrowraft.pd.service;

import io.arrowraft.pd.state.PdCommand;
import io.arrowraft.pd.state.PdResult;
import io.arrowraft.pd.store.StoreStatus;
import io.arrowraft.proto.metapb.Store;
import io.arrowraft.proto.metapb.StoreState;
import io.arrowraft.proto.pdpb.ErrorType;
import io.arrowraft.proto.pdpb.GetAllStoresRequest;
import io.arrowraft.proto.pdpb.GetAllStoresResponse;
import io.arrowraft.proto.pdpb.GetStoreRequest;
import io.arrowraft.proto.pdpb.GetStoreResponse;
import io.arrowraft.proto.pdpb.PDGrpc;
import io.arrowraft.proto.pdpb.PutStoreRequest;
import io.arrowraft.proto.pdpb.PutStoreResponse;
import io.arrowraft.proto.pdpb.ResponseHeader;
import io.arrowraft.proto.pdpb.StoreHeartbeatRequest;
import io.arrowraft.proto.pdpb.StoreHeartbeatResponse;
import io.arrowraft.runtime.TimeSource;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcStatus;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** The stores. */
final class StoreHandlers {
  /** Protocol version that clients may count on. */
  private static final String CLUSTER_VERSION = "6.5.0";

  /** A store that was heard of so lately keeps its address; two heartbeats by default. */
  private static final Duration ALIVE_WITHIN = Duration.ofSeconds(20);

  private final LeaderState leader;
  private final TimeSource time;

  StoreHandlers(LeaderState leader, TimeSource time) {
    this.leader = leader;
    this.time = time;
  }

  void bind(Bindings bindings) {
    bindings.bootstrapped(
        PDGrpc.getGetStoreMethod(),
        GetStoreRequest::getHeader,
        header -> GetStoreResponse.newBuilder().setHeader(header).build(),
        (request, ok, call) -> CompletableFuture.completedFuture(get(request.getStoreId(), ok)));
    bindings.bootstrapped(
        PDGrpc.getGetAllStoresMethod(),
        GetAllStoresRequest::getHeader,
        header -> GetAllStoresResponse.newBuilder().setHeader(header).build(),
        (request, ok, call) -> CompletableFuture.completedFuture(all(request, ok)));
    bindings.bootstrapped(
        PDGrpc.getPutStoreMethod(),
        PutStoreRequest::getHeader,
        header -> PutStoreResponse.newBuilder().setHeader(header).build(),
        (request, ok, call) -> put(request.getStore(), ok));
    bindings.bootstrapped(
        PDGrpc.getStoreHeartbeatMethod(),
        StoreHeartbeatRequest::getHeader,
        header -> StoreHeartbeatResponse.newBuilder().setHeader(header).build(),
        (request, ok, call) -> CompletableFuture.completedFuture(heartbeat(request, ok)));
  }

  private GetStoreResponse get(long id, ResponseHeader ok) {
    StoreStatus status =
        leader
            .stores()
            .status(id)
            .orElseThrow(
                () ->
                    new RpcException(
                        RpcStatus.UNKNOWN,
                        "invalid store ID " + Long.toUnsignedString(id) + ", not found"));
    return GetStoreResponse.newBuilder()
        .setHeader(ok)
        .setStore(described(status))
        .setStats(status.stats())
        .build();
  }

  private GetAllStoresResponse all(GetAllStoresRequest request, ResponseHeader ok) {
    GetAllStoresResponse.Builder response = GetAllStoresResponse.newBuilder().setHeader(ok);
    for (StoreStatus status : leader.stores().all()) {
      if (!request.getExcludeTombstoneStores()
          || status.meta().getState() != StoreState.Tombstone) {
        response.addStores(described(status));
      }
    }
    return response.build();
  }

  private Store described(StoreStatus status) {
    long heardAtMillis = time.wallMillis() - status.silence().toMillis();
    return status.meta().toBuilder().setLastHeartbeat(heardAtMillis * 1_000_000).build();
  }

  private CompletionStage<PutStoreResponse> put(Store store, ResponseHeader ok) {
    if (store.getId() == 0 || store.getAddress().isEmpty()) {
      throw new RpcException(RpcStatus.INVALID_ARGUMENT, "a store needs an id and an address");
    }
    Optional<ResponseHeader> tombstone = tombstone(store.getId(), ok);
    if (tombstone.isPresent()) {
      return CompletableFuture.completedFuture(
          PutStoreResponse.newBuilder().setHeader(tombstone.get()).build());
    }
    return leader
        .log()
        .propose(new PdCommand.PutStore(store, silentAt(store.getAddress())))
        .thenApply(
            result -> {
              if (result instanceof PdResult.Done) {
                leader.stores().registered(store.getId());
              }
              return PutStoreResponse.newBuilder()
                  .setHeader(
                      result instanceof PdResult.Rejected rejected
                          ? Headers.error(ok.getClusterId(), ErrorType.UNKNOWN, rejected.reason())
                          : ok)
                  .build();
            });
  }

  /** Stores of an address that are not there at the moment: another one may listen there now. */
  private List<Long> silentAt(String address) {
    return leader.state().stores().stream()
        .filter(store -> store.getAddress().equals(address))
        .map(Store::getId)
        .filter(id -> !leader.stores().isHeardWithin(id, ALIVE_WITHIN))
        .toList();
  }

  private StoreHeartbeatResponse heartbeat(StoreHeartbeatRequest request, ResponseHeader ok) {
    long id = request.getStats().getStoreId();
    Optional<Store> store = leader.state().store(id);
    ResponseHeader header =
        store.isEmpty()
            ? Headers.error(
                ok.getClusterId(),
                ErrorType.UNKNOWN,
                "store " + Long.toUnsignedString(id) + " is not registered: put it first")
            : tombstone(id, ok).orElse(ok);
    if (!header.hasError()) {
      leader.stores().heartbeat(request.getStats());
      leader.scheduling().heard(request.getStats());
    }
    StoreHeartbeatResponse.Builder response =
        StoreHeartbeatResponse.newBuilder().setHeader(header).setClusterVersion(CLUSTER_VERSION);
    store.ifPresent(known -> response.setState(known.getNodeState()));
    return response.build();
  }

  private Optional<ResponseHeader> tombstone(long id, ResponseHeader ok) {
    return leader
        .state()
        .store(id)
        .filter(store -> store.getState() == StoreState.Tombstone)
        .map(
            store ->
                Headers.error(
                    ok.getClusterId(),
                    ErrorType.STORE_TOMBSTONE,
                    "store " + Long.toUnsignedString(id) + " has been removed from the cluster"));
  }
}
