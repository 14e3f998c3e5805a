package io.arrowraft.pd.service;

import com.google.protobuf.ByteString;
import io.arrowraft.pd.region.RegionInfo;
import io.arrowraft.pd.schedule.Operator;
import io.arrowraft.pd.schedule.OperatorBoard;
import io.arrowraft.pd.schedule.Step;
import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.metapb.PeerRole;
import io.arrowraft.proto.pdpb.ErrorType;
import io.arrowraft.proto.pdpb.GetOperatorRequest;
import io.arrowraft.proto.pdpb.GetOperatorResponse;
import io.arrowraft.proto.pdpb.PDGrpc;
import io.arrowraft.proto.pdpb.ResponseHeader;
import io.arrowraft.proto.pdpb.ScatterRegionRequest;
import io.arrowraft.proto.pdpb.ScatterRegionResponse;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/** Spreading regions on request: the leaders of one group go to the stores in turn. */
final class ScatterHandlers {
  private static final String SCATTER = "scatter-region";
  private static final int GROUPS_MAX = 256;

  private final LeaderState leader;
  private final Map<String, TreeMap<Long, Integer>> leadersByGroup =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, TreeMap<Long, Integer>> eldest) {
          return size() > GROUPS_MAX;
        }
      };

  ScatterHandlers(LeaderState leader) {
    this.leader = leader;
  }

  void bind(Bindings bindings) {
    bindings.bootstrapped(
        PDGrpc.getScatterRegionMethod(),
        ScatterRegionRequest::getHeader,
        header -> ScatterRegionResponse.newBuilder().setHeader(header).build(),
        (request, ok, call) -> CompletableFuture.completedFuture(scatter(request, ok)));
    bindings.bootstrapped(
        PDGrpc.getGetOperatorMethod(),
        GetOperatorRequest::getHeader,
        header -> GetOperatorResponse.newBuilder().setHeader(header).build(),
        (request, ok, call) ->
            CompletableFuture.completedFuture(operator(request.getRegionId(), ok)));
  }

  @SuppressWarnings("deprecation") // Older clients name one region in the old field.
  private ScatterRegionResponse scatter(ScatterRegionRequest request, ResponseHeader ok) {
    List<Long> ids = new ArrayList<>(request.getRegionsIdList());
    if (ids.isEmpty()) {
      ids.add(request.getRegionId() != 0 ? request.getRegionId() : request.getRegion().getId());
    }
    List<Long> failed = new ArrayList<>();
    for (long id : ids) {
      Optional<RegionInfo> region = leader.regions().find(id);
      if (region.isEmpty() && ids.size() == 1) {
        return ScatterRegionResponse.newBuilder()
            .setHeader(
                Headers.error(
                    ok.getClusterId(), ErrorType.REGION_NOT_FOUND, "region " + id + " not found"))
            .build();
      }
      if (region.isEmpty() || !scatter(region.get(), request.getGroup())) {
        failed.add(id);
      }
    }
    return ScatterRegionResponse.newBuilder()
        .setHeader(ok)
        .addAllFailedRegionsId(failed)
        .setFinishedPercentage(100L * (ids.size() - failed.size()) / ids.size())
        .build();
  }

  private boolean scatter(RegionInfo region, String group) {
    if (region.leader().isEmpty() || leader.board().isBusy(region.id())) {
      return false;
    }
    TreeMap<Long, Integer> load = leadersByGroup.computeIfAbsent(group, g -> new TreeMap<>());
    Peer target =
        region.peers().stream()
            .filter(peer -> peer.getRole() == PeerRole.Voter && region.healthy(peer))
            .min(
                Comparator.comparingInt((Peer peer) -> load.getOrDefault(peer.getStoreId(), 0))
                    .thenComparing(Peer::getStoreId))
            .orElse(region.leader().get());
    load.merge(target.getStoreId(), 1, Integer::sum);
    Operator operator =
        new Operator(
            region.id(), Operator.Kind.ADMIN, SCATTER, List.of(new Step.TransferLeader(target)));
    if (target.getId() == region.leader().get().getId()) {
      leader.board().recordDone(operator);
      return true;
    }
    boolean begun = leader.board().begin(operator);
    leader.advance(region.id());
    return begun;
  }

  private GetOperatorResponse operator(long regionId, ResponseHeader ok) {
    Optional<OperatorBoard.Progress> progress = leader.board().progress(regionId);
    if (progress.isEmpty()) {
      return GetOperatorResponse.newBuilder()
          .setHeader(
              Headers.error(
                  ok.getClusterId(),
                  ErrorType.REGION_NOT_FOUND,
                  "no operator is known for region " + Long.toUnsignedString(regionId)))
          .build();
    }
    Operator operator = progress.get().operator();
    return GetOperatorResponse.newBuilder()
        .setHeader(ok)
        .setRegionId(regionId)
        .setDesc(ByteString.copyFromUtf8(operator.description()))
        .setKind(ByteString.copyFromUtf8(operator.kind().name().toLowerCase(Locale.ROOT)))
        .setStatus(progress.get().status())
        .build();
  }
}
