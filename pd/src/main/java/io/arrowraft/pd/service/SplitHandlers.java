package io.arrowraft.pd.service;

import com.google.protobuf.ByteString;
import io.arrowraft.pd.operator.Operator;
import io.arrowraft.pd.operator.Step;
import io.arrowraft.pd.region.RegionInfo;
import io.arrowraft.pd.region.ReportOutcome;
import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.pdpb.AskBatchSplitRequest;
import io.arrowraft.proto.pdpb.AskBatchSplitResponse;
import io.arrowraft.proto.pdpb.ErrorType;
import io.arrowraft.proto.pdpb.PDGrpc;
import io.arrowraft.proto.pdpb.ReportBatchSplitRequest;
import io.arrowraft.proto.pdpb.ReportBatchSplitResponse;
import io.arrowraft.proto.pdpb.ResponseHeader;
import io.arrowraft.proto.pdpb.SplitID;
import io.arrowraft.proto.pdpb.SplitRegionsRequest;
import io.arrowraft.proto.pdpb.SplitRegionsResponse;
import io.arrowraft.runtime.Deadline;
import io.arrowraft.runtime.EventLoop;
import io.arrowraft.runtime.TimeSource;
import io.arrowraft.runtime.rpc.RpcCall;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Splits: ids for those that stores want, news of those that are done, and orders for those that
 * users want.
 */
final class SplitHandlers {
  private static final int SPLIT_KEYS_MAX = 10_000;
  private static final Duration POLL = Duration.ofMillis(50);
  private static final Duration SPLIT_WAIT_MAX = Duration.ofSeconds(10);

  /** Left of a caller's time for the answer to travel. */
  private static final Duration ANSWER_MARGIN = Duration.ofMillis(100);

  private final LeaderState leader;
  private final EventLoop loop;
  private final TimeSource time;

  SplitHandlers(LeaderState leader, EventLoop loop, TimeSource time) {
    this.leader = leader;
    this.loop = loop;
    this.time = time;
  }

  void bind(Bindings bindings) {
    bindings.bootstrapped(
        PDGrpc.getAskBatchSplitMethod(),
        AskBatchSplitRequest::getHeader,
        header -> AskBatchSplitResponse.newBuilder().setHeader(header).build(),
        (request, ok, call) -> ask(request, ok));
    bindings.bootstrapped(
        PDGrpc.getReportBatchSplitMethod(),
        ReportBatchSplitRequest::getHeader,
        header -> ReportBatchSplitResponse.newBuilder().setHeader(header).build(),
        (request, ok, call) -> {
          report(request.getRegionsList());
          return CompletableFuture.completedFuture(
              ReportBatchSplitResponse.newBuilder().setHeader(ok).build());
        });
    bindings.bootstrapped(
        PDGrpc.getSplitRegionsMethod(),
        SplitRegionsRequest::getHeader,
        header -> SplitRegionsResponse.newBuilder().setHeader(header).build(),
        this::split);
  }

  private CompletionStage<AskBatchSplitResponse> ask(
      AskBatchSplitRequest request, ResponseHeader ok) {
    int splits = request.getSplitCount();
    int peers = request.getRegion().getPeersCount();
    if (splits < 1 || splits > SPLIT_KEYS_MAX || peers < 1) {
      throw new RpcException(
          RpcStatus.INVALID_ARGUMENT,
          "ids for " + splits + " regions of " + peers + " peers were asked for");
    }
    RegionInfo known = leader.regions().find(request.getRegion().getId()).orElse(null);
    if (known != null
        && Long.compareUnsigned(
                request.getRegion().getRegionEpoch().getVersion(), known.epoch().getVersion())
            < 0) {
      return CompletableFuture.completedFuture(
          AskBatchSplitResponse.newBuilder()
              .setHeader(
                  Headers.error(
                      ok.getClusterId(),
                      ErrorType.UNKNOWN,
                      "region " + known.id() + " has been split since: its epoch is old"))
              .build());
    }
    return leader
        .ids()
        .next(splits * (1 + peers))
        .thenApply(
            last -> {
              AskBatchSplitResponse.Builder response =
                  AskBatchSplitResponse.newBuilder().setHeader(ok);
              long next = last - (long) splits * (1 + peers) + 1;
              for (int i = 0; i < splits; i++) {
                SplitID.Builder ids = response.addIdsBuilder().setNewRegionId(next++);
                for (int p = 0; p < peers; p++) {
                  ids.addNewPeerIds(next++);
                }
              }
              return response.build();
            });
  }

  private void report(List<Region> regions) {
    long parent =
        regions.stream()
            .map(Region::getId)
            .filter(id -> leader.regions().find(id).isPresent())
            .findFirst()
            .orElse(0L);
    // The parent first: it has to shrink before its children can take their ranges.
    List<Region> ordered = new ArrayList<>();
    regions.stream().filter(region -> region.getId() == parent).forEach(ordered::add);
    regions.stream().filter(region -> region.getId() != parent).forEach(ordered::add);
    for (Region region : ordered) {
      if (leader.regions().reshape(region, parent) instanceof ReportOutcome.Accepted accepted) {
        leader.recorder().record(region, accepted);
        leader
            .regions()
            .find(region.getId())
            .ifPresent(known -> leader.scheduling().changed(known, accepted));
        leader.scheduling().split(region.getId());
      }
    }
  }

  private CompletionStage<SplitRegionsResponse> split(
      SplitRegionsRequest request, ResponseHeader ok, RpcCall call) {
    List<ByteString> keys = request.getSplitKeysList();
    if (keys.isEmpty()
        || keys.size() > SPLIT_KEYS_MAX
        || keys.stream().anyMatch(ByteString::isEmpty)) {
      throw new RpcException(
          RpcStatus.INVALID_ARGUMENT,
          "between 1 and " + SPLIT_KEYS_MAX + " split keys are needed, none of them empty");
    }
    Deadline deadline = Deadline.after(SPLIT_WAIT_MAX, time);
    if (call.deadline().isPresent()) {
      deadline =
          deadline.min(new Deadline(call.deadline().get().atNanos() - ANSWER_MARGIN.toNanos()));
    }
    CompletableFuture<SplitRegionsResponse> answer = new CompletableFuture<>();
    poll(keys, ok, deadline, answer);
    return answer;
  }

  private void poll(
      List<ByteString> keys,
      ResponseHeader ok,
      Deadline deadline,
      CompletableFuture<SplitRegionsResponse> answer) {
    List<Long> done = new ArrayList<>();
    Map<Long, List<ByteString>> open = new TreeMap<>();
    for (ByteString key : keys) {
      leader
          .regions()
          .startingAt(key)
          .ifPresentOrElse(
              region -> done.add(region.id()),
              () ->
                  leader
                      .regions()
                      .find(key)
                      .ifPresent(
                          region ->
                              open.computeIfAbsent(region.id(), id -> new ArrayList<>()).add(key)));
    }
    if (done.size() == keys.size() || deadline.isExpired(time)) {
      answer.complete(
          SplitRegionsResponse.newBuilder()
              .setHeader(ok)
              .setFinishedPercentage(100L * done.size() / keys.size())
              .addAllRegionsId(done)
              .build());
      return;
    }
    open.forEach(
        (id, splitKeys) -> {
          Operator operator =
              new Operator(
                  id, Operator.Kind.ADMIN, "split-region", List.of(Step.Split.at(splitKeys)));
          if (leader.board().begin(operator)) {
            leader.advance(id);
          }
        });
    loop.schedule(POLL, () -> poll(keys, ok, deadline, answer));
  }
}
