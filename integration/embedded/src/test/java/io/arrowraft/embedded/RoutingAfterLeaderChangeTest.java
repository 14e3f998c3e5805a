package io.arrowraft.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.client.error.RoutingException;
import io.arrowraft.client.options.ClientOptions;
import io.arrowraft.client.region.KeySpace;
import io.arrowraft.runtime.Bytes;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three members of the placement driver, three stores and thousands of regions, which report once a
 * minute: a new leader knows all of them and who leads them within seconds (rule 53).
 */
class RoutingAfterLeaderChangeTest {
  private static final int REGIONS = 2000;
  private static final int SPLITS_AT_ONCE = 50;
  private static final int ATTEMPTS_MAX = 10;
  private static final Duration COMPLETE_WITHIN = Duration.ofSeconds(5);
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Pattern COUNT = Pattern.compile("\"count\":(\\d+)");
  private static final Pattern NAME = Pattern.compile("\"name\":\"([^\"]+)\"");

  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();

  @Test
  void aNewLeaderKnowsAllRegionsAndTheirLeadersWithinSeconds(
      @TempDir Path directory, TestReporter reporter) throws Exception {
    try (EmbeddedCluster cluster =
            EmbeddedCluster.start(EmbeddedOptions.defaults(directory).withPlacementDrivers(3));
        ArrowraftClient client = ArrowraftClient.connect(ClientOptions.of(cluster.pdAddress()))) {
      String[] members = cluster.pdAddress().split(",");
      split(client);
      Map<Bytes, Bytes> pairs = pairs();
      client.await(client.raw().batchPut(pairs));
      awaitComplete(members);
      for (int change = 1; change <= 2; change++) {
        String before = leader(members);
        ask("POST", members[0], "/leader/resign");
        long asked = System.nanoTime();
        String after = before;
        while (after.isEmpty() || after.equals(before)) {
          requirePatience(asked);
          after = leader(members);
        }
        long elected = System.nanoTime();

        long complete = awaitComplete(members);

        Duration took = Duration.ofNanos(complete - elected);
        reporter.publishEntry(
            "change " + change, before + " to " + after + ", complete after " + took);
        assertThat(took).isLessThan(COMPLETE_WITHIN);
        assertThat(client.await(client.raw().batchGet(List.copyOf(pairs.keySet()))))
            .isEqualTo(pairs);
      }
      cluster.check();
    }
  }

  /** Waits until every region is known together with its leader; when that was. */
  private long awaitComplete(String[] members) throws Exception {
    long since = System.nanoTime();
    while (count(members, "/regions/count") < REGIONS
        || count(members, "/regions/check/no-leader?limit=1") > 0) {
      requirePatience(since);
    }
    return System.nanoTime();
  }

  /** The number in an answer; -1 for the regions, which is never enough, while nobody leads. */
  private int count(String[] members, String path) throws Exception {
    for (String member : members) {
      HttpResponse<String> answer = ask("GET", member, path);
      Matcher found = COUNT.matcher(answer.body());
      if (answer.statusCode() == 200 && found.find()) {
        return Integer.parseInt(found.group(1));
      }
    }
    return path.endsWith("count") ? -1 : Integer.MAX_VALUE;
  }

  /** The member that leads, as the last one says that knows; empty while none does. */
  private String leader(String[] members) throws Exception {
    String leader = "";
    for (String member : members) {
      HttpResponse<String> answer = ask("GET", member, "/leader");
      Matcher found = NAME.matcher(answer.body());
      if (answer.statusCode() == 200 && found.find()) {
        leader = found.group(1);
      }
    }
    return leader;
  }

  private HttpResponse<String> ask(String method, String member, String path)
      throws IOException, InterruptedException {
    return http.send(
        HttpRequest.newBuilder(URI.create("http://" + member + "/pd/api/v1" + path))
            .method(method, HttpRequest.BodyPublishers.noBody())
            .timeout(Duration.ofSeconds(30))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private static void requirePatience(long since) {
    assertThat(System.nanoTime() - since).isLessThan(PATIENCE.toNanos());
  }

  private static void split(ArrowraftClient client) {
    List<Bytes> borders = new ArrayList<>();
    for (int region = 1; region < REGIONS; region++) {
      borders.add(key(region));
      if (borders.size() == SPLITS_AT_ONCE || region == REGIONS - 1) {
        splitAt(client, List.copyOf(borders));
        borders.clear();
      }
    }
  }

  /** A machine that is busy with other things may need more than one attempt. */
  private static void splitAt(ArrowraftClient client, List<Bytes> borders) {
    for (int attempt = 1; ; attempt++) {
      try {
        client.await(client.split(KeySpace.RAW, borders), PATIENCE);
        return;
      } catch (RoutingException busy) {
        if (attempt == ATTEMPTS_MAX) {
          throw busy;
        }
      }
    }
  }

  private static Map<Bytes, Bytes> pairs() {
    Map<Bytes, Bytes> pairs = new TreeMap<>();
    for (int region = 0; region < REGIONS; region += 37) {
      pairs.put(key(region), Bytes.ofUtf8("value " + region));
    }
    return pairs;
  }

  private static Bytes key(int region) {
    return Bytes.wrap(ByteBuffer.allocate(Integer.BYTES).putInt(region).array());
  }
}
