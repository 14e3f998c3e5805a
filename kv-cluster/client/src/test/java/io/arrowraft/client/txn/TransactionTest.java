package io.arrowraft.client.txn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arrowraft.client.error.ArrowraftException;
import io.arrowraft.client.error.ErrorCode;
import io.arrowraft.client.error.InvalidRequestException;
import io.arrowraft.client.error.OutcomeUnknownException;
import io.arrowraft.client.error.TransactionAbortedException;
import io.arrowraft.client.fake.FakeCluster.Fault;
import io.arrowraft.client.keyvalue.KeyValue;
import io.arrowraft.client.keyvalue.ScanPage;
import io.arrowraft.client.region.KeySpace;
import io.arrowraft.pd.client.Timestamp;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class TransactionTest extends TransactionFixture {
  @Test
  void committedWritesAreSeenByLaterSnapshotsOnly() {
    Timestamp before = world.await(client.timestamp());
    Timestamp committed = put("a", "1");
    assertThat(world.await(client.snapshotAt(before).get(key("a")))).isEmpty();
    assertThat(world.await(client.snapshotAt(committed).get(key("a")))).contains(key("1"));
    assertThat(world.await(client.snapshotAt(committed.previous()).get(key("a")))).isEmpty();
  }

  @Test
  void aTransactionReadsItsOwnWrites() {
    put("a", "1");
    put("c", "3");
    put("e", "5");
    Transaction transaction = begin();
    transaction.put(key("b"), key("2"));
    transaction.delete(key("c"));
    transaction.put(key("e"), key("new"));
    transaction.put(key("f"), key("6"));
    assertThat(world.await(transaction.get(key("b")))).contains(key("2"));
    assertThat(world.await(transaction.get(key("c")))).isEmpty();
    assertThat(world.await(transaction.batchGet(List.of(key("a"), key("b"), key("c")))))
        .isEqualTo(Map.of(key("a"), key("1"), key("b"), key("2")));
    assertThat(texts(world.await(transaction.scan(key("a"), Bytes.EMPTY, 99))))
        .containsExactly("a=1", "b=2", "e=new", "f=6");
  }

  @Test
  void aMergedScanStopsAtItsLimitAndGoesOn() {
    for (int i = 0; i < 10; i += 2) {
      put("k" + i, "stored");
    }
    Transaction transaction = begin();
    for (int i = 1; i < 10; i += 2) {
      transaction.put(key("k" + i), key("own"));
    }
    List<String> found = new ArrayList<>();
    Bytes from = Bytes.EMPTY;
    while (true) {
      ScanPage page = world.await(transaction.scan(from, Bytes.EMPTY, 3));
      assertThat(page.pairs()).hasSizeLessThanOrEqualTo(3);
      found.addAll(texts(page));
      if (page.continuation().isEmpty()) {
        break;
      }
      from = page.continuation().get();
    }
    assertThat(found).hasSize(10).isSorted().doesNotHaveDuplicates();
  }

  @Test
  void answersTooLargeForOneMessageAreAskedForInSmallerPieces() {
    for (int i = 0; i < 8; i++) {
      put("k" + i, "v" + i);
    }
    Snapshot snapshot = world.await(client.snapshot());
    for (int i = 0; i < 2; i++) {
      cluster.before("KvScan", TransactionTest::refuseAsTooLarge);
      cluster.before("KvBatchGet", TransactionTest::refuseAsTooLarge);
    }
    assertThat(world.await(snapshot.scan(key("k"), Bytes.EMPTY, 8)).pairs()).hasSize(8);
    assertThat(world.await(snapshot.batchGet(List.of(key("k1"), key("k2"), key("k5"), key("k7")))))
        .hasSize(4);
  }

  private static void refuseAsTooLarge() {
    throw new RpcException(RpcStatus.RESOURCE_EXHAUSTED, "larger than responseBytesMax");
  }

  @Test
  void aBodyThatBreaksTheCallDoesNotLeaveItWaiting() {
    CompletableFuture<Object> broken = client.transactions().retrying(transaction -> null);
    assertThatThrownBy(() -> world.await(broken)).isInstanceOf(NullPointerException.class);
  }

  @Test
  void theLaterOfTwoWritersIsAborted() {
    Transaction first = begin();
    Transaction second = begin();
    first.put(key("a"), key("1"));
    second.put(key("a"), key("2"));
    world.await(first.commit());
    assertThatThrownBy(() -> world.await(second.commit()))
        .isInstanceOf(TransactionAbortedException.class)
        .extracting(failure -> ((ArrowraftException) failure).code())
        .isEqualTo(ErrorCode.WRITE_CONFLICT);
    assertThat(read("a")).isEqualTo("1");
  }

  @Test
  void lockingAKeyConflictsWithItsWriter() {
    put("a", "1");
    Transaction reader = begin();
    world.await(reader.get(key("a")));
    reader.lock(key("a"));
    reader.put(key("b"), key("derived"));
    put("a", "2");
    assertThatThrownBy(() -> world.await(reader.commit()))
        .isInstanceOf(TransactionAbortedException.class);
    assertThat(read("b")).isNull();
  }

  @Test
  void insertFailsIfTheKeyExists() {
    put("a", "1");
    Transaction transaction = begin();
    transaction.insert(key("a"), key("2"));
    transaction.put(key("b"), key("2"));
    assertThatThrownBy(() -> world.await(transaction.commit()))
        .isInstanceOf(InvalidRequestException.class)
        .extracting(failure -> ((ArrowraftException) failure).code())
        .isEqualTo(ErrorCode.KEY_EXISTS);
    assertThat(read("b")).isNull();
  }

  @Test
  void insertAndDeleteInOneTransactionLeaveNothingButStillCheck() {
    Transaction free = begin();
    free.insert(key("a"), key("1"));
    free.delete(key("a"));
    world.await(free.commit());
    assertThat(read("a")).isNull();
    put("a", "1");
    Transaction taken = begin();
    taken.insert(key("a"), key("2"));
    taken.delete(key("a"));
    assertThatThrownBy(() -> world.await(taken.commit()))
        .isInstanceOf(InvalidRequestException.class);
    Transaction replaced = begin();
    replaced.delete(key("a"));
    replaced.insert(key("a"), key("3"));
    world.await(replaced.commit());
    assertThat(read("a")).isEqualTo("3");
  }

  @Test
  void aLargeTransactionSpansRegionsThatSplitMeanwhile() {
    cluster.split(KeySpace.TRANSACTIONAL, "k3");
    world.await(client.snapshotAt(world.await(client.timestamp())).get(key("k5")));
    Transaction transaction = begin();
    for (int i = 0; i < 10; i++) {
      transaction.put(key("k" + i), Bytes.wrap(new byte[5000]));
    }
    cluster.before("KvPrewrite", () -> cluster.split(KeySpace.TRANSACTIONAL, "k5"));
    cluster.before("KvPrewrite", () -> cluster.lead(2, KeySpace.TRANSACTIONAL, "k9"));
    cluster.before("KvCommit", () -> cluster.split(KeySpace.TRANSACTIONAL, "k1", "k7"));
    world.await(transaction.commit());
    world.await(client.transactions().idle());
    assertThat(cluster.locks()).isZero();
    Snapshot now = world.await(client.snapshot());
    assertThat(world.await(now.scan(key("k"), Bytes.EMPTY, 99)).pairs()).hasSize(10);
  }

  @Test
  void aLostCommitAnswerIsAskedForAgain() {
    cluster.fault("KvCommit", Fault.LOSE_ANSWER);
    put("a", "1");
    assertThat(read("a")).isEqualTo("1");
  }

  @Test
  void aCommitWhoseAnswersAreAllLostHasAnUnknownOutcome() {
    Transaction transaction = begin();
    transaction.put(key("a"), key("1"));
    cluster.fault("KvCommit", Fault.LOSE_ANSWER);
    for (int i = 0; i < 50; i++) {
      cluster.fault("KvCommit", Fault.LOSE_REQUEST);
    }
    assertThatThrownBy(() -> world.await(transaction.commit()))
        .isInstanceOf(OutcomeUnknownException.class);
    assertThat(read("a")).isEqualTo("1");
    assertThat(cluster.calls("KvBatchRollback")).isZero();
  }

  @Test
  void aPrewriteThatNobodyAnswersIsNoUnknownOutcome() {
    Transaction transaction = begin();
    transaction.put(key("a"), key("1"));
    for (int i = 0; i < 50; i++) {
      cluster.fault("KvPrewrite", Fault.LOSE_REQUEST);
    }
    assertThatThrownBy(() -> world.await(transaction.commit()))
        .isInstanceOf(ArrowraftException.class)
        .isNotInstanceOf(OutcomeUnknownException.class);
    assertThat(read("a")).isNull();
  }

  @Test
  void retryingReadsAgain() {
    put("counter", "0");
    List<CompletableFuture<Integer>> increments = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      increments.add(client.retrying(this::increment));
    }
    for (CompletableFuture<Integer> increment : increments) {
      world.await(increment);
    }
    assertThat(read("counter")).isEqualTo("8");
  }

  @Test
  void anUnknownOutcomeIsNeverRunAgain() {
    put("counter", "0");
    cluster.fault("KvCommit", Fault.LOSE_ANSWER);
    for (int i = 0; i < 5; i++) {
      cluster.fault("KvCommit", Fault.LOSE_REQUEST);
    }
    CompletableFuture<Integer> increment = client.retrying(this::increment);
    assertThatThrownBy(() -> world.await(increment)).isInstanceOf(OutcomeUnknownException.class);
    cluster.clearFaults();
    assertThat(read("counter")).isEqualTo("1");
  }

  private CompletableFuture<Integer> increment(Transaction transaction) {
    return transaction
        .get(key("counter"))
        .thenApply(
            value -> {
              int next = Integer.parseInt(text(value.orElseThrow())) + 1;
              transaction.put(key("counter"), key(String.valueOf(next)));
              return next;
            });
  }

  @Test
  void aBodyThatThrowsEndsItsTransaction() {
    CompletableFuture<Void> failed =
        client.retrying(
            transaction -> {
              transaction.put(key("a"), key("1"));
              throw new IllegalStateException("the body's own");
            });
    assertThatThrownBy(() -> world.await(failed)).hasMessage("the body's own");
    assertThat(read("a")).isNull();
  }

  @Test
  void aFinishedTransactionRefusesWork() {
    Transaction transaction = begin();
    transaction.rollback();
    assertThatThrownBy(() -> transaction.put(key("a"), key("1")))
        .isInstanceOf(InvalidRequestException.class);
  }

  @Test
  void tooLongKeysAreRefusedAtOnce() {
    Transaction transaction = begin();
    assertThatThrownBy(() -> transaction.put(Bytes.wrap(new byte[8193]), key("1")))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("8193");
    assertThat(transaction.isReadOnly()).isTrue();
  }

  @Test
  void waitingOnTheClientsOwnLoopIsRefusedAtOnce() {
    CompletableFuture<Object> deadlock =
        client.retrying(
            transaction -> {
              client.await(transaction.get(key("a")));
              return CompletableFuture.completedFuture(null);
            });
    assertThatThrownBy(() -> world.await(deadlock))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("loop");
  }

  @Test
  void moreOperationsThanTheLimitAreRefused() {
    List<CompletableFuture<Timestamp>> many = new ArrayList<>();
    for (int i = 0; i <= client.options().limits().operationsMax(); i++) {
      many.add(client.timestamp());
    }
    assertThat(many.get(many.size() - 1)).isCompletedExceptionally();
    assertThat(world.await(many.get(0))).isNotNull();
  }

  /** Leaves prewritten locks behind, as a client that dies between the phases does. */
  private static List<String> texts(ScanPage page) {
    Map<String, String> texts = new TreeMap<>();
    for (KeyValue pair : page.pairs()) {
      texts.put(text(pair.key()), text(pair.value()));
    }
    return texts.entrySet().stream().map(Object::toString).toList();
  }
}
