package io.arrowraft.rpc.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arrowraft.runtime.Async;
import io.arrowraft.runtime.rpc.RpcCodec;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcMethod;
import io.arrowraft.runtime.rpc.RpcReceiver;
import io.arrowraft.runtime.rpc.RpcServer;
import io.arrowraft.runtime.rpc.RpcService;
import io.arrowraft.runtime.rpc.RpcStatus;
import io.arrowraft.runtime.rpc.RpcStream;
import io.arrowraft.runtime.threads.SystemTime;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class GrpcRpcTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(5);
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

  private final GrpcRpcServers servers =
      new GrpcRpcServers("test", GrpcTransportOptions.defaults(), SystemTime.INSTANCE);
  private final GrpcRpcClient client = new GrpcRpcClient("test", GrpcTransportOptions.defaults());
  private final CompletableFuture<Void> cancelled = new CompletableFuture<>();
  private RpcServer server = bind(0);

  @AfterEach
  void close() {
    client.close();
    server.close();
  }

  @Test
  void answersAUnaryCall() throws Exception {
    assertThat(call("hello")).isEqualTo("hello");
  }

  @Test
  void carriesAHandlersFailureWithItsStatusAndWords() {
    assertThatThrownBy(() -> call("fail"))
        .isInstanceOfSatisfying(
            RpcException.class,
            failure -> {
              assertThat(failure.status()).isEqualTo(RpcStatus.FAILED_PRECONDITION);
              assertThat(failure.getMessage()).contains("as you wish");
            });
  }

  @Test
  void endsACallThatIsNotAnsweredInTimeAndTellsTheHandler() throws Exception {
    assertThatThrownBy(
            () -> get(client.call(server.address(), ECHO, "hang", Duration.ofMillis(200))))
        .isInstanceOfSatisfying(
            RpcException.class,
            failure -> assertThat(failure.status()).isEqualTo(RpcStatus.DEADLINE_EXCEEDED));
    cancelled.get(5, TimeUnit.SECONDS);
  }

  @Test
  void tellsACallThatReachedNobodyFromOneWithoutAnAnswer() {
    String address = server.address();
    server.close();

    assertThatThrownBy(() -> get(client.call(address, ECHO, "anybody?", TIMEOUT)))
        .isInstanceOfSatisfying(
            RpcException.class,
            failure -> {
              assertThat(failure.status()).isEqualTo(RpcStatus.UNAVAILABLE);
              assertThat(failure.isUnreached()).isTrue();
              assertThat(failure.outcomeUnknown()).isFalse();
            });
  }

  @Test
  void refusesToSendMoreThanAServerTakesUntilACallEnds() throws Exception {
    GrpcTransportOptions two = new GrpcTransportOptions(1, 1 << 20, 1 << 20, 2, TIMEOUT, TIMEOUT);
    try (GrpcRpcClient narrow = new GrpcRpcClient("narrow", two)) {
      CompletableFuture<String> first = narrow.call(server.address(), ECHO, "hang", TIMEOUT);
      narrow.call(server.address(), ECHO, "hang", TIMEOUT);

      assertThatThrownBy(() -> get(narrow.call(server.address(), ECHO, "third", TIMEOUT)))
          .isInstanceOfSatisfying(
              RpcException.class,
              failure -> {
                assertThat(failure.isNotSent()).isTrue();
                assertThat(failure.outcomeUnknown()).isFalse();
                assertThat(failure.getMessage()).contains("2 calls are under way already");
              });
      first.cancel(false);
      assertThat(get(narrow.call(server.address(), ECHO, "third", TIMEOUT))).isEqualTo("third");
    }
  }

  @Test
  void cancellingTheFutureCancelsTheCall() throws Exception {
    client.call(server.address(), ECHO, "hang", TIMEOUT).cancel(false);
    // A call cancelled before it left never reaches the handler; this one is sent first.
    CompletableFuture<String> sent = client.call(server.address(), ECHO, "hang", TIMEOUT);
    assertThat(call("after")).isEqualTo("after");
    sent.cancel(false);
    cancelled.get(5, TimeUnit.SECONDS);
  }

  @Test
  void deliversOnlyWhatTheReceiverRequested() throws Exception {
    List<String> seen = Collections.synchronizedList(new ArrayList<>());
    CompletableFuture<Void> done = new CompletableFuture<>();
    CompletableFuture<Void> second = new CompletableFuture<>();
    RpcStream<String> stream =
        client.open(server.address(), CHAT, TIMEOUT, new Collector(seen, second, done));
    for (int i = 0; i < 5; i++) {
      stream.send("m" + i);
    }
    stream.complete();
    stream.request(2);
    second.get(5, TimeUnit.SECONDS);
    assertThat(call("the stream has had its chance")).isNotEmpty();
    assertThat(seen).containsExactly("m0", "m1");
    stream.request(10);
    done.get(5, TimeUnit.SECONDS);
    assertThat(seen).containsExactly("m0", "m1", "m2", "m3", "m4");
  }

  @Test
  void writesNoStackTraceForEachAnswerThatALostConnectionLeavesBehind() {
    Logger server = Logger.getLogger("io.grpc.netty.shaded.io.grpc.netty.NettyServerHandler");

    assertThat(server.isLoggable(Level.WARNING)).isFalse();
    assertThat(server.isLoggable(Level.SEVERE)).isTrue();
  }

  @Test
  void saysThatAPortIsInUse() {
    int port = Integer.parseInt(server.address().split(":")[1]);
    assertThatThrownBy(() -> bind(port))
        .isInstanceOf(RpcException.class)
        .hasMessageContaining("cannot listen on 127.0.0.1:" + port)
        .hasMessageContaining("choose another port");
  }

  @Test
  void findsARestartedServerWithinASecondOfItsReturn() throws Exception {
    assertThat(call("before")).isEqualTo("before");
    int port = Integer.parseInt(server.address().split(":")[1]);
    server.close(Duration.ZERO);
    for (int i = 0; i < 5; i++) {
      assertThatThrownBy(() -> call("while it is away")).isInstanceOf(RpcException.class);
    }
    server = bind(port);
    long start = System.nanoTime();
    while (true) {
      try {
        assertThat(call("again")).isEqualTo("again");
        break;
      } catch (RpcException unavailable) {
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(TIMEOUT);
      }
    }
  }

  private String call(String text) throws Exception {
    return get(client.call(server.address(), ECHO, text, TIMEOUT));
  }

  private static String get(CompletableFuture<String> future) throws Exception {
    try {
      return future.get(10, TimeUnit.SECONDS);
    } catch (ExecutionException failed) {
      throw (RpcException) Async.cause(failed);
    }
  }

  private RpcServer bind(int port) {
    return servers.bind(
        "127.0.0.1",
        port,
        List.of(
            RpcService.named("test.Echo")
                .unary(
                    ECHO,
                    (request, call) -> {
                      if (request.equals("fail")) {
                        throw new RpcException(RpcStatus.FAILED_PRECONDITION, "as you wish");
                      }
                      if (request.equals("hang")) {
                        call.onCancel(() -> cancelled.complete(null));
                        return new CompletableFuture<>();
                      }
                      return CompletableFuture.completedFuture(request);
                    })
                .stream(
                    CHAT,
                    (responses, call) -> {
                      responses.request(100);
                      return new RpcReceiver<String>() {
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
                          cancelled.complete(null);
                        }
                      };
                    })
                .build()));
  }

  private record Collector(
      List<String> seen, CompletableFuture<Void> second, CompletableFuture<Void> done)
      implements RpcReceiver<String> {
    @Override
    public void onMessage(String message) {
      seen.add(message);
      if (seen.size() == 2) {
        second.complete(null);
      }
    }

    @Override
    public void onComplete() {
      done.complete(null);
    }

    @Override
    public void onError(RpcException failure) {
      done.completeExceptionally(failure);
    }
  }
}
