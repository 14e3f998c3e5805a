package io.arrowraft.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.client.options.ClientOptions;
import io.arrowraft.client.table.TableDefinition;
import io.arrowraft.pd.client.Timestamp;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.table.DataType;
import io.grpc.ManagedChannel;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What operators see of a cluster: {@code ctl}, the status address, metrics, dashboard, alerts. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OperatingTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path FILES = Path.of("src/main/dashboards");
  private static final Pattern METRIC =
      Pattern.compile("\\b(?:arrowraft|grpc|jvm|process|system)_[a-z0-9_]+");

  /** Suffixes of the series of one histogram or summary. */
  private static final String SERIES = "_(?:bucket|count|sum|max)$";

  private record Said(int code, String out, String err) {}

  private final HttpClient http =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
  private OneStoreCluster cluster;

  @BeforeAll
  void start(@TempDir Path directory) {
    cluster = new OneStoreCluster(directory);
  }

  @AfterAll
  void stop() {
    cluster.close();
  }

  @Test
  void storesAreShownAsATable() {
    Said said = ctl("store");

    assertThat(said.err()).isEmpty();
    assertThat(said.code()).isZero();
    assertThat(said.out().lines()).hasSize(2);
    assertThat(said.out())
        .startsWith("ID  ADDRESS")
        .contains(cluster.storeAddress())
        .contains("  Up  ");
  }

  @Test
  void storesAreShownAsJson() throws Exception {
    JsonNode stores = JSON.readTree(ctl("store", "--json").out());

    assertThat(stores.at("/stores/0/store/address").asText()).isEqualTo(cluster.storeAddress());
    assertThat(stores.at("/stores/0/status/region_count").asInt()).isEqualTo(1);
  }

  @Test
  void aRegionIsFoundByKeyAndById() throws Exception {
    JsonNode byKey = JSON.readTree(ctl("region", "--key", "any key", "--json").out());
    String id = byKey.get("id").asText();

    assertThat(ctl("region", id).out().lines().skip(1)).singleElement().asString().startsWith(id);
    assertThat(ctl("region").out()).contains("VOTERS");
    Said absent = ctl("region", "99999");
    assertThat(absent.code()).isEqualTo(1);
    assertThat(absent.err()).isEqualToIgnoringNewLines("arrowraft: there is no region 99999");
    assertThat(ctl("region", id, "--key", "k").code()).isEqualTo(2);
  }

  @Test
  void membersHealthSettingsAndOperatorsAreShown() {
    assertThat(ctl("member").out()).contains("leader").contains(cluster.pdAddress());
    assertThat(ctl("health").out()).contains("yes");
    assertThat(ctl("config").out()).containsPattern("replication.max-replicas +1");
    assertThat(ctl("scheduler").out()).contains("balance-leader-scheduler");
    assertThat(ctl("operator").out()).startsWith("REGION");
  }

  @Test
  void garbageCollectionIsShownAndItsLifeTimeChanged() throws Exception {
    assertThat(ctl("gc").out())
        .contains("safe point")
        .contains("claim of gc_worker")
        .contains("10m0s");
    assertThat(ctl("config", "set", "gc-life-time", "24h").code()).isZero();
    assertThat(JSON.readTree(ctl("gc", "--json").out()).get("life_time").asText())
        .isEqualTo("24h0m0s");
    assertThat(ctl("config", "set", "gc-life-time", "10m").code()).isZero();
    assertThat(ctl("config", "set", "gc-life-time", "0s").code()).isNotZero();
  }

  @Test
  void whatWasDroppedIsShownUntilItsSpaceIsGivenBack() throws Exception {
    try (ArrowraftClient client = ArrowraftClient.connect(ClientOptions.of(cluster.pdAddress()))) {
      client.await(
          client
              .tables()
              .createTable(
                  TableDefinition.named("shown.gone")
                      .required("id", DataType.BIGINT)
                      .primaryKey("id")
                      .build()));
      client.await(client.tables().dropTable("shown.gone"));

      assertThat(ctl("dropped").out().lines()).hasSize(2);
      JsonNode waiting = JSON.readTree(ctl("dropped", "--reclaim", "--json").out());
      assertThat(waiting).hasSize(1);
      assertThat(waiting.at("/0/start_key").asText()).startsWith("74");
      Timestamp waitsFor = new Timestamp(waiting.at("/0/waits_for").asLong());
      client.await(
          client
              .transactions()
              .after(waitsFor)
              .thenCompose(after -> client.placement().advanceGcSafePoint(after)));

      assertThat(JSON.readTree(ctl("dropped", "--reclaim", "--json").out())).isEmpty();
    }
  }

  @Test
  void whatAStoreHoldsOfAKeyIsShown() throws Exception {
    String longValue = "long ".repeat(100);
    long second;
    try (ArrowraftClient client = ArrowraftClient.connect(ClientOptions.of(cluster.pdAddress()))) {
      put(client, "shown key", "short value");
      second = put(client, "shown key", longValue);
    }

    assertThat(ctl("mvcc", "shown key").out().lines())
        .hasSize(3)
        .element(1)
        .asString()
        .startsWith("write  Put")
        .contains("long long")
        .endsWith("... (500 bytes)");
    assertThat(ctl("mvcc", "shown key").out()).contains("short value");
    JsonNode found = JSON.readTree(ctl("mvcc", "--hex", "73686f776e206b6579", "--json").out());
    assertThat(found.path("key").asText()).isEqualTo("73686F776E206B6579");
    assertThat(found.at("/value/info/writes")).hasSize(2);
    assertThat(found.at("/value/info/writes/0/start_ts").asLong()).isEqualTo(second);
    assertThat(found.at("/value/info/writes/1/short_value").binaryValue())
        .asString(java.nio.charset.StandardCharsets.UTF_8)
        .isEqualTo("short value");
    assertThat(found.at("/value/info/values")).hasSize(1);
    JsonNode ofTransaction = JSON.readTree(ctl("mvcc", "--start-ts", "" + second, "--json").out());
    assertThat(ofTransaction).isEqualTo(found);
    assertThat(
            ctl("mvcc", "--start-ts", "" + second, "--region", found.path("region_id").asText())
                .code())
        .isZero();

    assertThat(ctl("mvcc", "absent key").err()).contains("nothing of the key absent key");
    assertThat(ctl("mvcc", "--start-ts", "7").err()).contains("none of 1 regions");
    assertThat(ctl("mvcc").code()).isEqualTo(2);
    assertThat(ctl("mvcc", "--hex", "xyz").code()).isEqualTo(2);
  }

  private static long put(ArrowraftClient client, String key, String value) {
    return client.transact(
        transaction -> {
          transaction.put(Bytes.ofUtf8(key), Bytes.ofUtf8(value));
          return transaction.timestamp().value();
        });
  }

  @Test
  void theSafePointFollowsTheTargetThatStoresHaveResolved() throws Exception {
    long begun = System.currentTimeMillis() << 18;
    assertThat(ctl("config", "set", "gc-life-time", "1s").code()).isZero();
    assertThat(ctl("config", "set", "gc-run-interval", "1s").code()).isZero();
    try {
      long until = System.nanoTime() + Duration.ofSeconds(90).toNanos();
      while (JSON.readTree(ctl("gc", "--json").out()).get("gc_collectable").asLong() <= begun) {
        assertThat(System.nanoTime() - until).as(ctl("gc").out()).isNegative();
        LockSupport.parkNanos(Duration.ofMillis(200).toNanos());
      }
    } finally {
      ctl("config", "set", "gc-life-time", "10m");
      ctl("config", "set", "gc-run-interval", "10m");
    }
    assertThat(get("http://" + cluster.pdAddress() + "/metrics"))
        .containsPattern("arrowraft_gc_collectable_lag_seconds [1-9]");
  }

  @Test
  void whatIsChangedIsSeenAtOnce() throws Exception {
    String store = JSON.readTree(ctl("store", "--json").out()).at("/stores/0/store/id").asText();

    assertThat(ctl("store", "label", store, "zone=a", "disk=ssd").code()).isZero();
    assertThat(ctl("store").out()).contains("zone=a").contains("disk=ssd");
    assertThat(ctl("store", "weight", store, "2", "0.5").code()).isZero();
    assertThat(ctl("store").out()).contains("2.0/0.5");
    assertThat(ctl("store", "limit", store, "30").code()).isZero();
    assertThat(ctl("store", "limit").out()).contains("30.0");
    assertThat(ctl("config", "set", "leader-schedule-limit", "2").out())
        .isEqualToIgnoringNewLines("The config is updated.");
    assertThat(ctl("config").out()).containsPattern("schedule.leader-schedule-limit +2");
    assertThat(ctl("scheduler", "pause", "balance-leader-scheduler", "60").code()).isZero();
    assertThat(ctl("scheduler").out()).containsPattern("balance-leader-scheduler +yes");
    assertThat(ctl("scheduler", "add", "evict-leader-scheduler", store).code()).isZero();
    assertThat(ctl("scheduler").out()).contains("{\"store_ids\":[" + store + "]}");
    assertThat(ctl("scheduler", "remove", "evict-leader-scheduler").code()).isZero();
    assertThat(ctl("config", "placement-rules").out()).containsPattern("pd +default.* voter +1");
    assertThat(ctl("member", "leader", "show").out()).contains(cluster.pdAddress());
    assertThat(ctl("hot").out()).startsWith("STORE");
    assertThat(ctl("hot", "write").out()).startsWith("REGION");
    assertThat(ctl("region", "top", "size").out()).contains("VOTERS");
    assertThat(ctl("region", "check", "miss-peer").code()).isZero();
    assertThat(ctl("operator", "add", "scatter-regions", regionOf("k")).out())
        .isEqualToIgnoringNewLines("processed-percentage: 100");
    assertThat(ctl("operator", "add", "scatter-regions", "--start=", "--end=").out())
        .contains("processed-percentage: 100");
    assertThat(ctl("operator", "--kind=admin").out()).startsWith("REGION");
    assertThat(ctl("operator", "history").out()).startsWith("REGION").contains("scatter-region");
  }

  @Test
  void whatCannotBeChangedIsSaidInPlainWords() throws Exception {
    String store = JSON.readTree(ctl("store", "--json").out()).at("/stores/0/store/id").asText();
    String region = regionOf("k");

    Said said = ctl("store", "delete", store);
    assertThat(said.code()).isEqualTo(1);
    assertThat(said.out()).isEmpty();
    assertThat(said.err()).contains("cannot be emptied").contains("add a store first");
    assertThat(ctl("operator", "add", "add-peer", region, "77").err())
        .contains("there is no store 77");
    assertThat(ctl("operator", "add", "transfer-leader", region).err())
        .contains("transfer-leader needs more ids");
    assertThat(ctl("operator", "add", "split-region", region, "--policy=half").err())
        .contains("scan, approximate or usekey");
    assertThat(ctl("operator", "add", "promote-learner", region, store).err())
        .contains("has no learner on store " + store);
    assertThat(ctl("operator", "add", "transfer-region", region, store, "boss").err())
        .contains("needs an id, not 'boss'");
    assertThat(ctl("operator", "remove", region).err()).contains("no operator runs for region");
    assertThat(ctl("config", "set", "max-replicas", "none").err()).contains("a whole number");
    assertThat(ctl("scheduler", "add", "no-such-scheduler").err())
        .contains("there is no scheduler");
  }

  @Test
  void aTimestampIsTakenApart() {
    Said said = ask("ctl", "tso", Long.toString(1_700_000_000_123L << 18 | 5));

    assertThat(said.out()).contains("2023-11-14T22:13:20.123Z").contains("  5");
  }

  @Test
  void nobodyAtTheAddressIsSaidInPlainWords() throws IOException {
    int free;
    try (ServerSocket probe = new ServerSocket(0)) {
      free = probe.getLocalPort();
    }
    Said said = ask("ctl", "store", "--pd=127.0.0.1:" + free);

    assertThat(said.code()).isEqualTo(1);
    assertThat(said.out()).isEmpty();
    assertThat(said.err())
        .contains("no placement driver answers at 127.0.0.1:" + free)
        .contains("--pd");
  }

  @Test
  void everyQuestionHasHelp() {
    for (String question :
        new String[] {
          "store", "region", "operator", "scheduler", "member", "health", "config", "tso", "hot"
        }) {
      assertThat(ask("ctl", question, "--help").out()).contains("Usage: arrowraft ctl " + question);
    }
  }

  @Test
  void theStoreIsReachedAtTheStatusAddressThatItAnnounced() throws Exception {
    assertThat(JSON.readTree(get(statusAddress() + "/status")).get("region_count").asInt())
        .isEqualTo(1);
    assertThat(
            JSON.readTree(get(statusAddress() + "/config")).at("/storage/enable-ttl").asBoolean())
        .isTrue();
  }

  @Test
  void dashboardAndAlertsNameMetricsThatExist() throws Exception {
    TreeSet<String> shown = shownMetrics();

    String dashboard = Files.readString(FILES.resolve("arrowraft-dashboard.json"));
    TreeSet<String> drawn = new TreeSet<>();
    for (JsonNode expression : JSON.readTree(dashboard).findValues("expr")) {
      drawn.addAll(names(expression.asText()));
    }
    assertThat(drawn).hasSizeGreaterThan(20);
    assertThat(shown).containsAll(drawn);

    TreeSet<String> watched = new TreeSet<>();
    Matcher expressions =
        Pattern.compile("^ +expr: (.+)$", Pattern.MULTILINE)
            .matcher(Files.readString(FILES.resolve("arrowraft-alerts.yml")));
    while (expressions.find()) {
      watched.addAll(names(expressions.group(1)));
    }
    assertThat(watched).hasSizeGreaterThan(5);
    assertThat(shown).containsAll(watched);
  }

  @Test
  void noMetricIsLabelledWithARegionOrAKey() throws Exception {
    String scrape =
        get("http://" + cluster.pdAddress() + "/metrics") + get(statusAddress() + "/metrics");

    assertThat(scrape.lines().filter(line -> !line.startsWith("#")))
        .noneMatch(line -> line.matches(".*[{,](region|region_id|key|start_key|end_key)=.*"));
  }

  @Test
  void theEngineShowsWhatItDoes() throws Exception {
    String scrape = get(statusAddress() + "/metrics");

    assertThat(scrape.lines())
        .anyMatch(
            line -> line.matches("arrowraft_engine_wal_syncs_total\\{engine=\"log\"} [1-9].*"))
        .anyMatch(
            line -> line.matches("arrowraft_engine_memtable_bytes\\{engine=\"data\"} [1-9].*"))
        .anyMatch(line -> line.matches("arrowraft_apply_wait_seconds_count [1-9].*"));
  }

  private String regionOf(String key) throws Exception {
    return JSON.readTree(ctl("region", "--key", key, "--json").out()).get("id").asText();
  }

  private TreeSet<String> shownMetrics() throws Exception {
    // So that there has been a collection, and a call of a method, to be measured.
    System.gc();
    checkHealth(cluster.storeAddress());
    String scrape =
        get("http://" + cluster.pdAddress() + "/metrics") + get(statusAddress() + "/metrics");
    TreeSet<String> shown = new TreeSet<>();
    scrape
        .lines()
        .filter(line -> !line.startsWith("#") && !line.isBlank())
        .map(line -> line.replaceFirst("[{ ].*", ""))
        .forEach(shown::add);
    assertThat(shown.stream().map(name -> name.replaceFirst(SERIES, "")))
        .contains("jvm_memory_used_bytes", "arrowraft_pd_regions", "arrowraft_store_regions");
    return shown;
  }

  private static TreeSet<String> names(String expression) {
    TreeSet<String> found = new TreeSet<>();
    Matcher names = METRIC.matcher(expression);
    while (names.find()) {
      found.add(names.group());
    }
    return found;
  }

  private String statusAddress() throws Exception {
    return "http://"
        + JSON.readTree(ctl("store", "--json").out()).at("/stores/0/store/status_address").asText();
  }

  private String get(String uri) throws Exception {
    HttpResponse<String> response =
        http.send(
            HttpRequest.newBuilder(URI.create(uri)).timeout(Duration.ofSeconds(10)).build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(response.statusCode()).as(uri).isEqualTo(200);
    return response.body();
  }

  private static void checkHealth(String address) {
    ManagedChannel channel = NettyChannelBuilder.forTarget(address).usePlaintext().build();
    try {
      HealthGrpc.newBlockingStub(channel)
          .withDeadlineAfter(5, TimeUnit.SECONDS)
          .check(HealthCheckRequest.getDefaultInstance());
    } finally {
      channel.shutdownNow();
    }
  }

  private Said ctl(String... arguments) {
    String[] all = new String[arguments.length + 2];
    all[0] = "ctl";
    System.arraycopy(arguments, 0, all, 1, arguments.length);
    all[all.length - 1] = "--pd=" + cluster.pdAddress();
    return ask(all);
  }

  private static Said ask(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine command = Arrowraft.commandLine();
    command.setOut(new PrintWriter(out, true));
    command.setErr(new PrintWriter(err, true));
    int code = command.execute(arguments);
    return new Said(code, out.toString(), err.toString());
  }
}
