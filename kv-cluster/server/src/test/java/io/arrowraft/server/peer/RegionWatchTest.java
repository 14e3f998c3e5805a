package io.arrowraft.server.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arrowraft.proto.pdpb.PeerStats;
import io.arrowraft.proto.pdpb.RegionHeartbeatRequest;
import io.arrowraft.raft.GroupLogState;
import io.arrowraft.raft.LogWrite;
import io.arrowraft.server.apply.RegionFixture;
import io.arrowraft.server.raw.RawReads;
import io.arrowraft.server.region.RegionRequest;
import io.arrowraft.server.region.RegionSnapshot;
import io.arrowraft.storage.engine.ColumnFamily;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a store measures of its regions: what it splits them for, and what it reports. */
class RegionWatchTest {
  private static final LoadSplitConfig BUSY =
      new LoadSplitConfig(40, 1L << 40, Duration.ofSeconds(3), Duration.ofSeconds(1));

  @Test
  void regionWithManyKeysIsSplit() {
    TestCluster cluster =
        TestCluster.started(
            1, RegionConfig.defaults().withSplits(1L << 40, 100, LoadSplitConfig.defaults()));
    for (int i = 0; i < 200; i++) {
      cluster.mustPut(cluster.regionOf(key(i)), key(i), "v");
    }

    cluster.world.until(
        "a split by keys",
        Duration.ofSeconds(20),
        () -> cluster.nodes.get(1L).regions().regions().size() > 1);
  }

  @Test
  void regionThatIsReadMuchIsSplitWhereTheReadsAre() {
    TestCluster cluster = TestCluster.started(2, busySplits(BUSY));
    readFor(cluster, Duration.ofSeconds(6), 10);

    cluster.world.until(
        "a split by load",
        Duration.ofSeconds(5),
        () -> cluster.nodes.get(1L).regions().regions().size() == 2);
    String cut =
        cluster.nodes.get(1L).regions().regions().get(1).region().getStartKey().toStringUtf8();
    assertThat(cut).isBetween(key(5), key(15));
  }

  @Test
  void shortBurstDoesNotSplit() {
    TestCluster cluster = TestCluster.started(3, busySplits(BUSY));
    readFor(cluster, Duration.ofSeconds(2), 10);
    cluster.world.run(Duration.ofSeconds(5));
    readFor(cluster, Duration.ofSeconds(2), 10);
    cluster.world.run(Duration.ofSeconds(5));

    assertThat(cluster.nodes.get(1L).regions().regions()).hasSize(1);
  }

  @Test
  void regionThatIsWrittenMuchIsSplit() {
    TestCluster cluster = TestCluster.started(4, busySplits(BUSY));
    for (int i = 0; i < 600; i++) {
      String key = key(i % 20);
      long region = cluster.regionOf(key);
      cluster.put(cluster.leaderOf(region), region, key, "v");
      cluster.world.run(Duration.ofMillis(10));
    }

    assertThat(cluster.nodes.get(1L).regions().regions()).hasSizeGreaterThan(1);
  }

  @Test
  void impossibleSplitSettingsAreRefused() {
    assertThatThrownBy(
            () -> new LoadSplitConfig(-1, 1, Duration.ofSeconds(1), Duration.ofSeconds(1)))
        .hasMessageContaining("requestsPerSecond=-1");
    assertThatThrownBy(
            () -> new LoadSplitConfig(1, 1, Duration.ofSeconds(1), Duration.ofSeconds(2)))
        .hasMessageContaining("interval <= sustained");
    assertThatThrownBy(() -> RegionConfig.defaults().withSplits(1, 1, LoadSplitConfig.defaults()))
        .hasMessageContaining("splitKeys=1");
  }

  @Test
  void leaderReportsWhatWasReadAndWritten() {
    TestCluster cluster = TestCluster.started(5, RegionConfig.defaults());
    TestCluster.Node leader = cluster.leaderOf(1);
    leader.store.reportPart(0, 1);
    cluster.world.run(Duration.ofMillis(10));
    for (int i = 0; i < 10; i++) {
      cluster.mustPut(1, key(i), "v");
    }
    for (int i = 0; i < 7; i++) {
      read(cluster, leader, "absent");
    }

    leader.store.reportPart(0, 1);
    cluster.world.run(Duration.ofMillis(10));

    RegionHeartbeatRequest report = cluster.pd.report(1).orElseThrow();
    assertThat(report.getKeysWritten()).isEqualTo(10);
    assertThat(report.getBytesWritten()).isPositive();
    assertThat(report.getKeysRead()).isEqualTo(7);
    assertThat(report.getBytesRead()).isPositive();
    assertThat(report.getQueryStats().getGet()).isEqualTo(7);
    assertThat(report.getApproximateKeys()).isEqualTo(10);
    assertThat(report.getTerm()).isPositive();
    assertThat(report.getInterval().getEndTimestamp()).isPositive();
    cluster.world.run(Duration.ofSeconds(2));
    StoreStatistics store = leader.store.takeStatistics();
    assertThat(store.load().keysRead()).isEqualTo(7);
    assertThat(store.load().keysWritten()).isEqualTo(10);
    assertThat(store.hot()).singleElement().matches(hot -> hot.getRegionId() == 1);
    assertThat(store.logWrites()).isPositive();
    assertThat(store.slowLogWrites()).isZero();
    assertThat(leader.store.takeStatistics().load().isEmpty()).isTrue();
  }

  @Test
  void aReadThatAFollowerServesIsReportedByItsStore() {
    TestCluster cluster = TestCluster.started(12, RegionConfig.defaults());
    cluster.mustPut(1, key(1), "v");
    TestCluster.Node leader = cluster.leaderOf(1);
    TestCluster.Node follower = cluster.followersOf(1).get(0);
    cluster.world.run(Duration.ofSeconds(2));
    follower.store.takeStatistics();
    for (int i = 0; i < 5; i++) {
      RegionRequest plain = cluster.request(follower, 1);
      RegionRequest request =
          new RegionRequest(1, plain.epoch(), plain.peer(), 0, true, false, plain.deadline());
      try (RegionSnapshot snapshot = cluster.world.await(follower.regions().snapshot(request))) {
        RawReads.get(snapshot, RegionFixture.bytes("absent"), 0);
      }
    }

    cluster.world.run(Duration.ofSeconds(2));

    assertThat(follower.store.takeStatistics().hot())
        .singleElement()
        .matches(
            hot ->
                hot.getRegionId() == 1
                    && hot.getReadKeys() == 5
                    && hot.getQueryStats().getGet() == 5);
    assertThat(leader.store.takeStatistics().load().keysRead()).isZero();
    leader.store.reportPart(0, 1);
    cluster.world.run(Duration.ofMillis(10));
    assertThat(cluster.pd.report(1).orElseThrow().getKeysRead()).isZero();
  }

  @Test
  void silentPeerIsPendingAndLaterDown() {
    TestCluster cluster =
        TestCluster.started(
            6,
            RegionConfig.defaults()
                .withSupervision(
                    Supervision.defaults()
                        .withPeerDownAfter(Duration.ofSeconds(30))
                        .withConsistencyInterval(Duration.ZERO)));
    cluster.leaderOf(1);
    TestCluster.Node away = cluster.followersOf(1).get(0);
    cluster.isolate(away);

    cluster.world.until(
        "the peer reported as pending",
        Duration.ofSeconds(10),
        () -> cluster.pd.report(1).orElseThrow().getPendingPeersCount() == 1);
    assertThat(cluster.pd.report(1).orElseThrow().getDownPeersCount()).isZero();

    cluster.world.until(
        "the peer reported as down",
        Duration.ofSeconds(40),
        () -> cluster.pd.report(1).orElseThrow().getDownPeersCount() == 1);
    PeerStats down = cluster.pd.report(1).orElseThrow().getDownPeers(0);
    assertThat(down.getPeer().getStoreId()).isEqualTo(away.id);
    assertThat(down.getDownSeconds()).isBetween(30L, 40L);

    cluster.heal();
    cluster.world.until(
        "the peer reported as well",
        Duration.ofSeconds(10),
        () -> cluster.pd.report(1).orElseThrow().getDownPeersCount() == 0);
  }

  @Test
  void gaugesTellHowFarTheSlowestFollowerIsBehind() {
    TestCluster cluster = TestCluster.started(7, RegionConfig.defaults());
    TestCluster.Node leader = cluster.leaderOf(1);
    TestCluster.Node away = cluster.followersOf(1).get(0);
    cluster.isolate(away);
    for (int i = 0; i < 10; i++) {
      cluster.mustPut(1, key(i), "v");
    }
    cluster.world.run(Duration.ofSeconds(2));
    assertThat(gauge(leader, "follower_lag_entries")).isGreaterThanOrEqualTo(10);
    assertThat(gauge(leader, "follower_lag_max_entries"))
        .isEqualTo(gauge(leader, "follower_lag_entries"));
    assertThat(gauge(leader, "apply_lag_entries")).isZero();
    assertThat(gauge(away, "follower_lag_entries")).isZero();

    cluster.heal();
    cluster.world.until(
        "the gauge of a follower that has caught up",
        Duration.ofSeconds(20),
        () -> gauge(cluster.leaderOf(1), "follower_lag_max_entries") == 0);
  }

  @Test
  void gaugesTellWhatALogHasThatIsNotApplied() {
    TestCluster cluster = TestCluster.started(8, RegionConfig.defaults());
    TestCluster.Node leader = cluster.leaderOf(1);
    List<TestCluster.Node> followers = cluster.followersOf(1);
    followers.forEach(node -> node.logs.stall());
    for (int i = 0; i < 5; i++) {
      cluster.put(leader, 1, key(i), "v");
    }
    cluster.world.until(
        "the gauge of entries that cannot be committed",
        Duration.ofSeconds(5),
        () -> gauge(leader, "apply_lag_max_entries") > 0);
    assertThat(gauge(leader, "apply_lag_entries"))
        .isEqualTo(gauge(leader, "apply_lag_max_entries"));

    followers.forEach(node -> node.logs.goOn());
    cluster.world.until(
        "the gauge of a log that is applied",
        Duration.ofSeconds(20),
        () -> gauge(leader, "apply_lag_entries") == 0);
  }

  @Test
  void leaderWhoseLogStandsStillGivesLeadershipAway() {
    TestCluster cluster = TestCluster.started(9, RegionConfig.defaults());
    TestCluster.Node stalled = cluster.leaderOf(1);
    stalled.logs.stall();
    cluster.put(stalled, 1, key(0), "v");

    cluster.world.until(
        "a leader whose log is written",
        Duration.ofSeconds(10),
        () -> cluster.leaderOf(1).id != stalled.id);
    cluster.mustPut(1, key(1), "w");

    stalled.logs.goOn();
    cluster.world.until(
        "the old leader to have what was written without it",
        Duration.ofSeconds(10),
        () -> stalled.engine.get(ColumnFamily.RAW, RegionFixture.bytes(key(1))) != null);
  }

  @Test
  void nobodyTakesOverWhereAllLogsStandStill() {
    TestCluster cluster = TestCluster.started(10, RegionConfig.defaults());
    TestCluster.Node leader = cluster.leaderOf(1);
    long term = leader.regions().region(1).orElseThrow().term();
    cluster.nodes.values().forEach(node -> node.logs.stall());
    cluster.put(leader, 1, key(0), "v");
    cluster.world.run(Duration.ofSeconds(8));

    assertThat(cluster.leaderOf(1).id).isEqualTo(leader.id);
    assertThat(leader.regions().region(1).orElseThrow().term()).isEqualTo(term);
    cluster.nodes.values().forEach(node -> node.logs.goOn());
    cluster.mustPut(1, key(1), "w");
  }

  @Test
  void storeWithoutRoomLeavesLeadershipToOthers() {
    TestCluster cluster = TestCluster.started(11, RegionConfig.defaults());
    TestCluster.Node full = cluster.leaderOf(1);
    full.store.observeRoom(0);

    cluster.world.until(
        "a leader with room", Duration.ofSeconds(5), () -> cluster.leaderOf(1).id != full.id);
    assertThat(full.store.takeStatistics().full()).isTrue();

    full.store.observeRoom(1);
    assertThat(full.store.takeStatistics().full()).isFalse();
  }

  private static double gauge(TestCluster.Node node, String noun) {
    return node.life.meters().get("arrowraft_store_" + noun).gauge().value();
  }

  @Test
  void logThatStandsStillCountsAsSlow() {
    TestWorld world = new TestWorld(1);
    TestLogs disk = new TestLogs(world);
    disk.attach(new TestWorld.Life());
    LogWatch watch = new LogWatch(disk, world, Duration.ofMillis(500));
    watch.submit(write(world));
    world.run(Duration.ofSeconds(1));
    assertThat(watch.take()).isEqualTo(new LogWatch.Latency(1, 0, false));

    TestWorld.Life gone = new TestWorld.Life();
    gone.end();
    disk.attach(gone);
    watch.submit(write(world));
    world.run(Duration.ofMillis(400));
    assertThat(watch.take()).isEqualTo(new LogWatch.Latency(0, 0, false));
    world.run(Duration.ofMillis(200));
    assertThat(watch.take()).isEqualTo(new LogWatch.Latency(1, 1, true));
  }

  private static LogWrite write(TestWorld world) {
    return new LogWrite(1, GroupLogState.BOOTSTRAP, List.of(), 0, 0, false, true, world::nanos);
  }

  private static RegionConfig busySplits(LoadSplitConfig load) {
    return RegionConfig.defaults().withSplits(1L << 40, 1L << 40, load);
  }

  /** Reads keys in turn, one each {@code everyMillis}. */
  private static void readFor(TestCluster cluster, Duration time, int everyMillis) {
    long rounds = time.toMillis() / everyMillis;
    for (int i = 0; i < rounds; i++) {
      String key = key(i % 20);
      long region = cluster.regionOf(key);
      read(cluster, cluster.leaderOf(region), key, region);
      cluster.world.run(Duration.ofMillis(everyMillis));
    }
  }

  private static void read(TestCluster cluster, TestCluster.Node node, String key) {
    read(cluster, node, key, 1);
  }

  private static void read(TestCluster cluster, TestCluster.Node node, String key, long regionId) {
    try (RegionSnapshot snapshot =
        cluster.world.await(node.regions().snapshot(cluster.request(node, regionId)))) {
      RawReads.get(snapshot, RegionFixture.bytes(key), 0);
    }
  }

  private static String key(int number) {
    return String.format("k%04d", number);
  }
}
