package io.arrowraft.client.txn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.client.error.ErrorCode;
import io.arrowraft.client.error.InvalidRequestException;
import io.arrowraft.client.error.TransactionAbortedException;
import io.arrowraft.client.fake.FakeCluster;
import io.arrowraft.client.fake.FakeCluster.Fault;
import io.arrowraft.client.options.ClientOptions;
import io.arrowraft.client.options.CommitModes;
import io.arrowraft.pd.client.Timestamp;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Correctness rule 52, as far as commits go: none past what the transaction was built on. */
class CommitFenceTest extends TransactionFixture {
  @Test
  void aCommitPastItsFenceTakesALaterTimestampOnceTheFenceIsExtended() {
    Transaction transaction = begin();
    Lease lease = lease(transaction);
    lease.mayBeExtended = true;
    transaction.put(key("a"), key("1"));

    Timestamp committed = world.await(transaction.commit());

    assertThat(lease.asked).isOne();
    assertThat(committed.value()).isLessThanOrEqualTo(lease.newest).isGreaterThan(lease.begun);
    assertThat(read("a")).isEqualTo("1");
  }

  @Test
  void aTransactionWhoseFenceIsPassedIsAbortedBeforeItsPrimaryIsCommitted() {
    Transaction transaction = begin();
    lease(transaction);
    transaction.put(key("a"), key("1"));

    assertIsAborted(transaction.commit());
    assertThat(cluster.calls("KvCommit")).isZero();
  }

  @Test
  void storesDoNotTimeACommitPastItsFence() {
    ArrowraftClient early =
        cluster.client(ClientOptions.of(FakeCluster.PD_ADDRESS).withCommits(CommitModes.early()));
    Transaction transaction = world.await(early.begin());
    Lease lease = lease(transaction);
    lease.newest = Timestamp.of(transaction.timestamp().physicalMillis() + 100, 0).value();
    transaction.put(key("a"), key("1"));
    cluster.before("KvPrewrite", () -> cluster.read("z", new Timestamp(lease.newest + 1)));

    assertThat(world.await(transaction.commit()).value()).isLessThanOrEqualTo(lease.newest);
    assertThat(cluster.calls("KvCommit")).as("it fell back").isOne();
  }

  @Test
  void aCommitThatAReaderPushesPastItsFenceIsAborted() {
    Transaction transaction = begin();
    Lease lease = lease(transaction);
    lease.newest = Long.MAX_VALUE;
    transaction.put(key("a"), key("1"));
    cluster.fault("KvCommit", Fault.LOSE_REQUEST);
    CompletableFuture<Timestamp> commit = transaction.commit();
    world.advance(Duration.ofMillis(50));
    assertThat(cluster.locks()).isOne();
    lease.newest = world.await(client.timestamp()).value();
    assertThat(read("a")).isNull();

    assertIsAborted(commit);
    assertThat(lease.asked).isOne();
  }

  private void assertIsAborted(CompletableFuture<Timestamp> commit) {
    assertThatThrownBy(() -> world.await(commit))
        .isInstanceOfSatisfying(
            TransactionAbortedException.class,
            aborted -> assertThat(aborted.code()).isEqualTo(ErrorCode.SCHEMA_CHANGED));
    assertThat(read("a")).isNull();
  }

  /** One that has ended as the transaction began. */
  private static Lease lease(Transaction transaction) {
    long start = transaction.timestamp().value();
    return transaction.fence("table", Lease.class, () -> new Lease(start));
  }

  private static final class Lease implements CommitFence {
    private final long begun;
    private long newest;
    private boolean mayBeExtended;
    private int asked;

    private Lease(long begun) {
      this.begun = begun;
      this.newest = begun;
    }

    @Override
    public long newestCommitTs() {
      return newest;
    }

    @Override
    public CompletableFuture<Void> extend() {
      asked++;
      if (!mayBeExtended) {
        return CompletableFuture.failedFuture(
            new TransactionAbortedException(ErrorCode.SCHEMA_CHANGED, "the table has changed"));
      }
      newest = Long.MAX_VALUE;
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public void beforeCommit() {}

    @Override
    public InvalidRequestException explain(InvalidRequestException keyExists) {
      return keyExists;
    }
  }
}
