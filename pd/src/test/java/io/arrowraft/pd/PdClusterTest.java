package io.arrowraft.pd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arrowraft.pd.client.PdClient;
import io.arrowraft.pd.client.PdClientConfig;
import io.arrowraft.pd.client.PdException;
import io.arrowraft.pd.client.RegionHeartbeats;
import io.arrowraft.pd.client.RegionInfo;
import io.arrowraft.pd.client.Timestamp;
import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.pdpb.AllocIDRequest;
import io.arrowraft.proto.pdpb.AllocIDResponse;
import io.arrowraft.proto.pdpb.GetMembersRequest;
import io.arrowraft.proto.pdpb.GetMembersResponse;
import io.arrowraft.proto.pdpb.PDGrpc;
import io.arrowraft.proto.pdpb.RegionHeartbeatRequest;
import io.arrowraft.proto.pdpb.RegionHeartbeatResponse;
import io.arrowraft.rpc.RpcMethods;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcMethod;
import io.arrowraft.storage.engine.ColumnFamily;
import io.arrowraft.storage.engine.WriteBatch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Three members on a manual clock, as their clients see them. */
class PdClusterTest {
  private final PdCluster cluster = new PdCluster(7, 3);

  @Test
  void threeMembersElectOneLeaderAndServeOneCluster() {
    cluster.start();
    PdClient client = cluster.client();
    long clusterId = cluster.await(client.clusterId());
    assertThat(clusterId).isNotZero();
    assertThat(cluster.nodes.stream().filter(PdCluster.Node::leads)).hasSize(1);
    for (PdCluster.Node node : cluster.nodes) {
      assertThat(cluster.await(node.started)).isEqualTo(clusterId);
    }
  }

  @Test
  void anotherMemberLeadsWithinThreeSecondsOfAKillAndClientsFollow() {
    cluster.start();
    PdClient client = cluster.client();
    assertThat(cluster.await(client.bootstrap(PdHarness.store(1), PdHarness.firstRegion())))
        .isTrue();
    for (int round = 0; round < 5; round++) {
      PdCluster.Node killed = cluster.leader();
      killed.kill();
      long before = cluster.machines.clock.nanos();
      assertThat(cluster.await(client.region(Bytes.EMPTY)).orElseThrow().meta().getId())
          .isEqualTo(100);
      assertThat(Duration.ofNanos(cluster.machines.clock.nanos() - before))
          .isLessThan(Duration.ofSeconds(4));
      cluster.await(killed.restart());
    }
  }

  @Test
  void timestampsAndIdsStayUniqueAndGrowAcrossLeaderKillsAndClocksThatDiffer() {
    cluster.start();
    PdClient client = cluster.client();
    long lastTimestamp = 0;
    Set<Long> ids = new LinkedHashSet<>();
    for (int round = 0; round < 12; round++) {
      cluster.nodes.forEach(
          node ->
              node.machine.stepWallClock(
                  Duration.ofMillis(cluster.machines.random.nextInt(-8000, 8000))));
      List<CompletableFuture<Timestamp>> concurrent = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        concurrent.add(client.timestamp());
        concurrent.add(client.timestamp());
        assertThat(ids.add(cluster.await(client.allocateId()))).isTrue();
      }
      PdCluster.Node killed = cluster.leader();
      killed.kill();
      List<CompletableFuture<Timestamp>> meanwhile = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        meanwhile.add(client.timestamp());
        cluster.advance(Duration.ofMillis(100));
      }
      for (List<CompletableFuture<Timestamp>> group : List.of(concurrent, meanwhile)) {
        for (CompletableFuture<Timestamp> each : group) {
          long value = cluster.await(each).value();
          assertThat(value).isGreaterThan(lastTimestamp);
          lastTimestamp = value;
        }
      }
      cluster.await(killed.restart());
    }
  }

  @Test
  void aLeaderThatIsCutOffGivesOutNothingOnceItsLeaseHasEnded() {
    cluster.start();
    PdCluster.Node isolated = cluster.leader();
    PdClient loyal =
        cluster.client(
            PdClientConfig.defaults(isolated.address())
                .withTimeouts(
                    Duration.ofSeconds(5), Duration.ofMillis(900), Duration.ofMillis(300)));
    cluster.await(loyal.timestamp());
    for (PdCluster.Node other : cluster.followers()) {
      cluster.machines.cut(isolated.machine, other.machine, true);
      cluster.machines.cut(cluster.clients, other.machine, true);
    }
    cluster.advance(Duration.ofMillis(750));
    // It does not know yet that it has been deposed, but the lease is over.
    CompletableFuture<Timestamp> late = loyal.timestamp();
    cluster.advance(Duration.ofSeconds(5));
    assertThatThrownBy(late::join).hasCauseInstanceOf(PdException.class);
    assertThat(isolated.leads()).isFalse();
  }

  @Test
  void clientsLeaveALeaderThatStandsStillAsSoonAsAnotherOneLeads() {
    cluster.start();
    PdClient client = cluster.client();
    long last = cluster.await(client.timestamp()).value();
    PdCluster.Node stopped = cluster.leader();
    stopped.machine.pause(true);
    long from = cluster.machines.clock.nanos();
    CompletableFuture<Long> id = client.allocateId();
    CompletableFuture<Timestamp> timestamp = client.timestamp();
    assertThat(cluster.await(timestamp).value()).isGreaterThan(last);
    cluster.await(id);
    assertThat(Duration.ofNanos(cluster.machines.clock.nanos() - from))
        .isLessThan(Duration.ofSeconds(4));
    // Back again it finds out that its time is over before it answers anybody.
    long newest = cluster.await(client.timestamp()).value();
    PdClient loyal = cluster.client(PdClientConfig.defaults(stopped.address()));
    stopped.machine.pause(false);
    assertThat(cluster.await(loyal.timestamp()).value()).isGreaterThan(newest);
  }

  @Test
  void manyCallersSeeStrictlyGrowingTimestampsWhileLeadersAreKilledAndStandStill() {
    cluster.start();
    List<PdClient> clients = List.of(cluster.client(), cluster.client(), cluster.client());
    Set<Long> all = new LinkedHashSet<>();
    // What had been delivered when a caller asked, and so has to be smaller than its answer.
    long[] delivered = new long[1];
    int[] answers = new int[1];
    for (int step = 0; step < 600; step++) {
      for (PdClient client : clients) {
        long asked = delivered[0];
        client
            .timestamp()
            .thenAccept(
                timestamp -> {
                  assertThat(timestamp.value()).isGreaterThan(asked);
                  assertThat(all.add(timestamp.value())).isTrue();
                  delivered[0] = Math.max(delivered[0], timestamp.value());
                  answers[0]++;
                });
      }
      if (step % 100 == 50) {
        PdCluster.Node leader = cluster.leader();
        leader.machine.stepWallClock(Duration.ofSeconds(step % 200 == 50 ? -30 : 20));
        if (step % 200 == 50) {
          leader.kill();
          cluster.advance(Duration.ofSeconds(3));
          cluster.await(leader.restart());
        } else {
          leader.machine.pause(true);
          cluster.advance(Duration.ofSeconds(4));
          leader.machine.pause(false);
        }
      }
      cluster.advance(Duration.ofMillis(20));
    }
    cluster.advance(Duration.ofSeconds(25));
    assertThat(answers[0]).isEqualTo(1800);
  }

  @Test
  void routingIsCompleteWithinFiveSecondsOfALeaderKill() {
    cluster.start();
    PdClient client = cluster.client();
    cluster.await(client.bootstrap(PdHarness.store(1), PdHarness.firstRegion()));
    Region region = PdHarness.firstRegion();
    RegionHeartbeats[] line = new RegionHeartbeats[1];
    line[0] =
        client.openRegionHeartbeats(
            new RegionHeartbeats.Listener() {
              @Override
              public void onConnected() {
                // As a store does: everything anew.
                cluster.clients.loop("store").execute(() -> line[0].report(report(region)));
              }

              @Override
              public void onOrder(RegionHeartbeatResponse order) {
                // This test moves nothing.
              }
            });
    cluster.advance(Duration.ofSeconds(1));
    for (int round = 0; round < 3; round++) {
      PdCluster.Node killed = cluster.leader();
      killed.kill();
      cluster.advance(Duration.ofSeconds(5));
      PdClient stranger = cluster.client();
      RegionInfo found = cluster.await(stranger.region(Bytes.ofUtf8("k"))).orElseThrow();
      assertThat(found.meta()).isEqualTo(region);
      assertThat(found.leader()).contains(region.getPeers(0));
      cluster.await(killed.restart());
    }
  }

  private static RegionHeartbeatRequest report(Region region) {
    return RegionHeartbeatRequest.newBuilder()
        .setRegion(region)
        .setLeader(region.getPeers(0))
        .setTerm(6)
        .build();
  }

  @Test
  void whatWasDecidedOutlivesTheLeaderThatDecidedIt() {
    cluster.start();
    PdClient client = cluster.client();
    cluster.await(client.bootstrap(PdHarness.store(1), PdHarness.firstRegion()));
    cluster.await(client.advanceGcSafePoint(new Timestamp(100)));
    cluster.await(client.holdSafePoint("backup", Duration.ofHours(1), new Timestamp(120)));
    Set<Long> ids = new LinkedHashSet<>();
    for (int round = 0; round < 4; round++) {
      for (int i = 0; i < 30; i++) {
        assertThat(ids.add(cluster.await(client.allocateId()))).isTrue();
      }
      PdCluster.Node killed = cluster.leader();
      killed.kill();
      assertThat(cluster.await(client.gcSafePoint())).isEqualTo(new Timestamp(100));
      assertThat(cluster.await(client.stores())).hasSize(1);
      cluster.await(killed.restart());
    }
  }

  @Test
  void allMembersKilledAtOnceComeBackWithEverything() {
    cluster.start();
    PdClient client = cluster.client();
    cluster.await(client.bootstrap(PdHarness.store(1), PdHarness.firstRegion()));
    for (int round = 0; round < 5; round++) {
      Timestamp before = cluster.await(client.timestamp());
      long id = cluster.await(client.allocateId());
      cluster.nodes.forEach(PdCluster.Node::kill);
      cluster.nodes.forEach(PdCluster.Node::restart);
      assertThat(cluster.await(client.timestamp())).isGreaterThan(before);
      assertThat(cluster.await(client.allocateId())).isGreaterThan(id);
      assertThat(cluster.await(client.region(Bytes.EMPTY))).isPresent();
    }
  }

  @Test
  void aFollowerRefusesAsThePlacementDriverOfTheProtocolDoes() {
    cluster.start();
    PdCluster.Node follower = cluster.followers().get(0);
    RpcMethod<AllocIDRequest, AllocIDResponse> allocate = RpcMethods.of(PDGrpc.getAllocIDMethod());
    CompletableFuture<AllocIDResponse> refused =
        cluster
            .clients
            .client()
            .call(
                follower.address(),
                allocate,
                AllocIDRequest.getDefaultInstance(),
                Duration.ofSeconds(1));
    cluster.advance(Duration.ofMillis(10));
    assertThatThrownBy(refused::join)
        .hasCauseInstanceOf(RpcException.class)
        .hasMessageContaining("not leader");
    RpcMethod<GetMembersRequest, GetMembersResponse> members =
        RpcMethods.of(PDGrpc.getGetMembersMethod());
    GetMembersResponse answer =
        cluster.await(
            cluster
                .clients
                .client()
                .call(
                    follower.address(),
                    members,
                    GetMembersRequest.getDefaultInstance(),
                    Duration.ofSeconds(1)));
    assertThat(answer.getMembersList()).hasSize(3);
    assertThat(answer.getLeader().getName()).isEqualTo(cluster.leader().name);
    assertThat(answer.getLeader().getClientUrls(0))
        .isEqualTo("http://" + cluster.leader().address());
  }

  @Test
  void aGroupOfOneComesBack() {
    PdCluster one = new PdCluster(3, 1);
    one.start();
    PdClient client = one.client();
    long id = one.await(client.allocateId());
    PdCluster.Node node = one.nodes.get(0);
    node.kill();
    one.await(node.restart());
    assertThat(one.await(client.allocateId())).isGreaterThan(id);
  }

  @Test
  void aDirectoryThatKnowsNoMembersIsThatOfMemberOne() {
    PdCluster one = new PdCluster(5, 1);
    one.start();
    long id = one.await(one.client().allocateId());
    PdCluster.Node node = one.nodes.get(0);
    assertThat(node.driver.memberId()).isGreaterThan(1);
    node.kill();
    WriteBatch forget = new WriteBatch();
    for (char key : new char[] {'c', 'i'}) {
      forget.delete(ColumnFamily.DEFAULT, new byte[] {(byte) key});
    }
    forget.deleteRange(ColumnFamily.DEFAULT, new byte[] {'p', 'n'}, new byte[] {'p', 'o'});
    node.engine.write(forget, true);
    one.await(node.restart());
    assertThat(node.driver.memberId()).isEqualTo(1);
    assertThat(one.await(one.client().allocateId())).isGreaterThan(id);
    node.kill();
    one.await(node.restart());
    assertThat(node.driver.memberId()).isEqualTo(1);
  }
}
