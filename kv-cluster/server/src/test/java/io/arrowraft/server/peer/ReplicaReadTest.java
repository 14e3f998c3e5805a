package io.arrowraft.server.peer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arrowraft.proto.kvrpcpb.LockInfo;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.server.apply.RegionFixture;
import io.arrowraft.server.region.ReadBlockedException;
import io.arrowraft.server.region.RegionErrorException;
import io.arrowraft.server.region.RegionRequest;
import io.arrowraft.server.region.RegionSnapshot;
import io.arrowraft.server.txn.MemoryLocks;
import io.arrowraft.server.txn.ReplicaReads;
import io.arrowraft.storage.engine.ColumnFamily;
import io.arrowraft.storage.mvcc.Lock;
import io.arrowraft.storage.mvcc.LockType;
import io.arrowraft.storage.mvcc.ReadView;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** Reads of replicas that do not lead (correctness rules 4, 5 and 37). */
class ReplicaReadTest {
  private static final Bytes KEY = Bytes.ofUtf8("k");

  private final TestCluster cluster = TestCluster.started(1, RegionConfig.defaults());
  private final TreeMap<Long, MemoryLocks> locks = new TreeMap<>();

  ReplicaReadTest() {
    for (TestCluster.Node node : cluster.nodes.values()) {
      MemoryLocks ofStore = new MemoryLocks();
      locks.put(node.id, ofStore);
      node.regions().guardReads(new ReplicaReads(ofStore));
    }
    // Until the followers know their leader.
    cluster.leaderOf(1);
    cluster.world.run(Duration.ofSeconds(1));
  }

  @Test
  void memoryLockOfTheLeaderBlocksAReadOfAFollower() {
    TestCluster.Node leader = cluster.leaderOf(1);
    try (MemoryLocks.Held held =
        locks.get(leader.id).hold(KEY, seen -> lock(90, Math.max(95, seen + 1)))) {
      LockInfo met = blocked(read(follower(), keys(ReadView.at(100))));

      assertThat(met.getLockVersion()).isEqualTo(held.lock().startTs());
      assertThat(met.getKey().toStringUtf8()).isEqualTo("k");
      assertThat(blocked(read(follower(), all(ReadView.at(100)))).getLockVersion()).isEqualTo(90);
      // Below its least commit, resolved, or of another key, it means nothing.
      finish(read(follower(), keys(ReadView.at(94))));
      ReadView resolved = new ReadView(100, ReadView.Isolation.SNAPSHOT, Set.of(90L), Set.of());
      finish(read(follower(), keys(resolved)));
      finish(
          read(
              follower(),
              ReplicaReads.questionOfKeys(List.of(Bytes.ofUtf8("x")), ReadView.at(100))));
    }
    finish(read(follower(), keys(ReadView.at(100))));
  }

  @Test
  void leaderTimesNoLaterCommitBelowAReadOfAFollower() {
    TestCluster.Node leader = cluster.leaderOf(1);

    finish(read(follower(), keys(ReadView.at(777))));

    assertThat(locks.get(leader.id).maxTimestamp()).isEqualTo(777);
  }

  @Test
  void leadersMemoryLocksAreLookedAtBeforeTheReadIndexIsConfirmed() {
    // The lock is let go of when its write is applied, so a read that no longer meets the lock has
    // the write below its index.
    TestCluster.Node leader = cluster.leaderOf(1);
    for (int round = 0; round < 30; round++) {
      MemoryLocks.Held held =
          locks.get(leader.id).hold(KEY, seen -> lock(90, Math.max(95, seen + 1)));
      String value = "v" + round;
      cluster.put(leader, 1, "k", value).whenComplete((none, failure) -> held.close());
      RegionSnapshot snapshot = null;
      while (snapshot == null) {
        try {
          snapshot = cluster.world.await(read(follower(), keys(ReadView.at(1000 + round))));
        } catch (CompletionException lockMet) {
          assertThat(lockMet).hasCauseInstanceOf(ReadBlockedException.class);
        }
      }
      try (RegionSnapshot served = snapshot) {
        assertThat(new String(served.data().get(ColumnFamily.RAW, RegionFixture.bytes("k")), UTF_8))
            .isEqualTo(value);
      }
    }
  }

  @Test
  void readerAtTheLeaderItselfIsNotAskedTwice() {
    TestCluster.Node leader = cluster.leaderOf(1);
    List<String> asked = new ArrayList<>();
    leader
        .regions()
        .guardReads(
            question -> {
              asked.add("asked");
              return java.util.Optional.empty();
            });

    finish(read(leader, keys(ReadView.at(5))));

    assertThat(asked).isEmpty();
  }

  /**
   * Seed 90005: a follower showed an entry that the leader, whose disk stood still, had not
   * applied; a later read of the leader must not step back behind it. Data with versions has locks
   * for that.
   */
  @Test
  void linearizableReadOfTheLeaderHoldsWhatFollowersHaveShown() {
    TestCluster.Node leader = cluster.leaderOf(1);
    cluster.mustPut(1, "k", "old");
    cluster.replicasAgree(1);
    leader.logs.stall();
    CompletionStage<Void> put = cluster.put(leader, 1, "k", "new");
    cluster.world.until("the follower", Duration.ofSeconds(5), () -> shown(follower(), "new"));

    RegionRequest plain = cluster.request(leader, 1);
    assertThat(leader.regions().snapshot(plain).toCompletableFuture()).isCompleted();
    CompletionStage<RegionSnapshot> read = leader.regions().snapshot(plain.linearizably());
    cluster.world.run(Duration.ofMillis(300));
    assertThat(read.toCompletableFuture()).isNotDone();

    leader.logs.goOn();
    try (RegionSnapshot snapshot = cluster.world.await(read)) {
      assertThat(snapshot.data().get(ColumnFamily.RAW, RegionFixture.bytes("k")))
          .asString(UTF_8)
          .isEqualTo("new");
    }
    cluster.world.await(put);
  }

  private static boolean shown(TestCluster.Node node, String value) {
    byte[] found = node.engine.get(ColumnFamily.RAW, RegionFixture.bytes("k"));
    return found != null && value.equals(new String(found, UTF_8));
  }

  @Test
  void followerWithoutALeaderRefuses() {
    TestCluster.Node cut = follower();
    RegionRequest request = replica(cut);
    cluster.isolate(cut);
    cluster.mustPut(1, "k", "new");

    assertThatThrownBy(
            () -> cluster.world.await(cut.regions().snapshot(request, keys(ReadView.at(5)))))
        .hasCauseInstanceOf(RegionErrorException.class);
  }

  private TestCluster.Node follower() {
    return cluster.followersOf(1).get(0);
  }

  private RegionRequest replica(TestCluster.Node node) {
    RegionRequest plain = cluster.request(node, 1);
    return new RegionRequest(1, plain.epoch(), plain.peer(), 0, true, false, plain.deadline());
  }

  private CompletionStage<RegionSnapshot> read(TestCluster.Node node, byte[] question) {
    return node.regions().snapshot(replica(node), question);
  }

  private void finish(CompletionStage<RegionSnapshot> read) {
    cluster.world.await(read).close();
  }

  private LockInfo blocked(CompletionStage<RegionSnapshot> read) {
    try {
      finish(read);
    } catch (CompletionException refused) {
      if (refused.getCause() instanceof ReadBlockedException blocked) {
        return ReplicaReads.lockIn(blocked.answer());
      }
      throw refused;
    }
    throw new AssertionError("the read was not blocked");
  }

  private static byte[] keys(ReadView view) {
    return ReplicaReads.questionOfKeys(List.of(KEY), view);
  }

  private static byte[] all(ReadView view) {
    return ReplicaReads.questionOfRanges(
        List.of(new ReplicaReads.Range(Bytes.EMPTY, Bytes.EMPTY)), view);
  }

  private static Lock lock(long start, long minCommit) {
    return Lock.twoPhase(LockType.PUT, KEY, start, 3_000, Bytes.ofUtf8("v"), 1, minCommit);
  }
}
