package io.arrowraft.client.txn;

import static io.arrowraft.client.txn.TransactionFixture.key;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.client.error.OutcomeUnknownException;
import io.arrowraft.client.error.TransactionAbortedException;
import io.arrowraft.client.fake.DyingConnections;
import io.arrowraft.client.fake.FakeCluster;
import io.arrowraft.client.fake.FakeCluster.Fault;
import io.arrowraft.client.fake.VirtualWorld;
import io.arrowraft.client.options.ClientOptions;
import io.arrowraft.client.options.CommitModes;
import io.arrowraft.client.region.KeySpace;
import io.arrowraft.pd.client.Timestamp;
import io.arrowraft.proto.errorpb.Error;
import io.arrowraft.proto.errorpb.RegionNotFound;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Commits that stores time, with fall-back to two phases. */
class EarlyCommitTest {
  private static final ClientOptions EARLY =
      ClientOptions.of(FakeCluster.PD_ADDRESS).withCommits(CommitModes.early());

  private final VirtualWorld world = new VirtualWorld();
  private final FakeCluster cluster = new FakeCluster(world);
  private final ArrowraftClient client = cluster.client(EARLY);

  @Test
  void aTransactionOfOneRegionCommitsInOnePhase() {
    Timestamp committed = put("1", "a", "b");
    assertThat(cluster.calls("KvCommit")).isZero();
    assertThat(cluster.locks()).isZero();
    assertThat(world.await(client.snapshotAt(committed).get(key("b")))).contains(key("1"));
    assertThat(world.await(client.snapshotAt(committed.previous()).get(key("b")))).isEmpty();
  }

  @Test
  void aTransactionOfSeveralRegionsIsCommittedOnceAllKeysAreLocked() {
    cluster.split(KeySpace.TRANSACTIONAL, "b");
    put("1", "a", "b");
    assertThat(cluster.calls("KvCommit")).isLessThan(2);
    assertThat(read("a") + read("b")).isEqualTo("11");
    world.await(client.transactions().idle());
    assertThat(cluster.locks()).isZero();
  }

  @Test
  void regionsThatSplitOnTheWayDoNotCommitByHalves() {
    world.await(client.snapshotAt(world.await(client.timestamp())).get(key("a")));
    cluster.before("KvPrewrite", () -> cluster.split(KeySpace.TRANSACTIONAL, "b"));
    put("1", "a", "b");
    world.await(client.transactions().idle());
    assertThat(cluster.locks()).isZero();
    assertThat(read("a") + read("b")).isEqualTo("11");
  }

  @Test
  void aCommitFollowsThoseAcknowledgedBeforeItWasCalled() {
    Transaction early = world.await(client.begin());
    early.put(key("a"), key("1"));
    Timestamp other = put("2", "b");
    assertThat(world.await(early.commit())).isGreaterThan(other);
  }

  @Test
  void aTransactionOfOneCallTakesOneTimestampAndFollowsAllAcknowledgedBefore() {
    Timestamp other = put("2", "b");
    Timestamp before = world.await(client.timestamp());
    Timestamp start =
        world.await(
            client.retrying(
                transaction -> {
                  transaction.put(key("a"), key("1"));
                  return CompletableFuture.completedFuture(transaction.timestamp());
                }));
    Timestamp after = world.await(client.timestamp());
    assertThat(after.logical() - before.logical()).isEqualTo(2);
    assertThat(start).isGreaterThan(other);
    assertThat(world.await(client.snapshotAt(start).get(key("a")))).isEmpty();
    assertThat(read("a")).isEqualTo("1");
    assertThat(cluster.calls("KvCommit")).isZero();
  }

  @Test
  void aTransactionOfOneCallThatTakesLongAsksForTheTimeAgain() {
    world.await(
        client.retrying(
            transaction -> {
              transaction.put(key("a"), key("1"));
              CompletableFuture<Void> late = new CompletableFuture<>();
              client
                  .transactions()
                  .calls()
                  .loop()
                  .schedule(Duration.ofSeconds(5), () -> late.complete(null));
              return late;
            }));
    assertThat(read("a")).isEqualTo("1");
    assertThat(cluster.calls("KvCommit")).isZero();
  }

  @Test
  void aLostAnswerToOnePhaseIsAskedForAgain() {
    cluster.fault("KvPrewrite", Fault.LOSE_ANSWER);
    put("1", "a");
    assertThat(read("a")).isEqualTo("1");
    assertThat(cluster.calls("KvCommit")).isZero();
  }

  @Test
  void onePhaseWhoseAnswersAreAllLostHasAnUnknownOutcome() {
    Transaction transaction = world.await(client.begin());
    transaction.put(key("a"), key("1"));
    cluster.fault("KvPrewrite", Fault.LOSE_ANSWER);
    for (int i = 0; i < 50; i++) {
      cluster.fault("KvPrewrite", Fault.LOSE_REQUEST);
    }
    assertThatThrownBy(() -> world.await(transaction.commit()))
        .isInstanceOf(OutcomeUnknownException.class);
    cluster.clearFaults();
    assertThat(read("a")).isEqualTo("1");
    assertThat(cluster.calls("KvBatchRollback")).isZero();
  }

  @Test
  void onePhaseWhoseRegionIsNotFoundAgainAfterALostAnswerHasAnUnknownOutcome() {
    Transaction transaction = world.await(client.begin());
    transaction.put(key("a"), key("1"));
    cluster.fault("KvPrewrite", Fault.LOSE_ANSWER);
    cluster.regionError(
        "KvPrewrite",
        Error.newBuilder().setRegionNotFound(RegionNotFound.newBuilder()).build(),
        cluster::stopPlacementDriver);
    assertThatThrownBy(() -> world.await(transaction.commit()))
        .isInstanceOf(OutcomeUnknownException.class);
    assertThat(cluster.calls("KvPrewrite")).isEqualTo(2);
    assertThat(cluster.calls("KvBatchRollback")).isZero();
  }

  @Test
  void aConflictIsAnAbortEvenAfterALostAnswer() {
    Transaction late = world.await(client.begin());
    late.put(key("a"), key("2"));
    put("1", "a");
    cluster.fault("KvPrewrite", Fault.LOSE_ANSWER);
    assertThatThrownBy(() -> world.await(late.commit()))
        .isInstanceOf(TransactionAbortedException.class);
  }

  @Test
  void aCommitThatWouldBeTooLateFallsBackToTwoPhases() {
    Timestamp now = world.await(client.timestamp());
    Timestamp ahead = Timestamp.of(now.physicalMillis() + 5_000, 0);
    world.await(client.snapshotAt(ahead).get(key("a")));
    Transaction transaction = world.await(client.begin());
    transaction.put(key("b"), key("1"));
    world.await(transaction.commit());
    assertThat(cluster.calls("KvCommit")).isEqualTo(1);
    assertThat(read("b")).isEqualTo("1");
  }

  /**
   * Correctness rule 41: nobody but its client could tell that such a transaction has committed.
   */
  @Test
  void aRegionThatFallsBackTakesTheOthersWithIt() {
    cluster.split(KeySpace.TRANSACTIONAL, "b");
    Timestamp now = world.await(client.timestamp());
    cluster.before("KvPrewrite", () -> {});
    cluster.before(
        "KvPrewrite", () -> cluster.read("z", Timestamp.of(now.physicalMillis() + 60_000, 0)));
    for (int i = 0; i < 60; i++) {
      cluster.fault("KvCommit", Fault.LOSE_REQUEST);
    }
    Transaction transaction = world.await(client.begin());
    transaction.put(key("a"), key("1"));
    transaction.put(key("b"), key("1"));

    assertThatThrownBy(() -> world.await(transaction.commit()))
        .isInstanceOf(OutcomeUnknownException.class);
    assertThat(cluster.locks()).isEqualTo(2);
  }

  @Test
  void anAsynchronousCommitWhoseClientDiedIsFoundByItsSecondaries() {
    cluster.split(KeySpace.TRANSACTIONAL, "b");
    DyingConnections connections = cluster.connections();
    connections.dieAtFirst("KvCommit");
    ArrowraftClient other = new ArrowraftClient(world.environment(), connections, EARLY);
    Transaction transaction = world.await(other.begin());
    transaction.put(key("a"), key("1"));
    transaction.put(key("b"), key("1"));
    world.await(transaction.commit());
    assertThat(cluster.locks()).isEqualTo(2);

    world.advance(Duration.ofSeconds(10));
    assertThat(read("b")).isEqualTo("1");
    assertThat(read("a")).isEqualTo("1");
    assertThat(cluster.locks()).isZero();
  }

  @Test
  void anAsynchronousCommitThatLockedOnlySomeKeysIsRolledBack() {
    cluster.split(KeySpace.TRANSACTIONAL, "b");
    cluster.before("KvPrewrite", () -> {});
    for (int i = 0; i < 60; i++) {
      cluster.fault("KvPrewrite", Fault.LOSE_REQUEST);
    }
    Transaction transaction = world.await(client.begin());
    transaction.put(key("a"), key("1"));
    transaction.put(key("b"), key("1"));
    assertThatThrownBy(() -> world.await(transaction.commit()))
        .isInstanceOf(OutcomeUnknownException.class);
    cluster.clearFaults();
    world.advance(Duration.ofSeconds(10));
    assertThat(read("a")).isNull();
    assertThat(read("b")).isNull();
    assertThat(cluster.locks()).isZero();
  }

  private Timestamp put(String value, String... keys) {
    Transaction transaction = world.await(client.begin());
    for (String each : keys) {
      transaction.put(key(each), key(value));
    }
    return world.await(transaction.commit());
  }

  private String read(String key) {
    return world
        .await(world.await(client.snapshot()).get(key(key)))
        .map(TransactionFixture::text)
        .orElse(null);
  }
}
