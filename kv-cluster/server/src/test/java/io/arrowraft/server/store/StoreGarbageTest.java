package io.arrowraft.server.store;

import static io.arrowraft.server.store.RunningStore.get;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.arrowraft.proto.eraftpb.ConfChangeType;
import io.arrowraft.proto.kvrpcpb.CommitRequest;
import io.arrowraft.proto.kvrpcpb.Context;
import io.arrowraft.proto.kvrpcpb.GetRequest;
import io.arrowraft.proto.kvrpcpb.GetResponse;
import io.arrowraft.proto.kvrpcpb.Mutation;
import io.arrowraft.proto.kvrpcpb.Op;
import io.arrowraft.proto.kvrpcpb.PessimisticLockRequest;
import io.arrowraft.proto.kvrpcpb.PrewriteRequest;
import io.arrowraft.proto.kvrpcpb.UnsafeDestroyRangeRequest;
import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.pd.GcProgress;
import io.arrowraft.proto.pd.ResolvedRange;
import io.arrowraft.proto.pdpb.ChangePeer;
import io.arrowraft.proto.pdpb.RegionHeartbeatResponse;
import io.arrowraft.proto.pdpb.TransferLeader;
import io.arrowraft.proto.tikvpb.TikvGrpc;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.server.peer.TestPd;
import io.arrowraft.server.region.CollectStep;
import io.arrowraft.server.region.RegionHash;
import io.arrowraft.server.region.RegionView;
import io.arrowraft.storage.engine.ColumnFamily;
import io.arrowraft.storage.engine.IterateOptions;
import io.arrowraft.storage.memory.MemoryEngine;
import io.arrowraft.storage.mvcc.MvccKeys;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Garbage collection by three stores that talk over gRPC, with two regions split at "m". */
class StoreGarbageTest {
  private static final long NOW_MILLIS = 1_000_000;
  private static final long SHORT_TTL = 3_000;
  private static final long LONG_TTL = 100_000_000;

  private final TestPd pd = new TestPd();
  private final List<RunningStore> running = new ArrayList<>();
  private final AtomicReference<Throwable> fault = new AtomicReference<>();
  private int stores;
  private long left;
  private long right;

  @BeforeEach
  void startThreeStoresWithTwoRegions() {
    pd.setTime(NOW_MILLIS);
    List<CompletableFuture<Long>> starts = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      starts.add(create(new MemoryEngine(), new MemoryEngine()).node.start());
    }
    starts.forEach(RunningStore::get);
    right = pd.firstRegion().orElseThrow().getId();
    replicate(right);
    RunningStore leader = leader(right);
    byte[] middle = MvccKeys.encode(Bytes.ofUtf8("m"));
    List<Region> parts = get(leader.node.regions().split(leader.request(right), List.of(middle)));
    left = parts.get(0).getId();
    right = parts.get(1).getId();
    await("reports of both", () -> pd.report(left).isPresent() && pd.report(right).isPresent());
    await(
        "the report of the right half",
        () -> !pd.report(right).orElseThrow().getRegion().getStartKey().isEmpty());
  }

  @AfterEach
  void stopAll() {
    List.copyOf(running).forEach(this::stop);
    assertThat(fault.get()).isNull();
  }

  private static long ts(long millis) {
    return millis << 18;
  }

  @Test
  void oldLocksFollowTheirPrimariesInOtherRegionsAndAllRangesAreReported() {
    prewrite(optimistic(ts(1_000), "a", SHORT_TTL), "a", "z");
    commit("a", ts(1_000), ts(2_000));
    prewrite(optimistic(ts(3_000), "never", SHORT_TTL), "y");
    prewrite(optimistic(ts(4_000), "x", SHORT_TTL), "x", "c");
    lockPessimistically("q", "p", ts(5_000));

    aim(ts(500_000));

    await("both ranges", () -> reached(left) == ts(500_000) && reached(right) == ts(500_000));
    assertThat(read("z", ts(600_000)).getValue()).isEqualTo(utf8("z1000"));
    assertThat(read("z", ts(1_999)).getNotFound()).isTrue();
    for (String rolledBack : List.of("y", "x", "c", "q")) {
      assertThat(read(rolledBack, ts(600_000)).getNotFound()).as(rolledBack).isTrue();
    }
    for (RunningStore store : running) {
      await("no lock anywhere", () -> count(store, ColumnFamily.LOCK) == 0);
    }
  }

  @Test
  void anAbandonedAsynchronousCommitIsFinishedByItsSecondaries() {
    PrewriteRequest.Builder begun =
        optimistic(ts(1_000), "a", SHORT_TTL).setUseAsyncCommit(true).setMinCommitTs(ts(1_500));
    prewrite(begun.clone().addSecondaries(utf8("z")), "a");
    prewrite(begun.clone(), "z");
    PrewriteRequest.Builder torn =
        optimistic(ts(2_000), "b", SHORT_TTL).setUseAsyncCommit(true).setMinCommitTs(ts(2_500));
    prewrite(torn.clone().addSecondaries(utf8("y")).addSecondaries(utf8("w")), "b");
    prewrite(torn.clone(), "y");

    aim(ts(500_000));

    await("both ranges", () -> reached(left) == ts(500_000) && reached(right) == ts(500_000));
    assertThat(read("a", ts(5_000_000)).getValue()).isEqualTo(utf8("a1000"));
    assertThat(read("z", ts(5_000_000)).getValue()).isEqualTo(utf8("z1000"));
    assertThat(read("b", ts(5_000_000)).getNotFound()).isTrue();
    assertThat(read("y", ts(5_000_000)).getNotFound()).isTrue();
  }

  @Test
  void aReportedRegionTimesNoCommitAtOrBelowItsReport() {
    long target = ts(500_000);
    aim(target);
    await("both ranges", () -> reached(left) == target && reached(right) == target);

    for (String key : List.of("a", "z")) {
      assertThat(leaderOf(key).node.services().memoryLocks().maxTimestamp())
          .as("rule 40, at the leader of %s", key)
          .isGreaterThanOrEqualTo(target);
    }
  }

  @Test
  void aLiveTransactionIsLeftAloneAndHoldsItsRangesBack() {
    prewrite(optimistic(ts(400_000), "a", LONG_TTL), "a", "z");

    aim(ts(500_000));

    await("both ranges", () -> reached(left) > 0 && reached(right) > 0);
    assertThat(reached(left)).isEqualTo(ts(400_000) - 1);
    assertThat(reached(right)).isEqualTo(ts(400_000) - 1);
    assertThat(leader(left).data.get(ColumnFamily.LOCK, MvccKeys.encode(Bytes.ofUtf8("a"))))
        .isNotNull();

    commit("a", ts(400_000), ts(700_000));
    commit("z", ts(400_000), ts(700_000));
    await("both ranges", () -> reached(left) == ts(500_000) && reached(right) == ts(500_000));
  }

  @Test
  void aLiveTransactionThatHasHadAllItsTimeIsEnded() {
    prewrite(optimistic(ts(400_000), "a", LONG_TTL), "a", "z");

    tell(GcProgress.newBuilder().setTarget(ts(500_000)).setEndBefore(ts(400_001)).build());

    await("both ranges", () -> reached(left) == ts(500_000) && reached(right) == ts(500_000));
    assertThat(read("a", ts(600_000)).getNotFound()).isTrue();
    assertThat(read("z", ts(600_000)).getNotFound()).isTrue();
  }

  @Test
  void versionsGoOnAllReplicasAlikeWhileLeadershipMovesAndStoresRestart() {
    for (int i = 1; i <= 120; i++) {
      write("a", ts(i * 1_000L));
    }
    write("z", ts(1_000));
    String kept = "a120000";

    collect(ts(800_000));

    await("a first removal", () -> count(leader(left), ColumnFamily.WRITE) < 121);
    transfer(left);
    await("one version of each key", () -> each(store -> count(store, ColumnFamily.WRITE) == 2));
    assertThat(read("a", ts(800_000)).getValue()).isEqualTo(utf8(kept));
    assertThat(read("z", ts(800_000)).getValue()).isEqualTo(utf8("z1000"));
    assertPassed(read("a", ts(799_999)));
    await("equal replicas", () -> hashes(left).size() == 1 && hashes(right).size() == 1);
    await(
        "the count of garbage",
        () -> leader(left).node.regions().region(left).orElseThrow().garbage() == 0);

    tell(GcProgress.getDefaultInstance());
    for (RunningStore store : List.copyOf(running)) {
      RunningStore again = restart(store);
      assertThat(again.node.regions().safePoint()).isEqualTo(ts(800_000));
    }
    assertPassed(read("a", ts(799_999)));
    assertThat(read("a", ts(900_000)).getValue()).isEqualTo(utf8(kept));
  }

  @Test
  void aStoreThatHasOnlyAppliedTheRemovalRefusesReadsToo() {
    write("a", ts(1_000));
    write("a", ts(2_000));
    RunningStore leader = leader(left);
    RegionView view = leader.node.regions().region(left).orElseThrow();

    get(
        leader
            .node
            .regions()
            .collect(
                leader.request(left),
                view.term(),
                new CollectStep(ts(5_000), Long.MAX_VALUE, List.of(), 0)));

    for (RunningStore store : running) {
      await("the safe point", () -> store.node.regions().safePoint() == ts(5_000));
    }
    transfer(left);
    assertPassed(read("a", ts(4_999)));
  }

  @Test
  void whoWouldReadADestroyedRangeIsToldThatItIsTooLate() {
    transfer(left);
    write("a", ts(1_000));
    // Known to the placement driver, and not to any store: it is not told in answers to reports.
    pd.onlyKnown(ts(4_000));

    var answer =
        running
            .get(0)
            .call(
                TikvGrpc.getUnsafeDestroyRangeMethod(),
                UnsafeDestroyRangeRequest.newBuilder()
                    .setStartKey(utf8("a"))
                    .setEndKey(utf8("b"))
                    .build());

    assertThat(answer.getError()).isEmpty();
    assertPassed(read("a", ts(3_999)));
    assertThat(read("a", ts(4_000)).getNotFound()).isTrue();
    for (RunningStore store : running) {
      await("the safe point", () -> store.node.regions().safePoint() == ts(4_000));
    }
  }

  @Test
  void oneStoreSeesToAllOfARangeWhoeverLeadsItsRegions() {
    transfer(left);
    long at = 0;
    for (RunningStore store : running) {
      at += 1_000;
      for (String key : List.of("a", "l", "z")) {
        write(key, ts(at));
      }
      var answer =
          store.call(
              TikvGrpc.getUnsafeDestroyRangeMethod(),
              UnsafeDestroyRangeRequest.newBuilder()
                  .setStartKey(utf8("b"))
                  .setEndKey(utf8("zz"))
                  .build());
      assertThat(answer.getError()).isEmpty();
      assertThat(read("a", ts(900_000)).getValue()).isEqualTo(utf8("a" + at));
      assertThat(read("l", ts(900_000)).getNotFound()).isTrue();
      assertThat(read("z", ts(900_000)).getNotFound()).isTrue();
    }
    await("equal replicas", () -> hashes(left).size() == 1 && hashes(right).size() == 1);
  }

  // What is asked of the placement driver's part.

  private void aim(long target) {
    tell(GcProgress.newBuilder().setTarget(target).build());
  }

  private void collect(long safePoint) {
    tell(
        GcProgress.newBuilder()
            .setTarget(safePoint)
            .setSafePoint(safePoint)
            .setCollectable(safePoint)
            .build());
  }

  private void tell(GcProgress progress) {
    pd.tellGarbageCollection(progress);
  }

  /** The highest report for a region's range; 0 if there is none. */
  private long reached(long regionId) {
    ByteString start = pd.report(regionId).orElseThrow().getRegion().getStartKey();
    return pd.resolvedRanges().stream()
        .filter(range -> range.getStartKey().equals(start))
        .mapToLong(ResolvedRange::getResolved)
        .max()
        .orElse(0);
  }

  // What clients do.

  private static ByteString utf8(String text) {
    return ByteString.copyFromUtf8(text);
  }

  private static PrewriteRequest.Builder optimistic(long startTs, String primary, long ttl) {
    return PrewriteRequest.newBuilder()
        .setStartVersion(startTs)
        .setPrimaryLock(utf8(primary))
        .setLockTtl(ttl);
  }

  /** Values say whose they are: the key and the start in milliseconds. */
  private void prewrite(PrewriteRequest.Builder request, String... keys) {
    for (String key : keys) {
      PrewriteRequest.Builder one = request.clone().setContext(context(key));
      String value = key + (request.getStartVersion() >> 18);
      one.addMutations(Mutation.newBuilder().setOp(Op.Put).setKey(utf8(key)).setValue(utf8(value)));
      assertThat(leaderOf(key).call(TikvGrpc.getKvPrewriteMethod(), one.build()).getErrorsList())
          .isEmpty();
    }
  }

  private void commit(String key, long startTs, long commitTs) {
    CommitRequest request =
        CommitRequest.newBuilder()
            .setContext(context(key))
            .addKeys(utf8(key))
            .setStartVersion(startTs)
            .setCommitVersion(commitTs)
            .build();
    assertThat(leaderOf(key).call(TikvGrpc.getKvCommitMethod(), request).hasError()).isFalse();
  }

  private void write(String key, long startTs) {
    prewrite(optimistic(startTs, key, SHORT_TTL), key);
    commit(key, startTs, startTs + 5);
  }

  private void lockPessimistically(String key, String primary, long startTs) {
    PessimisticLockRequest request =
        PessimisticLockRequest.newBuilder()
            .setContext(context(key))
            .setPrimaryLock(utf8(primary))
            .setStartVersion(startTs)
            .setForUpdateTs(startTs)
            .setLockTtl(SHORT_TTL)
            .addMutations(Mutation.newBuilder().setOp(Op.PessimisticLock).setKey(utf8(key)))
            .build();
    assertThat(leaderOf(key).call(TikvGrpc.getKvPessimisticLockMethod(), request).getErrorsList())
        .isEmpty();
  }

  private GetResponse read(String key, long version) {
    AtomicReference<GetResponse> answer = new AtomicReference<>();
    await(
        "a leader that reads " + key,
        () -> {
          answer.set(
              leaderOf(key)
                  .call(
                      TikvGrpc.getKvGetMethod(),
                      GetRequest.newBuilder()
                          .setContext(context(key))
                          .setKey(utf8(key))
                          .setVersion(version)
                          .build()));
          return !answer.get().hasRegionError();
        });
    return answer.get();
  }

  private static void assertPassed(GetResponse response) {
    assertThat(response.getError().hasSafePointPassed()).isTrue();
    assertThat(response.getError().getAbort()).contains("GC safe point");
  }

  private long regionOf(String key) {
    return key.compareTo("m") < 0 ? left : right;
  }

  private RunningStore leaderOf(String key) {
    return leader(regionOf(key));
  }

  private Context context(String key) {
    long regionId = regionOf(key);
    RegionView view = leader(regionId).node.regions().region(regionId).orElseThrow();
    return Context.newBuilder()
        .setRegionId(regionId)
        .setRegionEpoch(view.region().getRegionEpoch())
        .setPeer(view.peer())
        .build();
  }

  // Stores.

  private boolean each(Predicate<RunningStore> condition) {
    return running.stream().allMatch(condition);
  }

  private static int count(RunningStore store, ColumnFamily family) {
    int count = 0;
    try (var records = store.data.iterator(family, IterateOptions.all())) {
      for (boolean on = records.seekToFirst(); on; on = records.next()) {
        count++;
      }
    }
    return count;
  }

  private RunningStore create(MemoryEngine data, MemoryEngine log) {
    RunningStore created =
        new RunningStore(
            "garbage-test-" + stores++ + "-",
            pd,
            data,
            log,
            0,
            (component, cause) -> fault.compareAndSet(null, cause));
    running.add(created);
    return created;
  }

  private void stop(RunningStore store) {
    running.remove(store);
    store.stop();
  }

  private RunningStore restart(RunningStore store) {
    stop(store);
    RunningStore again = create(store.data.reopen(), store.log.reopen());
    get(again.node.start());
    return again;
  }

  private void transfer(long regionId) {
    RunningStore from = leader(regionId);
    Peer to =
        from.node.regions().region(regionId).orElseThrow().region().getPeersList().stream()
            .filter(peer -> peer.getStoreId() != from.node.storeId())
            .findFirst()
            .orElseThrow();
    await(
        "another leader",
        () -> {
          pd.order(
              RegionHeartbeatResponse.newBuilder()
                  .setRegionId(regionId)
                  .setTransferLeader(TransferLeader.newBuilder().setPeer(to))
                  .build());
          return !from.leads(regionId) && findLeader(regionId).isPresent();
        });
  }

  private void replicate(long regionId) {
    long nextPeer = 50_000;
    for (RunningStore store : running) {
      if (store.node.regions().region(regionId).isPresent()) {
        continue;
      }
      Peer peer = Peer.newBuilder().setId(++nextPeer).setStoreId(store.node.storeId()).build();
      RegionHeartbeatResponse order =
          RegionHeartbeatResponse.newBuilder()
              .setRegionId(regionId)
              .setChangePeer(
                  ChangePeer.newBuilder().setPeer(peer).setChangeType(ConfChangeType.AddNode))
              .build();
      await(
          "a replica on store " + store.node.storeId(),
          () -> {
            pd.order(order);
            return store.node.regions().region(regionId).isPresent();
          });
    }
  }

  private Set<String> hashes(long regionId) {
    Set<String> hashes = new TreeSet<>();
    for (RunningStore store : running) {
      RegionHash hash = get(store.node.regions().regionHash(regionId));
      hashes.add(hash.appliedIndex() + "/" + hash.hash());
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

  private static void await(String what, BooleanSupplier condition) {
    long until = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime() - until).as("waiting for %s", what).isNegative();
      LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
    }
  }
}
