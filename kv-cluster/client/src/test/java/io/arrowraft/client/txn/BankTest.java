package io.arrowraft.client.txn;

import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.client.error.ArrowraftException;
import io.arrowraft.client.fake.FakeCluster;
import io.arrowraft.client.fake.FakeCluster.Fault;
import io.arrowraft.client.fake.VirtualWorld;
import io.arrowraft.client.keyvalue.KeyValue;
import io.arrowraft.client.region.KeySpace;
import io.arrowraft.runtime.Bytes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;

/** Transfers between accounts under faults, splits and leader changes never change the total. */
class BankTest {
  private static final int ACCOUNTS = 8;
  private static final int BALANCE = 100;
  private static final List<String> FAULTY =
      List.of("KvPrewrite", "KvCommit", "KvGet", "KvResolveLock", "KvCheckTxnStatus", "KvScan");

  @Property(tries = 40)
  void theTotalNeverMoves(@ForAll @LongRange(min = 0, max = 1 << 30) long seed) {
    Random random = new Random(seed);
    VirtualWorld world = new VirtualWorld();
    FakeCluster cluster = new FakeCluster(world);
    ArrowraftClient client = cluster.client();
    ArrowraftClient other = cluster.client();
    world.await(client.retrying(BankTest::open));
    List<CompletableFuture<?>> running = new ArrayList<>();
    List<CompletableFuture<Integer>> totals = new ArrayList<>();
    for (int step = 0; step < 60; step++) {
      int from = random.nextInt(ACCOUNTS);
      int to = (from + 1 + random.nextInt(ACCOUNTS - 1)) % ACCOUNTS;
      ArrowraftClient either = random.nextBoolean() ? client : other;
      running.add(either.retrying(tx -> transfer(tx, from, to, 1 + random.nextInt(9))));
      totals.add(either.snapshot().thenCompose(BankTest::total));
      disturb(random, cluster);
      world.advance(Duration.ofMillis(random.nextInt(200)));
    }
    for (CompletableFuture<?> each : running) {
      awaitQuietly(world, each);
    }
    cluster.clearFaults();
    for (CompletableFuture<Integer> total : totals) {
      awaitQuietly(world, total);
      if (!total.isCompletedExceptionally()) {
        assertThat(total.join()).isEqualTo(ACCOUNTS * BALANCE);
      }
    }
    assertThat(world.await(client.snapshot().thenCompose(BankTest::total)))
        .isEqualTo(ACCOUNTS * BALANCE);
    assertThat(totals.stream().filter(total -> !total.isCompletedExceptionally())).isNotEmpty();
  }

  private static void disturb(Random random, FakeCluster cluster) {
    String account = "a" + random.nextInt(ACCOUNTS);
    switch (random.nextInt(6)) {
      case 0, 1 ->
          cluster.fault(
              FAULTY.get(random.nextInt(FAULTY.size())),
              random.nextBoolean() ? Fault.LOSE_ANSWER : Fault.LOSE_REQUEST);
      case 2 -> cluster.lead(1 + random.nextInt(3), KeySpace.TRANSACTIONAL, account);
      case 3 -> {
        if (cluster.regionCount() < 6) {
          cluster.split(KeySpace.TRANSACTIONAL, account + random.nextInt(100));
        }
      }
      default -> {
        // Nothing goes wrong for once.
      }
    }
  }

  private static void awaitQuietly(VirtualWorld world, CompletableFuture<?> future) {
    try {
      world.await(future);
    } catch (ArrowraftException failed) {
      assertThat(failed.code()).isNotNull();
    }
  }

  private static CompletableFuture<Void> open(Transaction transaction) {
    for (int i = 0; i < ACCOUNTS; i++) {
      transaction.put(account(i), amount(BALANCE));
    }
    return CompletableFuture.completedFuture(null);
  }

  private static CompletableFuture<Void> transfer(
      Transaction transaction, int from, int to, int amount) {
    return transaction
        .get(account(from))
        .thenCombine(
            transaction.get(account(to)),
            (source, target) -> {
              transaction.put(account(from), amount(value(source.orElseThrow()) - amount));
              transaction.put(account(to), amount(value(target.orElseThrow()) + amount));
              return null;
            });
  }

  private static CompletableFuture<Integer> total(Snapshot snapshot) {
    return snapshot
        .scan(Bytes.ofUtf8("a"), Bytes.ofUtf8("b"), 100)
        .thenApply(
            page -> page.pairs().stream().map(KeyValue::value).mapToInt(BankTest::value).sum());
  }

  private static Bytes account(int i) {
    return Bytes.ofUtf8("a" + i);
  }

  private static Bytes amount(int value) {
    return Bytes.ofUtf8(String.valueOf(value));
  }

  private static int value(Bytes amount) {
    return Integer.parseInt(
        new String(amount.unsafeArray(), java.nio.charset.StandardCharsets.UTF_8));
  }
}
