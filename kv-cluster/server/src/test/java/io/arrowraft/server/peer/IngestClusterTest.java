package io.arrowraft.server.peer;

import static io.arrowraft.server.ingest.ImportFixture.meta;
import static io.arrowraft.server.ingest.ImportFixture.raw;
import static io.arrowraft.server.ingest.ImportFixture.versions;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arrowraft.proto.eraftpb.ConfChangeType;
import io.arrowraft.proto.errorpb.Error;
import io.arrowraft.proto.importsst.IngestResponse;
import io.arrowraft.proto.importsst.RawWriteResponse;
import io.arrowraft.proto.importsst.SSTMeta;
import io.arrowraft.proto.importsst.WriteResponse;
import io.arrowraft.proto.kvrpcpb.Context;
import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.pdpb.ChangePeer;
import io.arrowraft.proto.pdpb.RegionHeartbeatResponse;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.runtime.Deadline;
import io.arrowraft.runtime.rpc.RpcStatus;
import io.arrowraft.server.fakes.RecordingStream;
import io.arrowraft.server.flow.FlowController;
import io.arrowraft.server.flow.FlowLimits;
import io.arrowraft.server.ingest.ImportFixture;
import io.arrowraft.server.ingest.ImportServices;
import io.arrowraft.server.ingest.IngestConfig;
import io.arrowraft.server.ingest.StagedFiles;
import io.arrowraft.server.region.CollectStep;
import io.arrowraft.server.region.RegionRequest;
import io.arrowraft.server.region.RegionView;
import io.arrowraft.storage.engine.ColumnFamily;
import io.arrowraft.storage.mvcc.MvccKeys;
import java.time.Duration;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Bulk import into a region of three replicas, whatever happens between its steps. */
class IngestClusterTest {
  private static final long TS = 400L << 18;

  private final TestCluster cluster = TestCluster.started(7, RegionConfig.defaults());
  private final TreeMap<Long, ImportFixture> imports = new TreeMap<>();
  private final TreeMap<Long, StagedFiles> files = new TreeMap<>();
  private final TreeMap<Long, Boolean> silent = new TreeMap<>();

  IngestClusterTest() {
    cluster.nodes.values().forEach(this::serve);
  }

  private void serve(TestCluster.Node node) {
    var environment = cluster.world.environment(node.life);
    ImportServices services =
        new ImportServices(
            environment,
            node.engine,
            node.regions(),
            IngestConfig.defaults(),
            new FlowController(FlowLimits.defaults(), cluster.world, environment.meters()),
            (store, asked) ->
                silent.containsKey(store)
                    ? CompletableFuture.failedFuture(new IllegalStateException("no answer"))
                    : CompletableFuture.completedFuture(files.get(store).hold(asked)),
            environment.loops().newLoop("import-timers"));
    services.start();
    imports.put(node.id, new ImportFixture(services));
    files.put(node.id, new StagedFiles(node.engine, IngestConfig.defaults(), cluster.world));
  }

  @Test
  void everyReplicaTakesInWhatWasStreamed() {
    String longValue = "x".repeat(300);
    List<SSTMeta> metas = stage("a", "k1", "v1", "k2", longValue);

    assertThat(ingest(metas).hasError()).isFalse();

    cluster.replicasAgree(1);
    for (TestCluster.Node node : cluster.nodes.values()) {
      assertThat(node.engine.get(ColumnFamily.WRITE, version("k1"))).isNotNull();
      assertThat(node.engine.get(ColumnFamily.DEFAULT, version("k2"))).hasSize(300);
      assertThat(node.engine.sortedFiles().names()).isEmpty();
      cluster.world.until(
          "the counts",
          Duration.ofSeconds(5),
          () -> node.regions().region(1).orElseThrow().approximateKeys() == 2);
    }
    assertThat(cluster.world.await(cluster.leaderOf(1).store.checkConsistency(1)).verdict())
        .isEqualTo(ConsistencyReport.Verdict.CONSISTENT);
  }

  @Test
  void rawPairsAreReadableAfterThePowerOfAllStoresFails() {
    Region region = region();
    for (TestCluster.Node node : cluster.nodes.values()) {
      RecordingStream<RawWriteResponse> answers =
          imports.get(node.id).rawWrite(meta("r", region), raw(0, 0, "a", "1", "b", "2"));
      cluster.world.until("staged", Duration.ofSeconds(5), answers::isCompleted);
    }
    List<SSTMeta> metas = List.of(rawMeta(region));
    assertThat(ingest(metas).hasError()).isFalse();

    cluster.nodes.values().forEach(cluster::crash);
    cluster.nodes.values().forEach(cluster::start);

    cluster.replicasAgree(1);
    cluster.leaderOf(1);
    for (TestCluster.Node node : cluster.nodes.values()) {
      assertThat(
              node.engine.get(
                  ColumnFamily.RAW, "a".getBytes(java.nio.charset.StandardCharsets.UTF_8)))
          .isNotNull();
    }
  }

  @Test
  void aNewLeaderIngestsWhatWasStagedUnderTheOldOne() {
    List<SSTMeta> metas = stage("a", "k1", "v1");
    TestCluster.Node old = cluster.leaderOf(1);
    cluster.isolate(old);
    silent.put(old.id, true);
    TestCluster.Node next = cluster.leaderOf(1);
    assertThat(next).isNotSameAs(old);

    assertThat(ingest(metas).hasError()).isFalse();
    cluster.heal();

    cluster.replicasAgree(1);
    assertThat(old.engine.get(ColumnFamily.WRITE, version("k1"))).isNotNull();
  }

  @Test
  void aFollowerRefusesAndNamesTheLeader() {
    List<SSTMeta> metas = stage("a", "k1", "v1");
    TestCluster.Node follower = cluster.followersOf(1).get(0);
    cluster.world.until(
        "the follower to know its leader",
        Duration.ofSeconds(5),
        () -> follower.regions().region(1).orElseThrow().leader().isPresent());

    Error error = ingestAt(follower, context(region()), metas).getError();

    assertThat(error.getNotLeader().getLeader().getStoreId()).isEqualTo(cluster.leaderOf(1).id);
  }

  @Test
  void aSplitBetweenStagingAndIngestMakesTheFilesUseless() {
    Region before = region();
    List<SSTMeta> metas = stage("a", "k1", "v1");
    cluster.split(1, "m");

    Error old = ingestAt(cluster.leaderOf(1), context(before), metas).getError();
    Error current = ingest(metas).getError();

    assertThat(old.getEpochNotMatch().getCurrentRegionsList()).hasSize(2);
    assertThat(current.hasEpochNotMatch()).isTrue();
    assertThat(cluster.leaderOf(1).engine.get(ColumnFamily.WRITE, version("k1"))).isNull();
    cluster.world.run(Duration.ofSeconds(61));
    for (TestCluster.Node node : cluster.nodes.values()) {
      assertThat(node.engine.sortedFiles().names()).isEmpty();
    }
  }

  @Test
  void aReplicaAddedBetweenStagingAndIngestMakesTheFilesUseless() {
    List<SSTMeta> metas = stage("a", "k1", "v1");
    Region before = region();
    TestCluster.Node added = cluster.addStore(4);
    serve(added);
    for (int attempt = 0; attempt < 20 && region().getPeersCount() < 4; attempt++) {
      cluster.pd.order(
          RegionHeartbeatResponse.newBuilder()
              .setRegionId(1)
              .setRegionEpoch(before.getRegionEpoch())
              .setChangePeer(
                  ChangePeer.newBuilder()
                      .setPeer(Peer.newBuilder().setId(900).setStoreId(4))
                      .setChangeType(ConfChangeType.AddNode))
              .build());
      cluster.world.run(Duration.ofSeconds(1));
    }
    cluster.world.until(
        "the new replica", Duration.ofSeconds(30), () -> added.regions().region(1).isPresent());

    assertThat(ingestAt(cluster.leaderOf(1), context(before), metas).getError().hasEpochNotMatch())
        .isTrue();
    assertThat(ingest(stage("b", "k1", "v1")).hasError()).isFalse();
    cluster.replicasAgree(1);
    assertThat(added.engine.get(ColumnFamily.WRITE, version("k1"))).isNotNull();
  }

  @Test
  void nothingIsProposedWhileAStoreThatAnswersLacksAFile() {
    TestCluster.Node follower = cluster.followersOf(1).get(0);
    List<SSTMeta> metas = stage("a", "k1", "v1");
    follower.engine.sortedFiles().delete(follower.engine.sortedFiles().names().get(0));

    Error error = ingest(metas).getError();

    assertThat(error.getMessage()).contains("store " + follower.id + " lacks file");
    assertThat(cluster.leaderOf(1).engine.get(ColumnFamily.WRITE, version("k1"))).isNull();
  }

  @Test
  void nothingIsProposedWhileAStoreHasOtherContent() {
    TestCluster.Node leader = cluster.leaderOf(1);
    TestCluster.Node follower = cluster.followersOf(1).get(0);
    List<SSTMeta> metas = List.of();
    for (TestCluster.Node node : cluster.nodes.values()) {
      String value = node == follower ? "v2" : "v1";
      RecordingStream<WriteResponse> answers =
          imports.get(node.id).write(meta("a", region()), versions(TS, "k1", value));
      cluster.world.until("staged", Duration.ofSeconds(5), answers::isCompleted);
      metas = node == leader ? answers.sent().get(0).getMetasList() : metas;
    }

    assertThat(ingest(metas).getError().getMessage())
        .contains("store " + follower.id + " lacks file");
  }

  @Test
  void nothingIsProposedUntilAMajorityConfirms() {
    List<SSTMeta> metas = stage("a", "k1", "v1");
    cluster.followersOf(1).forEach(node -> silent.put(node.id, true));

    assertThat(ingest(metas).getError().getServerIsBusy().getReason()).contains("only 1 of 3");
  }

  @Test
  void aReplicaThatLostItsFileStopsWithoutTheEntryAndTheOthersGoOn() {
    TestCluster.Node follower = cluster.followersOf(1).get(0);
    List<SSTMeta> metas = stage("a", "k1", "v1");
    cluster.isolate(follower);
    silent.put(follower.id, true);
    follower.engine.sortedFiles().delete(follower.engine.sortedFiles().names().get(0));
    assertThat(ingest(metas).hasError()).isFalse();

    cluster.heal();

    cluster.world.until(
        "the replica without its file stopped",
        Duration.ofSeconds(20),
        () -> follower.store.takeStatistics().damagedRegions().contains(1L));
    assertThat(follower.engine.get(ColumnFamily.WRITE, version("k1"))).isNull();
    cluster.mustPut(1, "z", "v");
    assertThat(cluster.get(cluster.leaderOf(1), 1, "z")).contains("v");
  }

  @Test
  void aReplicaThatWasDownIngestsWhatItHadStaged() {
    TestCluster.Node follower = cluster.followersOf(1).get(0);
    List<SSTMeta> metas = stage("a", "k1", "v1");
    cluster.crash(follower);
    silent.put(follower.id, true);
    assertThat(ingest(metas).hasError()).isFalse();
    cluster.mustPut(1, "z", "v");

    cluster.start(follower);

    cluster.replicasAgree(1);
    assertThat(follower.engine.get(ColumnFamily.WRITE, version("k1"))).isNotNull();
  }

  @Test
  void versionsAtOrBelowTheSafePointAreNeitherStagedNorIngested() {
    List<SSTMeta> metas = stage("a", "k1", "v1");
    TestCluster.Node leader = cluster.leaderOf(1);

    leader.regions().raiseSafePoint(TS);

    assertThatThrownBy(() -> ingest(metas))
        .rootCause()
        .hasMessageContaining("has fallen behind the GC safe point");
    RecordingStream<WriteResponse> late =
        imports.get(leader.id).write(meta("b", region()), versions(TS, "k1", "v1"));
    cluster.world.until("refused", Duration.ofSeconds(5), () -> late.failure() != null);
    assertThat(late.failure().status()).isEqualTo(RpcStatus.FAILED_PRECONDITION);
    assertThat(leader.engine.get(ColumnFamily.WRITE, version("k1"))).isNull();
    leader.regions().raiseSafePoint(TS - 1);
    assertThat(stageAt(TS + 1, "c", "k1", "v1")).isNotEmpty();
  }

  /** Otherwise the removal of a deletion would bring the older version that came in to light. */
  @Test
  void removalsThatWereComputedBeforeAnIngestAreRefused() {
    TestCluster.Node leader = cluster.leaderOf(1);
    long before = view().appliedIndex();
    assertThat(ingest(stage("a", "k1", "v1")).hasError()).isFalse();

    assertThatThrownBy(() -> collect(leader, before)).rootCause().hasMessageContaining("ingested");

    collect(leader, view().appliedIndex());
    assertThat(leader.regions().safePoint()).isEqualTo(TS + 1);
  }

  private void collect(TestCluster.Node leader, long viewIndex) {
    RegionRequest request =
        RegionRequest.of(context(region()), Deadline.after(Duration.ofSeconds(20), cluster.world));
    cluster.world.await(
        leader
            .regions()
            .collect(request, view().term(), new CollectStep(TS + 1, viewIndex, List.of(), 0)));
  }

  private Region region() {
    return view().region();
  }

  private RegionView view() {
    return cluster.leaderOf(1).regions().region(1).orElseThrow();
  }

  private static SSTMeta rawMeta(Region region) {
    return meta("r", region).toBuilder().setCfName("raw").build();
  }

  /** Streams the same to the stores of all peers. */
  private List<SSTMeta> stage(String id, String... pairs) {
    return stageAt(TS, id, pairs);
  }

  private List<SSTMeta> stageAt(long timestamp, String id, String... pairs) {
    Region region = region();
    List<SSTMeta> metas = List.of();
    for (var peer : region.getPeersList()) {
      RecordingStream<WriteResponse> answers =
          imports.get(peer.getStoreId()).write(meta(id, region), versions(timestamp, pairs));
      cluster.world.until("staged", Duration.ofSeconds(5), answers::isCompleted);
      List<SSTMeta> echoed = answers.sent().get(0).getMetasList();
      assertThat(metas.isEmpty() || metas.equals(echoed)).isTrue();
      metas = echoed;
    }
    return metas;
  }

  private IngestResponse ingest(List<SSTMeta> metas) {
    return ingestAt(cluster.leaderOf(1), context(region()), metas);
  }

  private Context context(Region region) {
    return Context.newBuilder().setRegionId(1).setRegionEpoch(region.getRegionEpoch()).build();
  }

  private IngestResponse ingestAt(TestCluster.Node node, Context context, List<SSTMeta> metas) {
    return cluster.world.await(imports.get(node.id).ingest(context, metas));
  }

  private static byte[] version(String key) {
    return MvccKeys.withTimestamp(MvccKeys.encode(Bytes.ofUtf8(key)), TS);
  }
}
