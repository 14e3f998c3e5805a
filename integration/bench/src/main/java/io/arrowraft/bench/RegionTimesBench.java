package io.arrowraft.bench;

import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.client.options.ClientOptions;
import io.arrowraft.client.region.KeySpace;
import io.arrowraft.pd.PdConfig;
import io.arrowraft.pd.client.RegionInfo;
import io.arrowraft.pd.main.PdProcess;
import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.rpc.http.Telemetry;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.runtime.threads.OpenResources;
import io.arrowraft.server.main.StoreProcess;
import io.arrowraft.server.peer.RegionConfig;
import io.arrowraft.server.store.StoreConfig;
import io.arrowraft.storage.rocks.RocksMemory;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;

/** How long a large region takes to get to another store as a snapshot, to move, and to split. */
public final class RegionTimesBench {
  static final String USAGE = "options: --mib=256 (size of the region)";

  private static final String HOST = "127.0.0.1";
  private static final long CACHE_BYTES = 256L << 20;
  private static final int VALUE_BYTES = 1_000;
  private static final int PAIRS_PER_CALL = 1_024;
  private static final int CALLS_AT_ONCE = 4;
  private static final long UNSPLIT_BYTES = 1L << 40;
  private static final Duration BOUND = Duration.ofMinutes(4);
  private static final Bytes INSIDE = Bytes.wrap(key(0));

  private final OpenResources opened = new OpenResources();
  private final Path directory;
  private final RocksMemory memory;
  private final PdProcess placementDriver;
  private int stores;

  private RegionTimesBench(Path directory) {
    this.directory = directory;
    memory = opened.add(new RocksMemory(CACHE_BYTES, CACHE_BYTES / 2));
    placementDriver =
        opened.add(
            PdProcess.start(
                directory.resolve("pd"),
                PdConfig.defaults(HOST, 0),
                RegionTimesBench::onFault,
                Telemetry.unexposed(new SimpleMeterRegistry())));
  }

  /** See {@link #USAGE}. */
  public static void main(String[] args) throws Exception {
    long mib = 256;
    for (String arg : args) {
      if (!arg.startsWith("--mib=")) {
        throw new IllegalArgumentException("unknown option " + arg + "; " + USAGE);
      }
      mib = Long.parseLong(arg.substring("--mib=".length()));
    }
    Path directory = Files.createTempDirectory("arrowraft-region");
    RegionTimesBench bench = new RegionTimesBench(directory);
    try {
      bench.run(mib);
    } finally {
      bench.opened.close();
      Forks.delete(directory);
    }
  }

  private static void onFault(String component, Throwable cause) {
    System.err.println("fault in " + component + ": " + cause);
    Runtime.getRuntime().halt(1);
  }

  private StoreProcess store() {
    stores++;
    return opened.add(
        StoreProcess.start(
            directory.resolve("store-" + stores),
            StoreConfig.defaults(HOST, 0)
                .withRegions(RegionConfig.defaults().withSplitBytes(UNSPLIT_BYTES)),
            List.of(placementDriver.address()),
            memory,
            RegionTimesBench::onFault,
            Telemetry.unexposed(new SimpleMeterRegistry())));
  }

  private void run(long mib) throws IOException, InterruptedException {
    for (int store = 0; store < 3; store++) {
      store();
    }
    ClientOptions options = ClientOptions.of(placementDriver.address());
    try (ArrowraftClient client =
        ArrowraftClient.connect(
            options.withLimits(options.limits().withBatchBytesMax(256 << 10)))) {
      await("three replicas", () -> region(client).peers().size() == 3);
      print("loading " + mib + " MiB", timed(() -> load(client, mib << 20)));
      StoreProcess fourth = store();
      long id = region(client).id();
      long leader = region(client).leader().map(Peer::getStoreId).orElseThrow();
      long from =
          region(client).peers().stream()
              .map(Peer::getStoreId)
              .filter(store -> store != leader)
              .findFirst()
              .orElseThrow();
      long to = fourth.node().storeId();
      long begin = System.nanoTime();
      if (!begin(id, from, to)) {
        return;
      }
      await("the snapshot", () -> fourth.node().regions().region(id).isPresent());
      print("snapshot to a new store", System.nanoTime() - begin);
      await("the move", () -> hasMoved(region(client), from, to));
      print("move of a replica", System.nanoTime() - begin);
      Bytes middle = Bytes.wrap(key(1L << 62));
      print("split in two", timed(() -> client.await(client.split(KeySpace.RAW, List.of(middle)))));
      print(
          "first write to the new region",
          timed(() -> client.await(client.raw().put(middle, INSIDE))));
    }
  }

  private static void load(ArrowraftClient client, long bytes) {
    SplittableRandom random = new SplittableRandom(1);
    List<CompletableFuture<Void>> running = new ArrayList<>();
    for (long put = 0; put < bytes; put += (long) PAIRS_PER_CALL * VALUE_BYTES) {
      Map<Bytes, Bytes> pairs = new TreeMap<>();
      for (int pair = 0; pair < PAIRS_PER_CALL; pair++) {
        byte[] value = new byte[VALUE_BYTES];
        random.nextBytes(value);
        pairs.put(Bytes.wrap(key(random.nextLong() >>> 1)), Bytes.wrap(value));
      }
      running.add(client.raw().batchPut(pairs));
      if (running.size() == CALLS_AT_ONCE) {
        running.forEach(client::await);
        running.clear();
      }
    }
    running.forEach(client::await);
  }

  private static byte[] key(long number) {
    return ByteBuffer.allocate(16).putLong(number).array();
  }

  private static RegionInfo region(ArrowraftClient client) {
    return client.await(client.placement().region(INSIDE)).orElseThrow();
  }

  private static boolean hasMoved(RegionInfo region, long from, long to) {
    Optional<Peer> there =
        region.peers().stream().filter(peer -> peer.getStoreId() == to).findFirst();
    return region.peers().stream().noneMatch(peer -> peer.getStoreId() == from)
        && region.peers().size() == 3
        && there.map(Peer::getRoleValue).orElse(-1) == 0;
  }

  /** Asks for the move as an operator would; a replica that is on its way there will do as well. */
  private boolean begin(long region, long from, long to) throws IOException, InterruptedException {
    String body =
        "{\"name\":\"transfer-peer\",\"region_id\":%d,\"from_store_id\":%d,\"to_store_id\":%d}"
            .formatted(region, from, to);
    HttpResponse<String> answer =
        HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder(
                        URI.create("http://" + placementDriver.address() + "/pd/api/v1/operators"))
                    .POST(HttpRequest.BodyPublishers.ofString(body))
                    .build(),
                HttpResponse.BodyHandlers.ofString());
    if (answer.statusCode() / 100 != 2) {
      System.out.println("the move was refused: " + answer.statusCode() + " " + answer.body());
      return false;
    }
    return true;
  }

  private static long timed(Runnable work) {
    long begin = System.nanoTime();
    work.run();
    return System.nanoTime() - begin;
  }

  private static void await(String what, BooleanSupplier condition) throws InterruptedException {
    long end = System.nanoTime() + BOUND.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new IllegalStateException("no sign of " + what + " within " + BOUND);
      }
      Thread.sleep(5);
    }
  }

  private static void print(String what, long nanos) {
    System.out.println(String.format(Locale.ROOT, "%-32s %8.2f s", what, nanos / 1e9));
  }
}
