package io.arrowraft.e2e.fault;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.arrowraft.e2e.load.FaultLoad;
import io.arrowraft.e2e.load.Registers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Partitions of every shape, each long enough for elections and for connections to break. */
@Tag("long")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PartitionLongTest {
  private static final int STORES = 3;
  private static final Duration LASTS = Duration.ofSeconds(12);
  private static final Duration WITHOUT_MINORITY_BOUND = Duration.ofSeconds(20);
  private static final Duration BETWEEN_TURNS = Duration.ofSeconds(2);

  private Optional<TestNetwork> network;
  private FaultSession session;

  private interface Partition {
    void begin(TestNetwork network, int leader);
  }

  @BeforeAll
  void start(@TempDir Path data) throws Exception {
    network = TestNetwork.tryOpen(STORES + 1);
    assumeTrue(
        network.isPresent(),
        "NOTICE: this machine denies network namespaces, so partitions are not tested");
    session = FaultSession.start(data, FaultCluster.Options.of(network, STORES));
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
  void aLeaderIsCutOffFromTheOtherStores() throws Exception {
    minority(
        "minority", (net, leader) -> others(leader).forEach(store -> net.separate(leader, store)));
  }

  @Test
  void aLeaderIsCutOffFromEverybody() throws Exception {
    minority(
        "alone",
        (net, leader) -> {
          others(leader).forEach(store -> net.separate(leader, store));
          net.separate(leader, 0);
          net.separate(leader, TestNetwork.CLIENTS);
        });
  }

  @Test
  void aLeaderIsHeardButHearsNobody() throws Exception {
    minority("deaf", (net, leader) -> others(leader).forEach(store -> net.cut(store, leader)));
  }

  @Test
  void aLeaderHearsButIsNotHeard() throws Exception {
    minority("mute", (net, leader) -> others(leader).forEach(store -> net.cut(leader, store)));
  }

  @Test
  void twoStoresCannotHearEachOtherButTheThirdHearsBoth() throws Exception {
    minority("bridge", (net, leader) -> net.separate(leader, others(leader).get(0)));
  }

  @Test
  void noMajorityIsLeft() throws Exception {
    session.under(
        shape("majority"),
        load -> {
          try (DirectReader insisting = insisting(load)) {
            for (int one = 1; one <= STORES; one++) {
              for (int other = one + 1; other <= STORES; other++) {
                network.orElseThrow().separate(one, other);
              }
            }
            readAll(insisting, LASTS);
            network.orElseThrow().heal();
            System.out.println(insisting.settle());
          }
        });
  }

  @Test
  void eachStoreInTurnIsCutOffForAMoment() throws Exception {
    session.under(
        shape("ring"),
        load -> {
          for (int turn = 0; turn < 3 * STORES; turn++) {
            int store = 1 + turn % STORES;
            others(store).forEach(other -> network.orElseThrow().separate(store, other));
            FaultSession.repeatFor(BETWEEN_TURNS, () -> {});
            network.orElseThrow().heal();
          }
        });
  }

  /** The majority must go on before the partition ends, and the lone leader must not answer. */
  private void minority(String name, Partition partition) throws Exception {
    session.under(
        shape(name),
        load -> {
          try (DirectReader insisting = insisting(load)) {
            ServerNode leader = leader(load);
            partition.begin(network.orElseThrow(), session.cluster().place(leader));
            readAll(insisting, LASTS);
            FaultSession.awaitProgress(
                load, "writes of the majority, " + name, WITHOUT_MINORITY_BOUND);
            network.orElseThrow().heal();
            readAll(insisting, BETWEEN_TURNS);
            System.out.println(insisting.settle());
          }
        });
  }

  private static FaultLoad.Shape shape(String name) {
    return new FaultLoad.Shape(name, 2, 2, 4);
  }

  private static List<Integer> others(int store) {
    List<Integer> others = new ArrayList<>();
    for (int other = 1; other <= STORES; other++) {
      if (other != store) {
        others.add(other);
      }
    }
    return others;
  }

  private ServerNode leader(FaultLoad load) {
    return session.cluster().leader(session.client(), load.registers().key(0));
  }

  private DirectReader insisting(FaultLoad load) {
    return new DirectReader(
        leader(load).address(),
        FaultCluster.region(session.client(), load.registers().key(0)),
        load.registers());
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
