package io.arrowraft.e2e.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.arrowraft.e2e.load.FaultLoad;
import io.arrowraft.e2e.load.Registers;
import io.arrowraft.pd.client.RegionInfo;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * Each kind of fault once, on one cluster of three stores whose processes lose what they have not
 * synced when they are killed.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ProcessFaultTest {
  private static final int STORES = 3;

  /** Leases are shorter than a second, elections end within two. */
  private static final Duration LONGER_THAN_LEASE = Duration.ofSeconds(4);

  private static final Duration WITHOUT_MINORITY_BOUND = Duration.ofSeconds(20);

  private Optional<TestNetwork> network;
  private FaultSession session;

  @BeforeAll
  void start(@TempDir Path data) throws Exception {
    network = TestNetwork.tryOpen(STORES + 1);
    session =
        FaultSession.start(
            data,
            FaultCluster.Options.of(network, STORES).withWords(FaultCluster.Options.FORGETFUL));
  }

  @AfterEach
  void everybodyIsReachable() {
    network.ifPresent(TestNetwork::heal);
  }

  @AfterAll
  void stop() {
    if (session != null) {
      session.close();
    }
    network.ifPresent(TestNetwork::close);
  }

  @Test
  void aLeaderIsKilled() throws Exception {
    session.under(
        shape("leader-killed"),
        load -> {
          ServerNode leader = leader(load);
          leader.kill();
          FaultSession.awaitProgress(load, "writes without the store", WITHOUT_MINORITY_BOUND);
          leader.start().awaitReady();
        });
  }

  @Test
  void thePlacementDriverIsKilled() throws Exception {
    session.under(
        shape("pd-killed"),
        load -> {
          session.cluster().pd().kill();
          session.cluster().pd().start().awaitReady();
        });
  }

  @Test
  void everybodyIsKilledAtOnce() throws Exception {
    session.under(
        shape("all-killed"),
        load -> {
          List<ServerNode> all = session.cluster().all();
          all.parallelStream().forEach(ServerNode::kill);
          all.forEach(ServerNode::start);
          all.forEach(ServerNode::awaitReady);
        });
  }

  @Test
  void aLeaderStandsStillForLongerThanItsLease() throws Exception {
    session.under(
        shape("paused"),
        load -> {
          ServerNode leader = leader(load);
          try (DirectReader insisting = insisting(load, leader)) {
            leader.pause();
            try {
              readAll(insisting, LONGER_THAN_LEASE);
            } finally {
              leader.resume();
            }
            readAll(insisting, Duration.ofSeconds(1));
            System.out.println(insisting.settle());
          }
        });
  }

  @Test
  void aLeaderIsCutOffFromAllButClients() throws Exception {
    partition(
        "minority",
        (net, leader) -> {
          for (int node = 0; node <= STORES; node++) {
            if (node != leader) {
              net.separate(leader, node);
            }
          }
        });
  }

  @Test
  void storesAreCutOffFromThePlacementDriverAlone() throws Exception {
    TestNetwork net = requireNetwork();
    session.under(
        shape("without-pd"),
        load -> {
          for (int store = 1; store <= STORES; store++) {
            net.separate(store, 0);
          }
          FaultSession.repeatFor(LONGER_THAN_LEASE, () -> {});
          FaultSession.awaitProgress(
              load, "writes without the placement driver", Duration.ofSeconds(5));
          net.heal();
        });
  }

  private interface Partition {
    void begin(TestNetwork network, int leader);
  }

  /** The majority must go on before the partition ends, and the lone leader must not answer. */
  private void partition(String name, Partition partition) throws Exception {
    TestNetwork net = requireNetwork();
    session.under(
        shape(name),
        load -> {
          ServerNode leader = leader(load);
          try (DirectReader insisting = insisting(load, leader)) {
            partition.begin(net, session.cluster().place(leader));
            readAll(insisting, LONGER_THAN_LEASE);
            FaultSession.awaitProgress(
                load, "writes of the majority, " + name, WITHOUT_MINORITY_BOUND);
            net.heal();
            readAll(insisting, Duration.ofSeconds(1));
            System.out.println(insisting.settle());
          }
        });
  }

  private TestNetwork requireNetwork() {
    assumeTrue(
        network.isPresent(),
        "NOTICE: this machine denies network namespaces, so partitions are not tested");
    return network.orElseThrow();
  }

  private static FaultLoad.Shape shape(String name) {
    return new FaultLoad.Shape(name, 2, 2, 4);
  }

  private ServerNode leader(FaultLoad load) {
    return session.cluster().leader(session.client(), load.registers().key(0));
  }

  private DirectReader insisting(FaultLoad load, ServerNode leader) {
    RegionInfo region = FaultCluster.region(session.client(), load.registers().key(0));
    assertThat(region.leader()).isPresent();
    return new DirectReader(leader.address(), region, load.registers());
  }

  private static void readAll(DirectReader reader, Duration time) {
    FaultSession.repeatFor(
        time,
        () -> {
          for (int register = 0; register < Registers.count(); register++) {
            reader.read(register);
          }
        });
  }
}
