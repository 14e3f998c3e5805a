package io.arrowraft.bench;

import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.client.options.ClientOptions;
import io.arrowraft.client.options.CommitModes;
import io.arrowraft.client.region.KeySpace;
import io.arrowraft.client.txn.PessimisticTransaction;
import io.arrowraft.embedded.EmbeddedCluster;
import io.arrowraft.runtime.Bytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Transactions of one and of ten keys in each kind of commit, reads, and counters that many
 * increment at once, beside raw puts to the same cluster: three stores in this process over gRPC
 * and RocksDB with synced logs. Options as of {@link Settings}, without targets.
 */
public final class TransactionsBench {
  private static final int KEYS_OF_A_LARGE_ONE = 10;
  private static final int SCANNED_ROWS = 100;
  private static final int COUNTERS = 16;

  private final EmbeddedCluster cluster;
  private final Settings settings;
  private final AtomicLong nextKey = new AtomicLong();
  private final Map<String, List<Figures>> figures = new LinkedHashMap<>();

  private TransactionsBench(EmbeddedCluster cluster, Settings settings) {
    this.cluster = cluster;
    this.settings = settings;
  }

  /** Runs every load at each number of clients and prints a table. */
  public static void main(String[] args) throws IOException, InterruptedException {
    Settings settings = Settings.parse(Arrays.asList(args)).withoutTargets();
    Path directory = Files.createTempDirectory("arrowraft-bench");
    try (EmbeddedCluster cluster = ArrowraftTarget.cluster(directory, settings.regions())) {
      TransactionsBench bench = new TransactionsBench(cluster, settings);
      try (ArrowraftClient client = bench.client(CommitModes.twoPhase())) {
        client.await(
            client.split(KeySpace.TRANSACTIONAL, ArrowraftTarget.borders(settings.regions())));
      }
      for (int clients : settings.clients()) {
        bench.measureAt(clients);
      }
      bench.print();
    } finally {
      Forks.delete(directory);
    }
    System.exit(0);
  }

  private ArrowraftClient client(CommitModes commits) {
    return ArrowraftClient.connect(ClientOptions.of(cluster.pdAddress()).withCommits(commits));
  }

  private static CommitModes asyncOnly() {
    CommitModes early = CommitModes.early();
    return new CommitModes(
        false, true, early.asyncKeysMax(), early.asyncKeyBytesMax(), early.laterAtMost());
  }

  private void measureAt(int clients) throws InterruptedException {
    try (ArrowraftClient twoPhase = client(CommitModes.twoPhase());
        ArrowraftClient async = client(asyncOnly());
        ArrowraftClient onePhase = client(CommitModes.early())) {
      measure("raw-put", clients, random -> rawPut(twoPhase));
      measure("put1-2pc", clients, random -> optimistic(twoPhase, 1));
      measure("put1-async", clients, random -> optimistic(async, 1));
      measure("put1-1pc", clients, random -> optimistic(onePhase, 1));
      measure("put1-pessimistic", clients, random -> pessimistic(twoPhase, 1));
      measure("put1-pess-1pc", clients, random -> pessimistic(onePhase, 1));
      measure("put10-2pc", clients, random -> optimistic(twoPhase, KEYS_OF_A_LARGE_ONE));
      measure("put10-async", clients, random -> optimistic(async, KEYS_OF_A_LARGE_ONE));
      measure("put10-pessimistic", clients, random -> pessimistic(twoPhase, KEYS_OF_A_LARGE_ONE));
      measure("get", clients, random -> read(twoPhase, random));
      measure("scan100", clients, random -> scan(twoPhase, random));
      measure("counter-optimistic", clients, random -> countOptimistically(onePhase, random));
      measure("counter-pessimistic", clients, random -> countPessimistically(onePhase, random));
    }
  }

  private void measure(String name, int clients, ClosedLoop.Operation operation)
      throws InterruptedException {
    Figures measured =
        ClosedLoop.run(
            name,
            clients,
            settings.warmUpMillis(),
            settings.millis(),
            cluster::logSyncs,
            operation);
    System.out.println("  " + measured.encode());
    figures.computeIfAbsent(name, none -> new ArrayList<>()).add(measured);
  }

  private void rawPut(ArrowraftClient client) {
    long number = nextKey.getAndIncrement();
    client.await(client.raw().put(Bytes.wrap(Keys.key(number)), Bytes.wrap(Keys.value(number))));
  }

  private void optimistic(ArrowraftClient client, int keys) {
    client.await(
        client.retrying(
            transaction -> {
              for (int i = 0; i < keys; i++) {
                long number = nextKey.getAndIncrement();
                transaction.put(Bytes.wrap(Keys.key(number)), Bytes.wrap(Keys.value(number)));
              }
              return java.util.concurrent.CompletableFuture.completedFuture(null);
            }));
  }

  private void pessimistic(ArrowraftClient client, int keys) {
    PessimisticTransaction transaction = client.await(client.beginPessimistic());
    List<Bytes> written = new ArrayList<>();
    for (int i = 0; i < keys; i++) {
      written.add(Bytes.wrap(Keys.key(nextKey.getAndIncrement())));
    }
    client.await(transaction.lock(written));
    for (Bytes key : written) {
      client.await(transaction.put(key, Bytes.wrap(Keys.value(1))));
    }
    client.await(transaction.commit());
  }

  private void read(ArrowraftClient client, SplittableRandom random) {
    client.await(
        client.snapshot().thenCompose(snapshot -> snapshot.get(Bytes.wrap(present(random)))));
  }

  private void scan(ArrowraftClient client, SplittableRandom random) {
    client.await(
        client
            .snapshot()
            .thenCompose(
                snapshot -> snapshot.scan(Bytes.wrap(present(random)), Bytes.EMPTY, SCANNED_ROWS)));
  }

  private byte[] present(SplittableRandom random) {
    return Keys.key(random.nextLong(Math.max(1, nextKey.get())));
  }

  private static Bytes counter(SplittableRandom random) {
    return Bytes.ofUtf8("counter-" + random.nextInt(COUNTERS));
  }

  private static Bytes incremented(java.util.Optional<Bytes> value) {
    long before = value.map(bytes -> Keys.number(bytes.unsafeArray())).orElse(0L);
    return Bytes.wrap(Keys.value(before + 1));
  }

  private static void countOptimistically(ArrowraftClient client, SplittableRandom random) {
    Bytes counter = counter(random);
    client.await(
        client.retrying(
            transaction ->
                transaction
                    .get(counter)
                    .thenApply(
                        value -> {
                          transaction.put(counter, incremented(value));
                          return null;
                        })));
  }

  private static void countPessimistically(ArrowraftClient client, SplittableRandom random) {
    Bytes counter = counter(random);
    PessimisticTransaction transaction = client.await(client.beginPessimistic());
    Bytes next = incremented(client.await(transaction.getForUpdate(counter)));
    client.await(transaction.put(counter, next));
    client.await(transaction.commit());
  }

  private void print() {
    System.out.println();
    System.out.printf(
        Locale.ROOT,
        "%-20s %7s %10s %9s %9s %8s %9s %11s%n",
        "operation",
        "clients",
        "ops/s",
        "p50 us",
        "p99 us",
        "cpu us",
        "syncs/op",
        "of raw put");
    List<Figures> raw = figures.get("raw-put");
    figures.forEach(
        (name, rows) -> {
          for (int i = 0; i < rows.size(); i++) {
            Figures row = rows.get(i);
            System.out.printf(
                Locale.ROOT,
                "%-20s %7d %10.0f %9d %9d %8.1f %9.3f %10.2fx%n",
                name,
                row.clients(),
                row.perSecond(),
                row.p50Micros(),
                row.p99Micros(),
                row.cpuMicros(),
                row.syncs(),
                row.perSecond() / raw.get(i).perSecond());
          }
        });
  }
}
