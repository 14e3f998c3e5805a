package io.arrowraft.simulation.world;

import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.runtime.Environment;
import io.arrowraft.runtime.EventLoop;
import io.arrowraft.runtime.rpc.RpcCodec;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcMethod;
import io.arrowraft.runtime.rpc.RpcReceiver;
import io.arrowraft.runtime.rpc.RpcService;
import io.arrowraft.runtime.rpc.RpcStatus;
import io.arrowraft.runtime.rpc.RpcStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class SimulatedWorldTest {
  private static final RpcCodec<String> TEXT =
      new RpcCodec<>() {
        @Override
        public InputStream encode(String message) {
          return new ByteArrayInputStream(message.getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public String decode(InputStream bytes) {
          try {
            return new String(bytes.readAllBytes(), StandardCharsets.UTF_8);
          } catch (IOException failure) {
            throw new UncheckedIOException(failure);
          }
        }
      };
  private static final RpcMethod<String, String> ECHO =
      new RpcMethod<>("test.Echo", "Echo", RpcMethod.Kind.UNARY, TEXT, TEXT);
  private static final RpcMethod<String, String> CHAT =
      new RpcMethod<>("test.Echo", "Chat", RpcMethod.Kind.BIDIRECTIONAL, TEXT, TEXT);
  private static final Duration TIMEOUT = Duration.ofSeconds(1);

  private final SimulatedWorld world = new SimulatedWorld(1, WorldOptions.calm());
  private final SimulatedNode client = world.newNode("client");
  private final SimulatedNode server = world.newNode("server");
  private final List<String> served = new ArrayList<>();

  @Test
  void oneSeedGivesOneTraceAndAnotherSeedAnother() {
    assertThat(chatter(7)).isEqualTo(chatter(7)).isNotEqualTo(chatter(8));
  }

  @Test
  void aLoopRunsItsTasksInOrderAndKnowsItself() {
    EventLoop loop = client.environment().loops().newLoop("loop");
    List<Integer> seen = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      int number = i;
      loop.execute(
          () -> {
            assertThat(loop.inLoop()).isTrue();
            seen.add(number);
          });
    }
    world.runFor(TIMEOUT);
    assertThat(seen).hasSize(100).isSorted();
    assertThat(loop.inLoop()).isFalse();
    assertThat(world.faults()).isEmpty();
  }

  @Test
  void aTaskInNoHurryWaitsForTheNextOneAndNotForEver() {
    EventLoop loop = client.environment().loops().newLoop("loop");
    List<String> seen = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      loop.executeLazily(() -> seen.add("lazy"));
    }
    loop.execute(() -> seen.add("next"));
    world.runFor(Duration.ofMillis(1));
    assertThat(seen).hasSize(21).endsWith("lazy", "next");
    for (int i = 0; i < 20; i++) {
      loop.executeLazily(() -> seen.add("left"));
    }
    loop.schedule(Duration.ofNanos(1_000), () -> seen.add("timer"));
    world.runFor(Duration.ofMillis(300));
    assertThat(seen).hasSize(42).contains("timer").containsOnlyOnce("timer");
    for (int i = 0; i < 20; i++) {
      loop.executeLazily(() -> seen.add("alone"));
    }
    world.runFor(Duration.ofMillis(300));
    assertThat(seen).hasSize(62).endsWith("alone");
    assertThat(world.faults()).isEmpty();
  }

  /** Seed 12072: a leader counted its own entry before its disk had it. */
  @Test
  void whatATaskGivesAwayAfterAWaitIsNotRunBeforeThat() {
    EventLoop disk = client.environment().loops().newLoop("disk");
    EventLoop loop = client.environment().loops().newLoop("loop");
    List<String> seen = new ArrayList<>();
    disk.execute(
        () -> {
          world.spend(TIMEOUT.toNanos());
          loop.executeLazily(() -> seen.add("lazy after " + world.nowNanos() / TIMEOUT.toNanos()));
          loop.execute(() -> seen.add("after " + world.nowNanos() / TIMEOUT.toNanos()));
        });
    loop.schedule(TIMEOUT.dividedBy(3), () -> seen.add("timer"));
    loop.schedule(TIMEOUT.dividedBy(2), () -> loop.execute(() -> seen.add("meanwhile")));
    world.runFor(TIMEOUT.multipliedBy(2));
    assertThat(seen).containsExactly("timer", "meanwhile", "lazy after 1", "after 1");
    assertThat(world.faults()).isEmpty();
  }

  @Test
  void aCrashDuringAWaitPreventsWhatTheTaskDoesAfterIt() {
    serve();
    EventLoop disk = client.environment().loops().newLoop("disk");
    List<String> seen = new ArrayList<>();
    disk.execute(
        () -> {
          world.spend(TIMEOUT.toNanos());
          disk.executeLazily(() -> seen.add("lazy"));
          disk.execute(() -> seen.add("task"));
          echo("from the dead");
        });
    world.at(TIMEOUT.dividedBy(2), client::crash);
    world.runFor(TIMEOUT.multipliedBy(2));
    assertThat(seen).isEmpty();
    assertThat(served).isEmpty();
    assertThat(world.faults()).isEmpty();
  }

  @Test
  void answersACallAndTimesOutACutOne() {
    serve();
    CompletableFuture<String> answered = echo("a");
    world.runFor(TIMEOUT);
    assertThat(answered).isCompletedWithValue("a");
    world.network().cut(server, client);
    CompletableFuture<String> cut = echo("b");
    world.runFor(TIMEOUT.multipliedBy(2));
    assertThat(served).containsExactly("a", "b");
    assertThat(statusOf(cut)).isEqualTo(RpcStatus.DEADLINE_EXCEEDED);
  }

  @Test
  void aCrashedNodeRunsNothingAndBreaksItsStreams() {
    serve();
    EventLoop doomed = server.environment().loops().newLoop("doomed");
    doomed.schedule(Duration.ofMillis(200), () -> served.add("never"));
    List<String> seen = new ArrayList<>();
    chat(seen);
    world.runFor(Duration.ofMillis(5));
    server.crash();
    world.runFor(TIMEOUT);
    assertThat(seen).contains("UNAVAILABLE");
    assertThat(served).doesNotContain("never");
    assertThat(statusOf(echoNow())).isEqualTo(RpcStatus.UNAVAILABLE);
  }

  @Test
  void theEndOfAStreamThatACutLinkLosesIsFoundOutByAKeepAlive() {
    serve();
    for (int round = 0; round < 8; round++) {
      List<String> seen = new ArrayList<>();
      RpcStream<String> chat = chat(seen);
      world.runFor(Duration.ofMillis(5));
      chat.complete();
      world.network().cut(server, client);
      world.runFor(Duration.ofMillis(5));
      world.network().heal();
      world.runFor(Duration.ofSeconds(6));
      assertThat(seen).as("round " + round).endsWith("UNAVAILABLE").doesNotContain("complete");
    }
  }

  @Test
  void aPausedNodeRunsItsTimersAfterThePause() {
    Environment environment = server.environment();
    EventLoop loop = environment.loops().newLoop("loop");
    List<Long> ranAt = new ArrayList<>();
    loop.schedule(Duration.ofMillis(10), () -> ranAt.add(environment.time().nanos()));
    server.pause(Duration.ofMillis(500));
    world.runFor(TIMEOUT);
    assertThat(ranAt).singleElement().satisfies(at -> assertThat(at).isEqualTo(500_000_000L));
  }

  @Test
  void aRequestToAPausedNodeWaits() {
    serve();
    server.pause(Duration.ofMillis(500));
    CompletableFuture<String> answer = echo("a");
    world.runFor(Duration.ofMillis(400));
    assertThat(served).isEmpty();
    world.runFor(TIMEOUT);
    assertThat(answer).isCompletedWithValue("a");
  }

  @Test
  void nothingOfAnEndedLifeReachesTheNextOne() {
    serve();
    EventLoop oldLoop = client.environment().loops().newLoop("loop");
    CompletableFuture<String> asked = echo("a");
    client.crash();
    client.restart();
    oldLoop.execute(() -> served.add("never"));
    world.runFor(TIMEOUT.multipliedBy(2));
    assertThat(asked).isNotDone();
    assertThat(served).containsExactly("a");
  }

  @Test
  void aStreamOverACutLinkCarriesNothingMoreAndEnds() {
    serve();
    List<String> seen = new ArrayList<>();
    RpcStream<String> stream = chat(seen);
    stream.request(10);
    world.network().cut(client, server);
    stream.send("a");
    world.network().heal();
    stream.send("b");
    world.runFor(Duration.ofSeconds(10));
    assertThat(seen).containsExactly("UNAVAILABLE");
  }

  @Test
  void anUncaughtFailureStopsItsNodeAndIsReported() {
    EventLoop loop = server.environment().loops().newLoop("loop");
    loop.execute(
        () -> {
          throw new IllegalStateException("broken");
        });
    world.runFor(TIMEOUT);
    assertThat(server.isUp()).isFalse();
    assertThat(world.faults()).singleElement().asString().contains("server").contains("broken");
  }

  @Test
  void aStreamDeliversInOrderAndOnlyWhatWasRequested() {
    serve();
    List<String> seen = new ArrayList<>();
    RpcStream<String> stream = chat(seen);
    for (int i = 0; i < 40; i++) {
      stream.send("m" + i);
    }
    stream.complete();
    stream.request(3);
    world.runFor(TIMEOUT);
    assertThat(seen).containsExactly("m0", "m1", "m2");
    stream.request(100);
    world.runFor(TIMEOUT);
    assertThat(seen).hasSize(41).endsWith("m39", "complete");
  }

  private String chatter(long seed) {
    SimulatedWorld own = new SimulatedWorld(seed, WorldOptions.rough());
    SimulatedNode from = own.newNode("from");
    SimulatedNode to = own.newNode("to");
    own.network()
        .servers(to)
        .bind("to", 1, List.of(RpcService.named("test.Echo").unary(ECHO, this::echoed).build()));
    for (int i = 0; i < 200; i++) {
      own.network().client(from).call("to:1", ECHO, "m" + i, TIMEOUT);
    }
    own.runFor(TIMEOUT);
    return own.trace().toString();
  }

  private CompletableFuture<String> echoed(String request, io.arrowraft.runtime.rpc.RpcCall call) {
    return CompletableFuture.completedFuture(request);
  }

  private CompletableFuture<String> echo(String text) {
    return world.network().client(client).call("server:1", ECHO, text, TIMEOUT);
  }

  private CompletableFuture<String> echoNow() {
    CompletableFuture<String> answer = echo("now");
    world.runFor(TIMEOUT.multipliedBy(2));
    return answer;
  }

  private RpcStream<String> chat(List<String> seen) {
    RpcStream<String> stream =
        world.network().client(client).open("server:1", CHAT, Duration.ZERO, new Collector(seen));
    world.runFor(Duration.ofMillis(20));
    return stream;
  }

  private void serve() {
    world
        .network()
        .servers(server)
        .bind(
            "server",
            1,
            List.of(
                RpcService.named("test.Echo")
                    .unary(
                        ECHO,
                        (request, call) -> {
                          served.add(request);
                          return CompletableFuture.completedFuture(request);
                        })
                    .stream(CHAT, (responses, call) -> new Chatting(responses))
                    .build()));
  }

  private static RpcStatus statusOf(CompletableFuture<?> future) {
    assertThat(future).isCompletedExceptionally();
    return ((RpcException) future.handle((value, failure) -> failure).join()).status();
  }

  private record Chatting(RpcStream<String> responses) implements RpcReceiver<String> {
    private Chatting {
      responses.request(1_000);
    }

    @Override
    public void onMessage(String message) {
      responses.send(message);
    }

    @Override
    public void onComplete() {
      responses.complete();
    }

    @Override
    public void onError(RpcException failure) {
      responses.fail(failure);
    }
  }

  private record Collector(List<String> seen) implements RpcReceiver<String> {
    @Override
    public void onMessage(String message) {
      seen.add(message);
    }

    @Override
    public void onComplete() {
      seen.add("complete");
    }

    @Override
    public void onError(RpcException failure) {
      seen.add(failure.status().name());
    }
  }
}
