package io.arrowraft.pd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arrowraft.pd.testing.FakeStream;
import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.metapb.PeerRole;
import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.pd.RangeStatisticsRequest;
import io.arrowraft.proto.pd.RangeStatisticsResponse;
import io.arrowraft.proto.pd.StoreLoad;
import io.arrowraft.proto.pdpb.AllocIDRequest;
import io.arrowraft.proto.pdpb.AllocIDResponse;
import io.arrowraft.proto.pdpb.AskBatchSplitRequest;
import io.arrowraft.proto.pdpb.AskBatchSplitResponse;
import io.arrowraft.proto.pdpb.BatchScanRegionsRequest;
import io.arrowraft.proto.pdpb.BatchScanRegionsResponse;
import io.arrowraft.proto.pdpb.BootstrapRequest;
import io.arrowraft.proto.pdpb.BootstrapResponse;
import io.arrowraft.proto.pdpb.ErrorType;
import io.arrowraft.proto.pdpb.GetMembersRequest;
import io.arrowraft.proto.pdpb.GetMembersResponse;
import io.arrowraft.proto.pdpb.GetOperatorRequest;
import io.arrowraft.proto.pdpb.GetOperatorResponse;
import io.arrowraft.proto.pdpb.GetRegionByIDRequest;
import io.arrowraft.proto.pdpb.GetRegionRequest;
import io.arrowraft.proto.pdpb.GetRegionResponse;
import io.arrowraft.proto.pdpb.GetStoreRequest;
import io.arrowraft.proto.pdpb.GetStoreResponse;
import io.arrowraft.proto.pdpb.OperatorStatus;
import io.arrowraft.proto.pdpb.PutStoreRequest;
import io.arrowraft.proto.pdpb.PutStoreResponse;
import io.arrowraft.proto.pdpb.RegionHeartbeatRequest;
import io.arrowraft.proto.pdpb.RegionHeartbeatResponse;
import io.arrowraft.proto.pdpb.ReportBatchSplitRequest;
import io.arrowraft.proto.pdpb.RequestHeader;
import io.arrowraft.proto.pdpb.ScatterRegionRequest;
import io.arrowraft.proto.pdpb.ScatterRegionResponse;
import io.arrowraft.proto.pdpb.SplitRegionsRequest;
import io.arrowraft.proto.pdpb.SplitRegionsResponse;
import io.arrowraft.proto.pdpb.StoreHeartbeatRequest;
import io.arrowraft.proto.pdpb.StoreHeartbeatResponse;
import io.arrowraft.proto.pdpb.TsoRequest;
import io.arrowraft.proto.pdpb.TsoResponse;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcReceiver;
import io.arrowraft.runtime.rpc.RpcStatus;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

class PdServiceTest {
  private final PdHarness pd = new PdHarness();

  private static void assertRefused(CompletableFuture<?> call, RpcStatus status, String message) {
    assertThatThrownBy(call::join)
        .isInstanceOf(CompletionException.class)
        .cause()
        .isInstanceOfSatisfying(RpcException.class, e -> assertThat(e.status()).isEqualTo(status))
        .hasMessageContaining(message);
  }

  private RegionHeartbeatRequest heartbeat(Region region, Peer leader) {
    return RegionHeartbeatRequest.newBuilder()
        .setHeader(pd.header())
        .setRegion(region)
        .setLeader(leader)
        .setTerm(6)
        .setApproximateSize(1)
        .build();
  }

  private static Peer voter(long id, long store) {
    return Peer.newBuilder().setId(id).setStoreId(store).build();
  }

  private static Region threeReplicas() {
    Region.Builder region =
        PdHarness.firstRegion().toBuilder().addPeers(voter(102, 2)).addPeers(voter(103, 3));
    region.getRegionEpochBuilder().setConfVer(5);
    return region.build();
  }

  @Test
  void membersAreToldToAnybodyAndTheLeaderOnlyWhileThereIsOne() {
    GetMembersRequest anybody = GetMembersRequest.getDefaultInstance();
    GetMembersResponse before = pd.await("GetMembers", anybody);
    assertThat(before.getLeader().getMemberId()).isZero();
    pd.lead();
    GetMembersResponse after = pd.await("GetMembers", anybody);
    assertThat(after.getHeader().getClusterId()).isNotZero();
    assertThat(after.getLeader().getClientUrls(0)).isEqualTo("http://127.0.0.1:2379");
    assertThat(after.getMembers(0).getClientUrls(0)).isEqualTo("http://127.0.0.1:2379");
  }

  @Test
  void aMemberThatDoesNotLeadIsUnavailable() {
    CompletableFuture<AllocIDResponse> call =
        pd.call("AllocID", AllocIDRequest.getDefaultInstance());
    pd.loop.advance(Duration.ofMillis(1));
    assertRefused(call, RpcStatus.UNAVAILABLE, "not leader");
  }

  @Test
  void anotherClusterIsRefused() {
    pd.lead();
    CompletableFuture<AllocIDResponse> call =
        pd.call(
            "AllocID",
            AllocIDRequest.newBuilder()
                .setHeader(RequestHeader.newBuilder().setClusterId(5))
                .build());
    pd.loop.advance(Duration.ofMillis(1));
    assertRefused(call, RpcStatus.FAILED_PRECONDITION, "mismatch cluster id");
  }

  @Test
  void everyTimestampRequestIsAnsweredOnceInOrderAndTheStreamCompletes() {
    pd.lead();
    FakeStream<TsoResponse> responses = new FakeStream<>();
    RpcReceiver<TsoRequest> requests = pd.open("Tso", responses);
    for (int count : new int[] {1, 5, 2}) {
      requests.onMessage(TsoRequest.newBuilder().setHeader(pd.header()).setCount(count).build());
    }
    requests.onComplete();
    pd.loop.advance(Duration.ofMillis(100));
    assertThat(responses.sent).extracting(TsoResponse::getCount).containsExactly(1, 5, 2);
    assertThat(responses.sent)
        .extracting(response -> response.getTimestamp().getLogical())
        .isSorted();
    assertThat(responses.completed).isTrue();
  }

  @Test
  void timestampsOfAnotherClusterFailTheStream() {
    pd.lead();
    FakeStream<TsoResponse> responses = new FakeStream<>();
    RpcReceiver<TsoRequest> requests = pd.open("Tso", responses);
    requests.onMessage(TsoRequest.newBuilder().setCount(1).build());
    pd.loop.advance(Duration.ofMillis(100));
    assertThat(responses.failure.status()).isEqualTo(RpcStatus.FAILED_PRECONDITION);
    assertThat(responses.sent).isEmpty();
  }

  @Test
  void beforeBootstrapRoutingSaysSo() {
    pd.lead();
    GetRegionResponse response =
        pd.await("GetRegion", GetRegionRequest.newBuilder().setHeader(pd.header()).build());
    assertThat(response.getHeader().getError().getType()).isEqualTo(ErrorType.NOT_BOOTSTRAPPED);
  }

  @Test
  void bootstrapHappensOnce() {
    pd.lead().bootstrap();
    BootstrapResponse again =
        pd.await(
            "Bootstrap",
            BootstrapRequest.newBuilder()
                .setHeader(pd.header())
                .setStore(PdHarness.store(1))
                .setRegion(PdHarness.firstRegion())
                .build());
    assertThat(again.getHeader().getError().getType()).isEqualTo(ErrorType.ALREADY_BOOTSTRAPPED);
  }

  @Test
  void aMissingRegionIsAnAnswerWithoutOne() {
    pd.lead().bootstrap();
    GetRegionResponse response =
        pd.await(
            "GetRegionByID",
            GetRegionByIDRequest.newBuilder().setHeader(pd.header()).setRegionId(5).build());
    assertThat(response.hasRegion()).isFalse();
    assertThat(response.getHeader().hasError()).isFalse();
  }

  @Test
  void anUnknownStoreIsAnUnknownError() {
    pd.lead().bootstrap();
    CompletableFuture<GetStoreResponse> call =
        pd.call(
            "GetStore", GetStoreRequest.newBuilder().setHeader(pd.header()).setStoreId(9).build());
    pd.loop.advance(Duration.ofMillis(1));
    assertRefused(call, RpcStatus.UNKNOWN, "invalid store ID 9, not found");
  }

  @Test
  void aStoreThatIsNotRegisteredIsTold() {
    pd.lead().bootstrap();
    StoreHeartbeatRequest.Builder request =
        StoreHeartbeatRequest.newBuilder().setHeader(pd.header());
    request.getStatsBuilder().setStoreId(7);
    StoreHeartbeatResponse response = pd.await("StoreHeartbeat", request.build());
    assertThat(response.getHeader().getError().getMessage()).contains("store 7 is not registered");
  }

  @Test
  void idsComeInRanges() {
    pd.lead();
    AllocIDRequest three = AllocIDRequest.newBuilder().setHeader(pd.header()).setCount(3).build();
    AllocIDResponse first = pd.await("AllocID", three);
    AllocIDResponse second = pd.await("AllocID", three);
    assertThat(second.getId()).isEqualTo(first.getId() + 3);
  }

  @Test
  void splitIdsAreGivenForEveryPeer() {
    pd.lead().bootstrap();
    AskBatchSplitResponse response =
        pd.await(
            "AskBatchSplit",
            AskBatchSplitRequest.newBuilder()
                .setHeader(pd.header())
                .setRegion(threeReplicas())
                .setSplitCount(2)
                .build());
    assertThat(response.getIdsList()).hasSize(2);
    assertThat(response.getIds(0).getNewPeerIdsList()).hasSize(3);
    assertThat(response.getIds(1).getNewRegionId())
        .isEqualTo(response.getIds(0).getNewPeerIds(2) + 1);
  }

  @Test
  void routingIsRightAfterASplitIsReported() {
    pd.lead().bootstrap();
    RpcReceiver<RegionHeartbeatRequest> line =
        pd.open("RegionHeartbeat", new FakeStream<RegionHeartbeatResponse>());
    line.onMessage(heartbeat(threeReplicas(), voter(102, 2)));
    Region.Builder parent = threeReplicas().toBuilder().setEndKey(PdHarness.key("m"));
    parent.getRegionEpochBuilder().setVersion(2);
    Region.Builder child =
        Region.newBuilder()
            .setId(200)
            .setStartKey(PdHarness.key("m"))
            .setRegionEpoch(parent.getRegionEpoch())
            .addPeers(voter(201, 1))
            .addPeers(voter(202, 2))
            .addPeers(voter(203, 3));
    pd.await(
        "ReportBatchSplit",
        ReportBatchSplitRequest.newBuilder()
            .setHeader(pd.header())
            .addRegions(child)
            .addRegions(parent)
            .build());
    GetRegionRequest atX =
        GetRegionRequest.newBuilder()
            .setHeader(pd.header())
            .setRegionKey(PdHarness.key("x"))
            .build();
    GetRegionResponse found = pd.await("GetRegion", atX);
    assertThat(found.getRegion().getId()).isEqualTo(200);
    assertThat(found.getLeader().getId()).isEqualTo(202);
    GetRegionResponse before = pd.await("GetPrevRegion", atX);
    assertThat(before.getRegion().getId()).isEqualTo(100);
    BatchScanRegionsRequest.Builder scan =
        BatchScanRegionsRequest.newBuilder().setHeader(pd.header()).setContainAllKeyRange(true);
    scan.addRangesBuilder().setStartKey(PdHarness.key("a")).setEndKey(PdHarness.key("b"));
    scan.addRangesBuilder().setStartKey(PdHarness.key("c")).setEndKey(PdHarness.key("z"));
    BatchScanRegionsResponse both = pd.await("BatchScanRegions", scan.build());
    assertThat(both.getHeader().hasError()).isFalse();
    assertThat(both.getRegionsList())
        .extracting(region -> region.getRegion().getId())
        .containsExactly(100L, 200L);
  }

  @Test
  void aNewRegionIsGivenLearnersThatArePromotedOnceTheyHaveCaughtUp() {
    pd.lead().bootstrap();
    FakeStream<RegionHeartbeatResponse> orders = new FakeStream<>();
    RpcReceiver<RegionHeartbeatRequest> line = pd.open("RegionHeartbeat", orders);
    line.onMessage(heartbeat(PdHarness.firstRegion(), voter(101, 1)));
    pd.loop.advance(Duration.ofSeconds(1));
    RegionHeartbeatResponse add = orders.sent.get(0);
    Peer learner = add.getChangePeer().getPeer();
    assertThat(add.getHeader().getClusterId()).isEqualTo(pd.state.clusterId());
    assertThat(learner.getRole()).isEqualTo(PeerRole.Learner);
    assertThat(learner.getStoreId()).isEqualTo(2);

    orders.sent.clear();
    Region.Builder withLearner = PdHarness.firstRegion().toBuilder().addPeers(learner);
    withLearner.getRegionEpochBuilder().setConfVer(2);
    line.onMessage(
        heartbeat(withLearner.build(), voter(101, 1)).toBuilder().addPendingPeers(learner).build());
    pd.loop.advance(Duration.ofSeconds(3));
    assertThat(orders.sent).isEmpty();

    line.onMessage(heartbeat(withLearner.build(), voter(101, 1)));
    pd.loop.advance(Duration.ofMillis(1));
    assertThat(orders.sent.get(0).getChangePeer().getPeer())
        .isEqualTo(learner.toBuilder().setRole(PeerRole.Voter).build());
  }

  @Test
  void splitsOnRequestAreOrderedAndWaitedFor() {
    pd.lead().bootstrap();
    FakeStream<RegionHeartbeatResponse> orders = new FakeStream<>();
    RpcReceiver<RegionHeartbeatRequest> line = pd.open("RegionHeartbeat", orders);
    line.onMessage(heartbeat(threeReplicas(), voter(102, 2)));
    pd.loop.advance(Duration.ofMillis(1));
    CompletableFuture<SplitRegionsResponse> split =
        pd.call(
            "SplitRegions",
            SplitRegionsRequest.newBuilder()
                .setHeader(pd.header())
                .addSplitKeys(PdHarness.key("m"))
                .build());
    pd.loop.advance(Duration.ofMillis(100));
    assertThat(split).isNotDone();
    assertThat(orders.sent.get(0).getSplitRegion().getKeysList())
        .containsExactly(PdHarness.key("m"));
    Region.Builder child = threeReplicas().toBuilder().setId(200).setStartKey(PdHarness.key("m"));
    child.getRegionEpochBuilder().setVersion(2);
    line.onMessage(heartbeat(child.build(), voter(102, 2)));
    pd.loop.advance(Duration.ofMillis(100));
    assertThat(split.join().getRegionsIdList()).containsExactly(200L);
    assertThat(split.join().getFinishedPercentage()).isEqualTo(100);
  }

  @Test
  void scatteringIsSeenThroughGetOperator() {
    pd.lead().bootstrap();
    FakeStream<RegionHeartbeatResponse> orders = new FakeStream<>();
    RpcReceiver<RegionHeartbeatRequest> line = pd.open("RegionHeartbeat", orders);
    line.onMessage(heartbeat(threeReplicas(), voter(102, 2)));
    pd.loop.advance(Duration.ofMillis(1));
    ScatterRegionResponse scattered =
        pd.await(
            "ScatterRegion",
            ScatterRegionRequest.newBuilder().setHeader(pd.header()).addRegionsId(100).build());
    assertThat(scattered.getFailedRegionsIdList()).isEmpty();
    assertThat(orders.sent.get(0).getTransferLeader().getPeer().getStoreId()).isEqualTo(1);
    GetOperatorRequest ask =
        GetOperatorRequest.newBuilder().setHeader(pd.header()).setRegionId(100).build();
    GetOperatorResponse running = pd.await("GetOperator", ask);
    assertThat(running.getDesc().toStringUtf8()).isEqualTo("scatter-region");
    assertThat(running.getStatus()).isEqualTo(OperatorStatus.RUNNING);
    line.onMessage(heartbeat(threeReplicas(), voter(101, 1)));
    pd.loop.advance(Duration.ofMillis(1));
    GetOperatorResponse done = pd.await("GetOperator", ask);
    assertThat(done.getStatus()).isEqualTo(OperatorStatus.SUCCESS);
  }

  @Test
  void aNewLeadershipRoutesFromTheRecordsAtOnce() {
    pd.lead().bootstrap();
    RpcReceiver<RegionHeartbeatRequest> line =
        pd.open("RegionHeartbeat", new FakeStream<RegionHeartbeatResponse>());
    line.onMessage(heartbeat(threeReplicas(), voter(102, 2)));
    pd.loop.advance(Duration.ofMillis(10));
    PdHarness next = new PdHarness();
    pd.state.records().forEach(record -> next.state.load(record.key(), record.value()));
    next.lead();
    assertThat(next.state.clusterId()).isEqualTo(pd.state.clusterId());
    GetRegionResponse found =
        next.await("GetRegion", GetRegionRequest.newBuilder().setHeader(next.header()).build());
    assertThat(found.getRegion()).isEqualTo(threeReplicas());
    assertThat(found.hasLeader()).isFalse();
  }

  private PutStoreResponse put(long id, String address) {
    return pd.await(
        "PutStore",
        PutStoreRequest.newBuilder()
            .setHeader(pd.header())
            .setStore(PdHarness.store(id).toBuilder().setAddress(address))
            .build());
  }

  @Test
  void storesThatComeBackOnOneAnothersPortsAreTakenInAnyOrder() {
    pd.lead().bootstrap();
    pd.loop.advance(Duration.ofSeconds(30));
    String first = PdHarness.store(1).getAddress();
    assertThat(put(2, first).getHeader().hasError()).isFalse();
    assertThat(put(3, PdHarness.store(2).getAddress()).getHeader().hasError()).isFalse();
    assertThat(put(1, PdHarness.store(3).getAddress()).getHeader().hasError()).isFalse();
    assertThat(pd.state.store(2).orElseThrow().getAddress()).isEqualTo(first);
  }

  @Test
  void theAddressOfAStoreThatIsThereIsRefusedToAnother() {
    pd.lead().bootstrap();
    pd.loop.advance(Duration.ofSeconds(10));
    assertThat(put(2, PdHarness.store(3).getAddress()).getHeader().getError().getMessage())
        .contains("which belongs to store 3");
  }

  @Test
  void rangesAreSummedUpOverTheirRegions() {
    pd.lead().bootstrap();
    RpcReceiver<RegionHeartbeatRequest> line =
        pd.open("RegionHeartbeat", new FakeStream<RegionHeartbeatResponse>());
    line.onMessage(
        heartbeat(threeReplicas(), voter(102, 2)).toBuilder()
            .setApproximateSize(1000)
            .setApproximateKeys(10)
            .build());
    RangeStatisticsResponse sum =
        pd.await(
            "RangeStatistics",
            RangeStatisticsRequest.newBuilder()
                .setHeader(pd.header())
                .setStartKey(PdHarness.key("a"))
                .build());
    assertThat(sum.getRegions()).isEqualTo(1);
    assertThat(sum.getApproximateBytes()).isEqualTo(1000);
    assertThat(sum.getApproximateKeys()).isEqualTo(10);
    assertThat(sum.getStoresList()).extracting(StoreLoad::getLeaders).containsExactly(0L, 1L, 0L);
  }

  @Test
  void aDeposedMemberAnswersNothingMore() {
    pd.lead().bootstrap();
    pd.log.setLeads(false);
    pd.leadership.deposed();
    CompletableFuture<GetRegionResponse> call =
        pd.call("GetRegion", GetRegionRequest.newBuilder().setHeader(pd.header()).build());
    pd.loop.advance(Duration.ofMillis(1));
    assertRefused(call, RpcStatus.UNAVAILABLE, "not leader");
  }
}
