package io.arrowraft.server.store;

import static io.arrowraft.server.store.RunningStore.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arrowraft.pd.client.PdException;
import io.arrowraft.proto.eraftpb.ConfChangeType;
import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.pdpb.ChangePeer;
import io.arrowraft.proto.pdpb.RegionHeartbeatResponse;
import io.arrowraft.proto.store.CheckConsistencyResponse;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.threads.SystemTime;
import io.arrowraft.server.apply.RegionFixture;
import io.arrowraft.server.peer.TestPd;
import io.arrowraft.server.region.RegionErrorException;
import io.arrowraft.server.region.RegionHash;
import io.arrowraft.server.region.RegionSnapshot;
import io.arrowraft.server.state.RegionRecords;
import io.arrowraft.storage.engine.ColumnFamily;
import io.arrowraft.storage.engine.WriteBatch;
import io.arrowraft.storage.memory.MemoryEngine;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class StoreNodeTest {
  private final TestPd pd = new TestPd();
  private final List<RunningStore> running = new ArrayList<>();
  private final AtomicReference<Throwable> fault = new AtomicReference<>();
  private int stores;

  @AfterEach
  void stopAll() {
    List.copyOf(running).forEach(this::stop);
    assertThat(fault.get()).isNull();
  }

  @Test
  void storesThatStartTogetherBootstrapOneRegion() {
    start(3);

    Region first = pd.firstRegion().orElseThrow();
    assertThat(first.getPeersCount()).isEqualTo(1);
    assertThat(pd.store(running.get(1).node.storeId()).orElseThrow().getAddress())
        .isEqualTo(running.get(1).node.address());
    assertThat(running).extracting(store -> store.node.storeId()).doesNotHaveDuplicates();
    leader(first.getId());
    await("store reports", () -> pd.storeReports().size() >= 3);
  }

  @Test
  void storeReportsTheRoomOnItsDiskWhereThatIsLess() {
    start(1);
    await("a store report", () -> !pd.storeReports().isEmpty());
    assertThat(pd.storeReports().get(0).getCapacity()).isEqualTo(RunningStore.ROOM.capacityBytes());
    assertThat(pd.storeReports().get(0).getAvailable())
        .isEqualTo(RunningStore.ROOM.availableBytes());
  }

  @Test
  void storeLearnsThatItWasRemoved() {
    pd.removeStores();
    start(1);

    assertThat(get(running.get(0).node.removed()).code()).isEqualTo(PdException.Code.STORE_REMOVED);
  }

  @Test
  void interruptedBootstrapIsFinishedByTheNextStart() {
    start(1);
    RunningStore first = running.get(0);
    long regionId = pd.firstRegion().orElseThrow().getId();
    // As if the answer of the placement driver had never come.
    prepareBootstrap(first.data, pd.firstRegion().orElseThrow());

    RunningStore again = restart(first);

    assertThat(leader(regionId)).isSameAs(again);
    assertThat(RegionRecords.preparedBootstrap(again.data)).isEmpty();
  }

  @Test
  void loserOfTheBootstrapWithdrawsItsRegion() {
    start(1);
    MemoryEngine data = new MemoryEngine();
    Region mine = RegionFixture.region(900, "", "");
    RegionFixture.create(data, mine, 11);
    prepareBootstrap(data, mine);

    RunningStore loser = create(pd, data, new MemoryEngine(), 0);
    get(loser.node.start());

    assertThat(loser.node.regions().regions()).isEmpty();
    assertThat(RegionRecords.regionState(data, 900)).isEmpty();
  }

  private static void prepareBootstrap(MemoryEngine data, Region region) {
    WriteBatch batch = new WriteBatch();
    RegionRecords.putPreparedBootstrap(batch, region);
    data.write(batch, true);
  }

  @Test
  void storeThatHasRunWaitsForThePlacementDriver() {
    start(1);
    long id = running.get(0).node.storeId();
    pd.beAway(3);

    assertThat(restart(running.get(0)).node.storeId()).isEqualTo(id);
  }

  @Test
  void storeThatNeverRanSaysAtOnceThatNobodyAnswers() {
    pd.beAway(1);
    RunningStore fresh = create(pd, new MemoryEngine(), new MemoryEngine(), 0);

    assertThatThrownBy(() -> get(fresh.node.start())).hasMessageContaining("nobody answers");
  }

  @Test
  void directoryOfAnotherClusterIsRefused() {
    start(1);
    RunningStore first = running.get(0);
    stop(first);
    RunningStore foreign = create(new TestPd(78), first.data.reopen(), first.log.reopen(), 0);

    assertThatThrownBy(() -> get(foreign.node.start()))
        .hasCauseInstanceOf(StoreStartException.class)
        .hasMessageContaining("belongs to cluster 77")
        .hasMessageContaining("serves cluster 78");
  }

  @Test
  void portInUseIsSaid() {
    start(1);
    String address = running.get(0).node.address();
    int port = Integer.parseInt(address.substring(address.indexOf(':') + 1));
    RunningStore second = create(pd, new MemoryEngine(), new MemoryEngine(), port);

    assertThatThrownBy(() -> get(second.node.start()))
        .hasCauseInstanceOf(RpcException.class)
        .hasMessageContaining(address);
  }

  @Test
  void regionGrowsToThreeReplicasOverGrpcAndSurvivesARestart() {
    start(3);
    long regionId = pd.firstRegion().orElseThrow().getId();
    put(regionId, "a", "1");
    replicate(regionId);

    put(regionId, "b", "2");
    RunningStore follower =
        running.stream().filter(store -> !store.leads(regionId)).findFirst().orElseThrow();
    RunningStore back = restart(follower);
    put(regionId, "c", "3");

    await("equal replicas", () -> hashes(regionId).size() == 1);
    assertThat(back.data.get(ColumnFamily.RAW, RegionFixture.bytes("c"))).isNotNull();
    RunningStore leader = leader(regionId);
    try (RegionSnapshot snapshot = get(leader.node.regions().snapshot(leader.request(regionId)))) {
      assertThat(snapshot.data().get(ColumnFamily.RAW, RegionFixture.bytes("a"))).isNotNull();
    }
  }

  @Test
  void hundredRegionsShareTwoLoopsAndTheThreadsOfOne() {
    start(3);
    long first = pd.firstRegion().orElseThrow().getId();
    replicate(first);
    put(first, "key-00", "v");
    Set<String> before = storeThreads();

    List<byte[]> keys = new ArrayList<>();
    for (int i = 1; i < 100; i++) {
      keys.add(RegionFixture.bytes(String.format("key-%02d", i)));
    }
    RunningStore leader = leader(first);
    List<Region> parts = get(leader.node.regions().split(leader.request(first), keys));

    assertThat(parts).hasSize(100);
    for (int i = 0; i < parts.size(); i++) {
      put(parts.get(i).getId(), String.format("key-%02d", i), "value");
    }
    for (Region part : parts) {
      await("equal replicas of " + part.getId(), () -> hashes(part.getId()).size() == 1);
    }
    Set<String> after = storeThreads();
    assertThat(after).isEqualTo(before);
    assertThat(after).filteredOn(name -> name.contains("region-")).hasSize(2 * running.size());
  }

  @Test
  void replicasAreComparedOverTheNetworkAndTheRottenOneIsFound() {
    start(3);
    long region = pd.firstRegion().orElseThrow().getId();
    replicate(region);
    put(region, "k", "v");
    await("equal replicas", () -> hashes(region).size() == 1);

    CheckConsistencyResponse equal = leader(region).checkConsistency(region);
    assertThat(equal.getVerdict()).isEqualTo("consistent");
    assertThat(equal.getReplicasCount()).isEqualTo(3);
    RunningStore rotten =
        running.stream().filter(store -> !store.leads(region)).findFirst().orElseThrow();
    assertThat(rotten.checkConsistency(region).getLeader().getStoreId())
        .isEqualTo(leader(region).node.storeId());
    WriteBatch rot = new WriteBatch();
    rot.put(ColumnFamily.RAW, RegionFixture.bytes("k"), RegionFixture.bytes("w"));
    rotten.data.write(rot, true);

    CheckConsistencyResponse found = leader(region).checkConsistency(region);

    assertThat(found.getVerdict()).isEqualTo("minority_damaged");
    await("the rotten replica stopped", () -> rotten.node.regions().region(region).isEmpty());
  }

  /** Names of the threads that regions use. */
  private static Set<String> storeThreads() {
    Set<String> names = new TreeSet<>();
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      String name = thread.getName();
      if (name.startsWith("store-test-")
          && (name.contains("region-") || name.contains("apply-") || name.contains("raft-log"))) {
        names.add(name);
      }
    }
    return names;
  }

  private RunningStore create(TestPd driver, MemoryEngine data, MemoryEngine log, int port) {
    RunningStore created =
        new RunningStore(
            "store-test-" + stores++ + "-",
            driver,
            data,
            log,
            port,
            (component, cause) -> fault.compareAndSet(null, cause));
    running.add(created);
    return created;
  }

  private void start(int count) {
    List<CompletableFuture<Long>> starts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      starts.add(create(pd, new MemoryEngine(), new MemoryEngine(), 0).node.start());
    }
    starts.forEach(RunningStore::get);
  }

  private void stop(RunningStore store) {
    running.remove(store);
    store.stop();
  }

  private RunningStore restart(RunningStore store) {
    stop(store);
    RunningStore again = create(pd, store.data.reopen(), store.log.reopen(), 0);
    get(again.node.start());
    return again;
  }

  /** Orders replicas until every store has one. */
  private void replicate(long regionId) {
    long nextPeer = 50_000;
    for (RunningStore store : running) {
      long storeId = store.node.storeId();
      if (store.node.regions().region(regionId).isPresent()) {
        continue;
      }
      Peer peer = Peer.newBuilder().setId(++nextPeer).setStoreId(storeId).build();
      RegionHeartbeatResponse order =
          RegionHeartbeatResponse.newBuilder()
              .setRegionId(regionId)
              .setChangePeer(
                  ChangePeer.newBuilder().setPeer(peer).setChangeType(ConfChangeType.AddNode))
              .build();
      await(
          "a replica on store " + storeId,
          () -> {
            pd.order(order);
            return store.node.regions().region(regionId).isPresent();
          });
    }
  }

  private Set<String> hashes(long regionId) {
    Set<String> hashes = new TreeSet<>();
    for (RunningStore store : running) {
      if (store.node.regions().region(regionId).isEmpty()) {
        hashes.add("absent from " + store.node.storeId());
      } else {
        RegionHash hash = get(store.node.regions().regionHash(regionId));
        hashes.add(hash.appliedIndex() + "/" + hash.hash());
      }
    }
    return hashes;
  }

  private Optional<RunningStore> findLeader(long regionId) {
    return running.stream().filter(store -> store.leads(regionId)).findFirst();
  }

  private RunningStore leader(long regionId) {
    await("a leader of region " + regionId, () -> findLeader(regionId).isPresent());
    return findLeader(regionId).orElseThrow();
  }

  /** Writes, again when leadership or epoch moves meanwhile. */
  private void put(long regionId, String key, String value) {
    await(
        "a write to region " + regionId,
        () -> {
          RunningStore store = leader(regionId);
          try {
            RegionSnapshot snapshot = get(store.node.regions().snapshot(store.request(regionId)));
            snapshot.close();
            get(
                store
                    .node
                    .regions()
                    .write(
                        store.request(regionId),
                        snapshot.term(),
                        List.of(RegionFixture.put(key, value))));
            return true;
          } catch (CompletionException refused) {
            assertThat(refused.getCause()).isInstanceOf(RegionErrorException.class);
            return false;
          }
        });
  }

  private void await(String what, BooleanSupplier condition) {
    long end = SystemTime.INSTANCE.nanos() + Duration.ofSeconds(30).toNanos();
    while (!condition.getAsBoolean()) {
      if (fault.get() != null) {
        throw new AssertionError("a node stopped", fault.get());
      }
      if (SystemTime.INSTANCE.nanos() > end) {
        throw new AssertionError("not within 30 s: " + what);
      }
      LockSupport.parkNanos(2_000_000);
    }
  }
}
