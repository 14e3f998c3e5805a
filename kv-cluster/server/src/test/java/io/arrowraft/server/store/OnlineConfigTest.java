package io.arrowraft.server.store;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.arrowraft.rpc.http.HttpAnswer;
import io.arrowraft.rpc.http.HttpRequest;
import io.arrowraft.server.peer.TestPd;
import io.arrowraft.server.status.OnlineConfig;
import io.arrowraft.server.status.StoreStatusHttp;
import io.arrowraft.storage.memory.MemoryEngine;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Settings that are changed over HTTP while the store runs. */
class OnlineConfigTest {
  private final List<String> levels = new ArrayList<>();
  private RunningStore store;
  private OnlineConfig online;
  private StoreStatusHttp http;

  @BeforeEach
  void start() {
    store =
        new RunningStore(
            "configured",
            new TestPd(77),
            new MemoryEngine(),
            new MemoryEngine(),
            0,
            (component, cause) -> {
              throw new AssertionError(component, cause);
            });
    RunningStore.get(store.node.start());
    online = new OnlineConfig(store.node.services().flow(), store.node.replicas(), levels::add);
    http =
        new StoreStatusHttp(
            StoreConfig.defaults("127.0.0.1", 20160),
            "6.5.0",
            () ->
                Optional.of(
                    new StoreStatusHttp.Serving(77, 1, "a:1", List.of(), Optional.of(online))),
            new SimpleMeterRegistry(),
            () -> "",
            Runnable::run);
  }

  @AfterEach
  void stop() {
    store.stop();
  }

  @Test
  void whatIsChangedTakesEffectAndIsShown() throws Exception {
    HttpAnswer answer =
        post(
            """
            {"storage.flow-control.l0-files-threshold": 10,
             "storage.flow-control.l0-files-limit": "12",
             "server.snap-io-max-bytes-per-sec": "20MB",
             "coprocessor.region-split-size": "64MiB",
             "log.level": "debug"}
            """);

    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    assertThat(store.node.services().flow().limits().level0Files().hard()).isEqualTo(12);
    assertThat(store.node.replicas().snapshots().limits().bytesPerSecond()).isEqualTo(20L << 20);
    assertThat(store.node.replicas().config().splitBytes()).isEqualTo(64L << 20);
    assertThat(levels).containsExactly("debug");
    JsonNode shown =
        new ObjectMapper()
            .readTree(RunningStore.get(http.handle(HttpRequest.of("GET", "/config", ""))).body());
    assertThat(shown.at("/storage/flow-control/l0-files-threshold").asText()).isEqualTo("10");
    assertThat(shown.at("/storage/api-version").asInt()).as("still there").isEqualTo(1);
    assertThat(shown.at("/log/level").asText()).isEqualTo("debug");
  }

  @Test
  void aBadValueIsRefusedByNameAndChangesNothing() {
    HttpAnswer answer =
        post(
            """
            {"server.snap-io-max-bytes-per-sec": "20MB",
             "storage.flow-control.queue-delay": "soon"}
            """);

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.body())
        .contains(
            "'soon' is no value for storage.flow-control.queue-delay: write a duration such as");
    assertThat(store.node.replicas().snapshots().limits().bytesPerSecond()).isEqualTo(100L << 20);
  }

  @Test
  void valuesThatDoNotGoTogetherAreRefused() {
    assertThat(post("{\"storage.flow-control.l0-files-threshold\": 50}").body())
        .contains("these settings do not go together", "need 0 <= soft < hard, not 50, 36");
    assertThat(post("{\"storage.flow-control.l0-files-limit\": 60}").body())
        .contains("must be refused before the engine stops everybody");
    assertThat(post("{\"log.level\": \"loud\"}").body())
        .contains("'loud' is no value for log.level: use one of trace, debug, info, warn, error");
  }

  @Test
  void whatCannotBeChangedOnlineIsSaid() {
    assertThat(post("{\"raftstore.capacity\": \"1GB\"}").body())
        .contains(
            "'raftstore.capacity' (here '1GB') is no setting that can be changed while the store"
                + " runs");
    assertThat(post("nonsense").body()).contains("not JSON");
    assertThat(post("[]").body()).contains("send an object such as");
  }

  private HttpAnswer post(String body) {
    return RunningStore.get(http.handle(HttpRequest.of("POST", "/config", body)));
  }
}
