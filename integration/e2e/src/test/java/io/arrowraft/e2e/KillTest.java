package io.arrowraft.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.client.options.ClientOptions;
import io.arrowraft.client.region.KeySpace;
import io.arrowraft.runtime.Bytes;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each store in turn is killed with SIGKILL while this process writes and keeps the history. */
class KillTest {
  private static final int STORES = 3;
  private static final int ROUNDS = 7;
  private static final int WRITERS = 2;
  private static final int TELLERS = 2;

  /** Writes that each worker must get through after a kill before the next one. */
  private static final int WRITES_BETWEEN_KILLS = 5;

  private static final Duration GAP_BOUND = Duration.ofSeconds(15);
  private static final Duration RECOVERY_BOUND = Duration.ofSeconds(60);

  @TempDir private Path data;

  @Test
  void noAcknowledgedWriteIsLostWhileEachStoreIsKilledInTurn() throws Exception {
    int[] ports = LocalCluster.freePorts(STORES + 1);
    try (LocalCluster cluster =
            LocalCluster.start(data, STORES, ports[0], ports[1], "--split-size=1");
        ArrowraftClient client = ArrowraftClient.connect(ClientOptions.of(cluster.pdAddress()));
        StoreInspector stores = new StoreInspector(client)) {
      Bounded.awaitNo(
          "a replica on each store", RECOVERY_BOUND, () -> stores.regionWithoutReplicas(STORES));
      splitBetweenWorkers(client);
      Load load = new Load(client);
      load.start();
      try {
        for (int round = 0; round < ROUNDS; round++) {
          for (int store = 1; store <= STORES; store++) {
            killAndAwaitRecovery(cluster, stores, load, store, addresses(ports));
          }
        }
      } finally {
        load.stop();
      }
      System.out.printf(
          "%d kills, %d regions; %s%n", ROUNDS * STORES, stores.regions().size(), load.describe());

      assertThat(load.judge()).isEmpty();
      assertThat(load.longestGaps())
          .allSatisfy((worker, gap) -> assertThat(gap).isLessThan(GAP_BOUND));
      Bounded.awaitNo(
          "three replicas of each region",
          RECOVERY_BOUND,
          () -> stores.regionWithoutReplicas(STORES));
      Bounded.awaitNo("equal replicas", RECOVERY_BOUND, stores::differingReplicas);
    }
  }

  /** So that regions with different leaders take part from the start. */
  private static void splitBetweenWorkers(ArrowraftClient client) {
    client.await(client.split(KeySpace.RAW, List.of(Bytes.ofUtf8("raw-"), Bytes.ofUtf8("raw-1"))));
    client.await(
        client.split(
            KeySpace.TRANSACTIONAL,
            List.of(Bytes.ofUtf8("bank-account-012"), Bytes.ofUtf8("bank-ledger-"))));
  }

  private static List<String> addresses(int[] ports) {
    return Stream.iterate(1, i -> i <= STORES, i -> i + 1)
        .map(i -> "127.0.0.1:" + ports[i])
        .toList();
  }

  private static void killAndAwaitRecovery(
      LocalCluster cluster, StoreInspector stores, Load load, int store, List<String> addresses) {
    String name = "store-" + store;
    Map<String, Integer> before = load.acknowledged();
    long pid = cluster.pid(name);
    cluster.kill(name);
    cluster.awaitRestart(name, pid, RECOVERY_BOUND);
    Map<Long, Long> goal = stores.newestApplied(addresses);
    Bounded.awaitNo(
        "catching up after a kill of " + name,
        RECOVERY_BOUND,
        () -> stores.lagOf(addresses.get(store - 1), goal));
    Bounded.awaitNo(
        "writes after a kill of " + name, RECOVERY_BOUND, () -> load.stuckSince(before));
  }

  /** Workers on threads of their own. */
  private static final class Load {
    private final Bank bank;
    private final List<RawLoad> writers = new ArrayList<>();
    private final List<BankLoad> tellers = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();

    Load(ArrowraftClient client) {
      bank = new Bank(client);
      for (int i = 0; i < WRITERS; i++) {
        writers.add(new RawLoad(client, i));
      }
      for (int i = 0; i < TELLERS; i++) {
        tellers.add(new BankLoad(bank, i));
      }
    }

    void start() {
      bank.open();
      writers.forEach(writer -> threads.add(new Thread(writer, writer.history().worker())));
      tellers.forEach(teller -> threads.add(new Thread(teller, teller.history().worker())));
      threads.forEach(Thread::start);
    }

    void stop() throws InterruptedException {
      writers.forEach(RawLoad::stop);
      tellers.forEach(BankLoad::stop);
      for (Thread thread : threads) {
        thread.join(RECOVERY_BOUND.toMillis());
        assertThat(thread.isAlive()).as(thread.getName()).isFalse();
      }
    }

    private Stream<LoadHistory> histories() {
      return Stream.concat(
          writers.stream().map(RawLoad::history), tellers.stream().map(BankLoad::history));
    }

    Map<String, Integer> acknowledged() {
      return histories()
          .collect(
              Collectors.toMap(
                  LoadHistory::worker, LoadHistory::acknowledgedCount, Integer::sum, TreeMap::new));
    }

    /** Names a worker that has not got through enough writes since {@code before}, if any. */
    Optional<String> stuckSince(Map<String, Integer> before) {
      return acknowledged().entrySet().stream()
          .filter(worker -> worker.getValue() < before.get(worker.getKey()) + WRITES_BETWEEN_KILLS)
          .map(worker -> worker + " writes acknowledged, before the kill " + before)
          .findFirst();
    }

    Map<String, Duration> longestGaps() {
      return histories()
          .collect(
              Collectors.toMap(
                  LoadHistory::worker, LoadHistory::longestGap, (a, b) -> a, TreeMap::new));
    }

    String describe() {
      return "acknowledged writes " + acknowledged() + ", longest gaps " + longestGaps();
    }

    List<String> judge() {
      List<String> wrong = new ArrayList<>();
      writers.forEach(writer -> wrong.addAll(writer.judge()));
      Map<String, Bank.Transfer> ledger = bank.audit();
      tellers.forEach(teller -> wrong.addAll(teller.judge(ledger)));
      return wrong;
    }
  }
}
