package io.arrowraft.simulation.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.runtime.Bytes;
import io.arrowraft.simulation.world.SimulatedWorld;
import io.arrowraft.simulation.world.WorldOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class BitRotTest {
  private static final int KEYS = 60;
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final SimulatedWorld world = new SimulatedWorld(1, WorldOptions.calm());
  private final RandomGenerator random = world.newGenerator("rot");

  @Test
  void damageKeepsToOneStoreAndEndsWithItsReplicas() {
    SimulatedCluster cluster = filled(ClusterOptions.defaults());
    List<String> rotten = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      cluster.turnABit(random).ifPresent(rotten::add);
    }
    assertThat(rotten).isNotEmpty();
    String first = storeOf(rotten.get(0));
    assertThat(rotten).allSatisfy(what -> assertThat(storeOf(what)).isEqualTo(first));
    SimulatedMachine store = named(cluster, first);
    // What has rotted in a log is met at the latest by a process that reads it anew.
    store.crash(false);
    store.start();

    ClusterAudit audit = cluster.audit();
    until(() -> succeeds(audit::look) && !BitRot.isDamaged((SimulatedStore) store));

    assertThat(audit.violations()).isEmpty();
    assertThat(world.faults()).isEmpty();
    assertThat(cluster.replication().check()).isEmpty();
    assertAllThere(cluster);
    until(() -> cluster.turnABit(random).filter(what -> !storeOf(what).equals(first)).isPresent());
  }

  @Test
  void loneReplicaIsSpared() {
    assertThat(filled(ClusterOptions.defaults().withStores(1)).turnABit(random)).isEmpty();
  }

  @Test
  void replicaIsNotGivenUpWithoutDamage() {
    SimulatedCluster cluster = filled(ClusterOptions.defaults());
    cluster.watchRanges();
    until(() -> succeeds(cluster.audit()::look));
    assertThat(cluster.replication().check()).isEmpty();
  }

  private SimulatedCluster filled(ClusterOptions options) {
    SimulatedCluster cluster = new SimulatedCluster(world, options);
    for (int i = 0; i < KEYS; i++) {
      Bytes key = key(i);
      until(() -> succeeds(() -> cluster.clients().get(0).client().raw().put(key, key)));
    }
    ClusterAudit audit = cluster.audit();
    until(() -> succeeds(audit::look));
    return cluster;
  }

  private void assertAllThere(SimulatedCluster cluster) {
    for (int i = 0; i < KEYS; i++) {
      CompletableFuture<Optional<Bytes>> found =
          cluster.clients().get(0).client().raw().get(key(i));
      world.runUntil(found::isDone, LIMIT);
      assertThat(found.join()).contains(key(i));
    }
  }

  private static Bytes key(int number) {
    return Bytes.ofUtf8("raw/%04d".formatted(number));
  }

  private static String storeOf(String rotten) {
    return rotten.substring(0, rotten.indexOf(':'));
  }

  private static SimulatedMachine named(SimulatedCluster cluster, String name) {
    return cluster.stores().stream()
        .filter(store -> store.node().name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private boolean succeeds(Supplier<CompletableFuture<Void>> operation) {
    CompletableFuture<Void> running = operation.get();
    world.runUntil(running::isDone, LIMIT);
    return running.isDone() && !running.isCompletedExceptionally();
  }

  private void until(BooleanSupplier condition) {
    long end = world.nowNanos() + LIMIT.toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(world.nowNanos()).as("in time").isLessThan(end);
      world.runFor(Duration.ofMillis(100));
    }
  }
}
