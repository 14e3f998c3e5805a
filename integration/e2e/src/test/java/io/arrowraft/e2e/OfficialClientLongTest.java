package io.arrowraft.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.client.options.ClientOptions;
import io.arrowraft.runtime.Bytes;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tikv.common.TiConfiguration;
import org.tikv.common.TiSession;
import org.tikv.raw.RawKVClient;

/**
 * The official client at work while leaders move all the time and regions split under it, on one
 * store and on three. Raw pairs and transactions have clusters of their own: the client cannot read
 * the borders of regions that were split between raw keys when it works with transactions.
 */
@Tag("long")
class OfficialClientLongTest {
  private static final Duration LASTS = Duration.ofSeconds(40);
  private static final Duration SPLIT_BOUND = Duration.ofSeconds(90);
  private static final int REGIONS_MIN = 3;
  private static final int PATIENCE_MILLIS = 20_000;
  private static final int REGIONS_MAX = 10_000;

  private final HttpClient http = HttpClient.newHttpClient();

  @TempDir private Path data;

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void rawCallsGetThrough(int stores) throws Exception {
    try (LocalCluster cluster = start(stores)) {
      TiConfiguration configuration = TiConfiguration.createRawDefault(cluster.pdAddress());
      configuration.setEnableAtomicForCAS(true);
      // Its usual patience for a raw call is three seconds, less than a busy machine may need.
      configuration.setRawKVReadTimeoutInMS(PATIENCE_MILLIS);
      configuration.setRawKVWriteTimeoutInMS(PATIENCE_MILLIS);
      try (TiSession session = OfficialClientTest.session(configuration);
          RawKVClient raw = session.createRawClient()) {
        work(cluster, stores, "raw", new OfficialWorkers().addRaw(raw, 4));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void transactionsGetThrough(int stores) throws Exception {
    try (LocalCluster cluster = start(stores);
        TiSession session =
            OfficialClientTest.session(TiConfiguration.createDefault(cluster.pdAddress()))) {
      work(cluster, stores, "transactions", new OfficialWorkers().addTellers(session, 4));
    }
  }

  private LocalCluster start(int stores) throws Exception {
    LocalCluster cluster = LocalCluster.start(data, stores, "--split-size=1");
    if (stores > 1) {
      post(cluster, "/pd/api/v1/schedulers", "{\"name\":\"shuffle-leader-scheduler\"}");
    }
    return cluster;
  }

  private void work(LocalCluster cluster, int stores, String what, OfficialWorkers workers)
      throws Exception {
    try (ArrowraftClient client = ArrowraftClient.connect(ClientOptions.of(cluster.pdAddress()))) {
      try (workers) {
        workers.start();
        long end = System.nanoTime() + LASTS.toNanos();
        cluster.await(LASTS.plusSeconds(10), () -> System.nanoTime() > end);
        Bounded.awaitNo("splits under load", SPLIT_BOUND, () -> unsplit(client));
      }
      double moved = stores > 1 ? leadersMoved(cluster) : 0;
      System.out.printf(
          "official client, %s on %d stores: %s%d regions, %.0f operators%n",
          what, stores, workers.describe(), regions(client), moved);
      assertThat(workers.wrong()).isEmpty();
      assertThat(workers.thrown()).isEmpty();
      if (stores > 1) {
        assertThat(moved).isGreaterThan(10);
      }
    }
  }

  private static Optional<String> unsplit(ArrowraftClient client) {
    int regions = regions(client);
    return regions >= REGIONS_MIN ? Optional.empty() : Optional.of(regions + " regions");
  }

  private static int regions(ArrowraftClient client) {
    return client
        .await(client.placement().scanRegions(Bytes.EMPTY, Bytes.EMPTY, REGIONS_MAX))
        .size();
  }

  /** Operators of the placement driver that have succeeded; nearly all of them move leaders. */
  private double leadersMoved(LocalCluster cluster) throws IOException, InterruptedException {
    return send(HttpRequest.newBuilder(uri(cluster, "/metrics")).build())
        .lines()
        .filter(line -> line.startsWith("arrowraft_pd_ended_operators_total"))
        .filter(line -> line.toLowerCase(java.util.Locale.ROOT).contains("success"))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  private void post(LocalCluster cluster, String path, String body)
      throws IOException, InterruptedException {
    send(
        HttpRequest.newBuilder(uri(cluster, path))
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build());
  }

  private static URI uri(LocalCluster cluster, String path) {
    return URI.create("http://" + cluster.pdAddress() + path);
  }

  private String send(HttpRequest request) throws IOException, InterruptedException {
    HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return answer.body();
  }
}
