package io.arrowraft.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.client.error.ArrowraftException;
import io.arrowraft.client.error.ErrorCode;
import io.arrowraft.client.error.TransactionAbortedException;
import io.arrowraft.client.options.ClientOptions;
import io.arrowraft.client.options.CommitModes;
import io.arrowraft.client.options.LockTimes;
import io.arrowraft.client.region.KeySpace;
import io.arrowraft.client.txn.PessimisticTransaction;
import io.arrowraft.client.txn.Savepoint;
import io.arrowraft.runtime.Bytes;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pessimistic transactions over the wire, with two regions in the way. */
class PessimisticTransactionTest {
  @TempDir private static Path directory;
  private static EmbeddedCluster cluster;
  private static ArrowraftClient client;

  @BeforeAll
  static void start() {
    cluster = EmbeddedCluster.start(EmbeddedOptions.defaults(directory));
    client = ArrowraftClient.connect(ClientOptions.of(cluster.pdAddress()));
    client.await(client.split(KeySpace.TRANSACTIONAL, List.of(key("m"))));
  }

  @AfterAll
  static void stop() {
    client.close();
    cluster.check();
    cluster.close();
  }

  @Test
  void incrementsOfOneCounterWaitForEachOtherAndNoneFails() {
    List<CompletableFuture<Void>> increments = new ArrayList<>();
    for (int i = 0; i < 24; i++) {
      increments.add(increment(key("counter")));
    }
    increments.forEach(client::await);
    assertThat(read("counter")).contains(Bytes.ofUtf8("24"));
  }

  private static CompletableFuture<Void> increment(Bytes counter) {
    return client
        .beginPessimistic()
        .thenCompose(
            transaction ->
                incrementIn(transaction, counter).thenCompose(put -> transaction.commit()))
        .thenApply(committed -> null);
  }

  private static CompletableFuture<Void> incrementIn(
      PessimisticTransaction transaction, Bytes counter) {
    return transaction
        .getForUpdate(counter)
        .thenCompose(value -> transaction.put(counter, Bytes.ofUtf8(next(value))));
  }

  private static String next(Optional<Bytes> value) {
    return Integer.toString(
        value
                .map(v -> Integer.parseInt(new String(v.toByteArray(), StandardCharsets.UTF_8)))
                .orElse(0)
            + 1);
  }

  @Test
  void keysOfTwoRegionsCommitTogetherUnderEveryKindOfCommit() {
    for (CommitModes modes : List.of(CommitModes.twoPhase(), CommitModes.early())) {
      try (ArrowraftClient other =
          ArrowraftClient.connect(ClientOptions.of(cluster.pdAddress()).withCommits(modes))) {
        // The first key that is locked is the primary, and not the first in order here.
        PessimisticTransaction transaction = other.await(other.beginPessimistic());
        other.await(transaction.put(key("z"), Bytes.ofUtf8("1")));
        other.await(transaction.put(key("a"), Bytes.ofUtf8("2")));
        other.await(transaction.lock(List.of(key("n"))));
        other.await(transaction.commit());
        assertThat(read("z")).contains(Bytes.ofUtf8("1"));
        assertThat(read("a")).contains(Bytes.ofUtf8("2"));
        other.transact(
            optimistic -> {
              optimistic.put(key("n"), Bytes.ofUtf8("unlocked"));
              optimistic.delete(key("a"));
              return null;
            });
      }
    }
  }

  @Test
  void whoClosesACircleOfWaitsIsToldAndTheOtherGoesOn() {
    PessimisticTransaction first = client.await(client.beginPessimistic());
    PessimisticTransaction second = client.await(client.beginPessimistic());
    client.await(first.put(key("d1"), Bytes.ofUtf8("1")));
    client.await(second.put(key("p2"), Bytes.ofUtf8("2")));
    CompletableFuture<Void> waiting = first.put(key("p2"), Bytes.ofUtf8("1"));
    CompletableFuture<Void> closing = second.put(key("d1"), Bytes.ofUtf8("2"));
    List<Throwable> refused = new ArrayList<>();
    for (CompletableFuture<Void> each : List.of(waiting, closing)) {
      try {
        client.await(each);
      } catch (ArrowraftException failure) {
        refused.add(failure);
      }
    }
    assertThat(refused).hasSize(1);
    assertThat(((ArrowraftException) refused.get(0)).code()).isEqualTo(ErrorCode.DEADLOCK);
    assertThat(refused.get(0)).hasMessageContaining("waits for");
    boolean firstLives = !waiting.isCompletedExceptionally();
    client.await((firstLives ? first : second).commit());
    assertThat(read("d1")).contains(Bytes.ofUtf8(firstLives ? "1" : "2"));
  }

  @Test
  void runsThatEndInDeadlocksAreRepeatedUntilAllHaveCommitted() {
    List<CompletableFuture<Void>> transfers = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      // Half of them lock the two keys in the other order.
      transfers.add(i % 2 == 0 ? both(key("e1"), key("q2")) : both(key("q2"), key("e1")));
    }
    transfers.forEach(client::await);
    assertThat(read("e1")).contains(Bytes.ofUtf8("12"));
    assertThat(read("q2")).contains(Bytes.ofUtf8("12"));
  }

  private static CompletableFuture<Void> both(Bytes first, Bytes second) {
    return client.retryingPessimistic(
        transaction ->
            incrementIn(transaction, first).thenCompose(done -> incrementIn(transaction, second)));
  }

  @Test
  void aBodyThatFailsLeavesNoLocks() {
    assertThatThrownBy(
            () ->
                client.await(
                    client.retryingPessimistic(
                        transaction ->
                            transaction
                                .put(key("f1"), Bytes.ofUtf8("1"))
                                .thenCompose(
                                    done ->
                                        CompletableFuture.failedFuture(
                                            new IllegalStateException("changed its mind"))))))
        .hasMessageContaining("changed its mind");
    client.await(
        client.retryingPessimistic(transaction -> transaction.put(key("f1"), Bytes.ofUtf8("2"))));
    assertThat(read("f1")).contains(Bytes.ofUtf8("2"));
  }

  @Test
  void anInsertOfWhatExistsFailsAndLeavesTheTransactionAsItWas() {
    PessimisticTransaction transaction = client.await(client.beginPessimistic());
    client.await(transaction.insert(key("i1"), Bytes.ofUtf8("1")));
    client.transact(
        other -> {
          other.put(key("i2"), Bytes.ofUtf8("there"));
          return null;
        });
    assertThatThrownBy(() -> client.await(transaction.insert(key("i2"), Bytes.ofUtf8("2"))))
        .isInstanceOfSatisfying(
            ArrowraftException.class,
            failure -> assertThat(failure.code()).isEqualTo(ErrorCode.KEY_EXISTS));
    client.await(transaction.commit());
    assertThat(read("i1")).contains(Bytes.ofUtf8("1"));
    assertThat(read("i2")).contains(Bytes.ofUtf8("there"));
  }

  @Test
  void whatCameAfterASavepointCanBeTakenBack() {
    PessimisticTransaction transaction = client.await(client.beginPessimistic());
    client.await(transaction.put(key("s1"), Bytes.ofUtf8("1")));
    Savepoint savepoint = transaction.savepoint();
    client.await(transaction.put(key("s1"), Bytes.ofUtf8("2")));
    client.await(transaction.put(key("s2"), Bytes.ofUtf8("2")));
    transaction.rollbackTo(savepoint);
    assertThat(client.await(transaction.get(key("s1")))).contains(Bytes.ofUtf8("1"));
    client.await(transaction.commit());
    assertThat(read("s1")).contains(Bytes.ofUtf8("1"));
    assertThat(read("s2")).isEmpty();
  }

  @Test
  void plainReadsStayAtTheStartAndLockingOnesSeeTheNewest() {
    write("r", "old");
    PessimisticTransaction transaction = client.await(client.beginPessimistic());
    write("r", "new");
    assertThat(client.await(transaction.get(key("r")))).contains(Bytes.ofUtf8("old"));
    assertThat(client.await(transaction.getForUpdate(key("r")))).contains(Bytes.ofUtf8("new"));
    transaction.rollback();
    write("r", "newest");
  }

  @Test
  void locksOfAClientThatIsGoneExpire() {
    LockTimes brief =
        new LockTimes(
            Duration.ofMillis(200),
            Duration.ofMillis(600),
            Duration.ofMillis(300),
            Duration.ofMillis(1));
    try (ArrowraftClient gone =
        ArrowraftClient.connect(ClientOptions.of(cluster.pdAddress()).withLocks(brief))) {
      PessimisticTransaction abandoned = gone.await(gone.beginPessimistic());
      gone.await(abandoned.put(key("x1"), Bytes.ofUtf8("lost")));
      gone.await(abandoned.put(key("x2"), Bytes.ofUtf8("lost")));
    }
    write("x2", "mine");
    PessimisticTransaction transaction = client.await(client.beginPessimistic());
    client.await(transaction.put(key("x1"), Bytes.ofUtf8("mine")));
    client.await(transaction.commit());
    assertThat(read("x1")).contains(Bytes.ofUtf8("mine"));
    assertThat(read("x2")).contains(Bytes.ofUtf8("mine"));
  }

  @Test
  void whatWasReadUnderALockThatIsLostMeanwhileOverwritesNothing() {
    write("l", "old");
    LockTimes brief =
        new LockTimes(
            Duration.ofMillis(200),
            Duration.ofMillis(600),
            Duration.ofMillis(300),
            Duration.ofMillis(1));
    try (ArrowraftClient slow =
        ArrowraftClient.connect(ClientOptions.of(cluster.pdAddress()).withLocks(brief))) {
      PessimisticTransaction transaction = slow.await(slow.beginPessimistic());
      assertThat(slow.await(transaction.getForUpdate(key("l")))).contains(Bytes.ofUtf8("old"));
      write("l", "new"); // waits until the lock has expired
      slow.await(transaction.put(key("l"), Bytes.ofUtf8("old, changed")));
      assertThatThrownBy(() -> slow.await(transaction.commit()))
          .isInstanceOf(TransactionAbortedException.class);
    }
    assertThat(read("l")).contains(Bytes.ofUtf8("new"));
  }

  @Test
  void aKeyThatIsLockedAlreadyIsReadAndWrittenUnderThatLock() {
    write("w", "old");
    PessimisticTransaction transaction = client.await(client.beginPessimistic());
    client.await(transaction.lock(List.of(key("w"), key("v"))));
    assertThat(client.await(transaction.batchGetForUpdate(List.of(key("u"), key("v"), key("w")))))
        .containsExactly(Map.entry(key("w"), Bytes.ofUtf8("old")));
    assertThatThrownBy(() -> client.await(transaction.insert(key("w"), Bytes.ofUtf8("mine"))))
        .isInstanceOf(ArrowraftException.class)
        .extracting(failure -> ((ArrowraftException) failure).code())
        .isEqualTo(ErrorCode.KEY_EXISTS);
    client.await(transaction.insert(key("v"), Bytes.ofUtf8("mine")));
    client.await(transaction.put(key("w"), Bytes.ofUtf8("mine")));
    client.await(transaction.commit());
    assertThat(read("v")).contains(Bytes.ofUtf8("mine"));
    assertThat(read("w")).contains(Bytes.ofUtf8("mine"));
  }

  private static void write(String name, String value) {
    client.transact(
        transaction -> {
          transaction.put(key(name), Bytes.ofUtf8(value));
          return null;
        });
  }

  private static Optional<Bytes> read(String name) {
    return client.await(client.await(client.snapshot()).get(key(name)));
  }

  private static Bytes key(String name) {
    return Bytes.ofUtf8(name);
  }
}
