package io.arrowraft.client.txn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.client.error.LockConflictException;
import io.arrowraft.client.error.OutcomeUnknownException;
import io.arrowraft.client.error.TransactionAbortedException;
import io.arrowraft.client.fake.DyingConnections;
import io.arrowraft.client.fake.FakeCluster;
import io.arrowraft.client.fake.FakeCluster.Fault;
import io.arrowraft.client.options.ClientOptions;
import io.arrowraft.client.region.KeySpace;
import io.arrowraft.pd.client.Timestamp;
import io.arrowraft.proto.kvrpcpb.CheckTxnStatusResponse;
import io.arrowraft.proto.kvrpcpb.KeyError;
import io.arrowraft.proto.kvrpcpb.LockInfo;
import io.arrowraft.proto.kvrpcpb.PrimaryMismatch;
import io.arrowraft.runtime.Bytes;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class LockTest extends TransactionFixture {
  @Test
  void aReaderPushesALivingWriterPastItselfAndDoesNotWait() {
    put("a", "old");
    Transaction writer = begin();
    writer.put(key("a"), key("new"));
    cluster.fault("KvCommit", Fault.LOSE_REQUEST);
    CompletableFuture<Timestamp> commit = writer.commit();
    world.advance(Duration.ofMillis(50));
    assertThat(cluster.locks()).isEqualTo(1);
    assertThat(read("a")).isEqualTo("old");
    Timestamp read = world.await(client.timestamp());
    assertThat(world.await(commit)).isGreaterThan(read);
    assertThat(read("a")).isEqualTo("new");
    assertThat(world.await(client.snapshotAt(read).get(key("a")))).contains(key("old"));
  }

  @Test
  void theLocksOfACrashedClientAreRolledBackOnceTheyExpire() {
    put("a", "old");
    crashBeforeCommit("a", "b");
    assertThat(cluster.locks()).isEqualTo(2);
    Transaction next = begin();
    next.put(key("a"), key("new"));
    next.put(key("b"), key("new"));
    Timestamp start = next.timestamp();
    Timestamp committed = world.await(next.commit());
    assertThat(committed.physicalMillis() - start.physicalMillis()).isBetween(2000L, 6000L);
    assertThat(read("b")).isEqualTo("new");
    world.await(client.transactions().idle());
    assertThat(cluster.locks()).isZero();
  }

  @Test
  void theSecondariesOfACommittedTransactionAreCommittedByTheirReader() {
    cluster.split(KeySpace.TRANSACTIONAL, "b");
    Transaction transaction = begin();
    transaction.put(key("a"), key("1"));
    transaction.put(key("b"), key("2"));
    for (int i = 0; i < 50; i++) {
      // The primary's commit goes through; that of the secondary never arrives.
      cluster.fault("KvCommit", i == 0 ? null : Fault.LOSE_REQUEST);
    }
    world.await(transaction.commit());
    assertThat(cluster.locks()).isEqualTo(1);
    assertThat(read("b")).isEqualTo("2");
    assertThat(cluster.locks()).isZero();
  }

  @Test
  void anAbortedTransactionLeavesNoLocks() {
    cluster.split(KeySpace.TRANSACTIONAL, "b");
    Transaction loser = begin();
    loser.put(key("a"), key("1"));
    loser.put(key("b"), key("2"));
    put("b", "first");
    assertThatThrownBy(() -> world.await(loser.commit()))
        .isInstanceOf(TransactionAbortedException.class);
    world.await(client.transactions().idle());
    assertThat(cluster.locks()).isZero();
  }

  @Test
  void aTransactionThatWasRolledBackMeanwhileIsAborted() {
    Transaction slow = begin();
    slow.put(key("a"), key("slow"));
    for (int i = 0; i < 2; i++) {
      cluster.fault("KvCommit", Fault.LOSE_REQUEST);
      cluster.fault("KvTxnHeartBeat", Fault.LOSE_REQUEST);
    }
    CompletableFuture<Timestamp> commit = slow.commit();
    world.advance(Duration.ofSeconds(4));
    put("a", "fast");
    assertThatThrownBy(() -> world.await(commit)).isInstanceOf(TransactionAbortedException.class);
    assertThat(read("a")).isEqualTo("fast");
  }

  @Test
  void theLocksOfATransactionThatBeganLongAgoStillProtectIt() {
    put("a", "old");
    Transaction slow = begin();
    slow.put(key("a"), key("new"));
    world.advance(Duration.ofMinutes(1));
    cluster.fault("KvCommit", Fault.LOSE_REQUEST);
    CompletableFuture<Timestamp> commit = slow.commit();
    world.advance(Duration.ofSeconds(1));
    assertThat(read("a")).isEqualTo("old");
    world.await(commit);
    assertThat(read("a")).isEqualTo("new");
  }

  @Test
  void heartbeatsKeepALongCommitAlive() {
    Transaction large = begin();
    for (int i = 0; i < 10; i++) {
      large.put(key("k" + i), Bytes.wrap(new byte[5000]));
    }
    world.advance(Duration.ofSeconds(30));
    for (int i = 0; i < 3; i++) {
      cluster.fault("KvCommit", Fault.LOSE_REQUEST);
    }
    CompletableFuture<Timestamp> commit = large.commit();
    world.advance(Duration.ofSeconds(11));
    assertThat(cluster.calls("KvTxnHeartBeat")).isPositive();
    assertThat(world.await(commit)).isGreaterThan(large.timestamp());
  }

  @Test
  void aWriterGivesUpOnALockThatLives() {
    Transaction holder = begin();
    for (int i = 0; i < 10; i++) {
      holder.put(key("k" + i), Bytes.wrap(new byte[5000]));
    }
    for (int i = 0; i < 50; i++) {
      cluster.fault("KvCommit", Fault.LOSE_REQUEST);
    }
    CompletableFuture<Timestamp> held = holder.commit();
    world.advance(Duration.ofMillis(100));
    Transaction waiter = begin();
    waiter.put(key("k1"), key("x"));
    assertThatThrownBy(() -> world.await(waiter.commit()))
        .isInstanceOf(LockConflictException.class);
    assertThatThrownBy(() -> world.await(held)).isInstanceOf(OutcomeUnknownException.class);
  }

  @Test
  void aLockThatIsNamedIsAliveWhateverItsLifetime() {
    CheckTxnStatusResponse fresh =
        CheckTxnStatusResponse.newBuilder()
            .setLockTtl(0)
            .setLockInfo(LockInfo.newBuilder().setLockVersion(7))
            .build();
    assertThat(LockResolver.interpret(fresh)).isEqualTo(new TransactionStatus.Alive(false));
  }

  /** Correctness rule 46: the key that was asked knows nothing of the transaction's end. */
  @Test
  void aTransactionWhosePrimaryIsAnotherKeyIsNotTakenForRolledBack() {
    CheckTxnStatusResponse mismatch =
        CheckTxnStatusResponse.newBuilder()
            .setError(
                KeyError.newBuilder()
                    .setPrimaryMismatch(
                        PrimaryMismatch.newBuilder()
                            .setLockInfo(LockInfo.newBuilder().setLockVersion(7))))
            .build();
    assertThat(LockResolver.interpret(mismatch)).isEqualTo(new TransactionStatus.Alive(false));
  }

  @Test
  void aSmallCommitOutlivesItsLocksWhileAStoreIsSlow() {
    Transaction slow = begin();
    slow.put(key("a"), key("1"));
    cluster.fault("KvCommit", Fault.LOSE_REQUEST);
    CompletableFuture<Timestamp> committed = slow.commit();
    world.advance(Duration.ofSeconds(4));
    assertThat(read("a")).isNull();

    world.await(committed);
    assertThat(read("a")).isEqualTo("1");
  }

  @Test
  void closingWaitsForOperationsAndEndsThoseThatHang() {
    Transaction transaction = begin();
    transaction.put(key("a"), key("1"));
    CompletableFuture<Timestamp> committed = transaction.commit();
    cluster.before("KvGet", () -> cluster.stop(2));
    for (int i = 0; i < 20; i++) {
      cluster.fault("KvGet", Fault.LOSE_REQUEST);
    }
    CompletableFuture<Optional<Bytes>> hanging =
        client.snapshotAt(transaction.timestamp()).get(key("a"));
    world.await(client.closeAsync());
    assertThat(world.await(committed)).isNotNull();
    assertThat(hanging).isCompletedExceptionally();
  }

  @Test
  void closingWaitsForSecondaries() {
    cluster.split(KeySpace.TRANSACTIONAL, "b");
    Transaction transaction = begin();
    transaction.put(key("a"), key("1"));
    transaction.put(key("b"), key("2"));
    world.await(transaction.commit());
    world.await(client.closeAsync());
    assertThat(cluster.locks()).isZero();
  }

  private void crashBeforeCommit(String... keys) {
    DyingConnections connections = cluster.connections();
    connections.dieAtFirst("KvCommit");
    ArrowraftClient other =
        new ArrowraftClient(
            world.environment(), connections, ClientOptions.of(FakeCluster.PD_ADDRESS));
    Transaction transaction = world.await(other.begin());
    for (String each : keys) {
      transaction.put(key(each), key("lost"));
    }
    transaction.commit();
    world.advance(Duration.ofMillis(20));
  }
}
