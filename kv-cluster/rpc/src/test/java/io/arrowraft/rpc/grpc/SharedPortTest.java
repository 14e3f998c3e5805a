package io.arrowraft.rpc.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arrowraft.rpc.http.HttpAnswer;
import io.arrowraft.rpc.http.HttpHandler;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcServer;
import io.arrowraft.runtime.threads.SystemTime;
import io.grpc.ManagedChannel;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SharedPortTest {
  private static final HttpHandler HTTP =
      request ->
          switch (request.segments().get(0)) {
            case "fail" -> CompletableFuture.failedFuture(new IllegalStateException("no luck"));
            case "invalid" -> throw new IllegalArgumentException("ask otherwise");
            default ->
                CompletableFuture.completedFuture(
                    HttpAnswer.json(
                        "%s %s %s"
                            .formatted(request.method(), request.segments(), request.body())));
          };

  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final RpcServer server =
      new GrpcRpcServers("test", GrpcTransportOptions.defaults(), SystemTime.INSTANCE)
          .withHttp(HTTP)
          .withMeters(meters)
          .bind("127.0.0.1", 0, List.of());
  private final HttpClient client =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();

  @AfterEach
  void close() {
    server.close(Duration.ZERO);
  }

  @Test
  void httpAndGrpcShareThePort() throws Exception {
    assertThat(ask("GET", "/a/b").body()).isEqualTo("GET [a, b] ");
    assertThat(health()).isEqualTo(HealthCheckResponse.ServingStatus.SERVING);
    assertThat(ask("POST", "/c").body()).isEqualTo("POST [c] what I say");
    assertThat(health()).isEqualTo(HealthCheckResponse.ServingStatus.SERVING);
  }

  @Test
  void callsAreCountedByTheirMethod() {
    health();

    assertThat(meters.get("grpc.server.requests.received").tag("method", "Check").counter().count())
        .isEqualTo(1);
  }

  @Test
  void aFailureIsAnAnswer() throws Exception {
    HttpResponse<String> failed = ask("GET", "/fail");
    assertThat(failed.statusCode()).isEqualTo(500);
    assertThat(failed.body()).contains("no luck");
    assertThat(ask("GET", "/invalid").statusCode()).isEqualTo(400);
  }

  @Test
  void headHasTheLengthAndNoBody() throws Exception {
    HttpResponse<String> head = ask("HEAD", "/a");
    assertThat(head.body()).isEmpty();
    assertThat(head.headers().firstValue("content-length")).hasValue("9");
  }

  @Test
  void aRequestThatArrivesByteByByteIsStillUnderstood() throws IOException {
    try (Socket socket = connect()) {
      for (byte one : "GET /slow HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII)) {
        socket.getOutputStream().write(one);
        socket.getOutputStream().flush();
      }
      assertThat(readAll(socket)).contains("200 OK").endsWith("GET [slow] ");
    }
  }

  @Test
  void whatIsNeitherIsRefused() throws IOException {
    try (Socket socket = connect()) {
      socket
          .getOutputStream()
          .write("\u0001\u0002 nonsense\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      assertThat(readAll(socket)).contains("400 Bad Request");
    }
  }

  @Test
  void httpHasAPortOfItsOwnWhereAskedFor() throws Exception {
    HttpServers servers = new HttpServers("test", GrpcTransportOptions.defaults());
    RpcServer alone = servers.bind("127.0.0.1", 0, HTTP);
    try {
      assertThat(ask(alone.address(), "GET", "/own").body()).isEqualTo("GET [own] ");
      int port = Integer.parseInt(alone.address().replaceFirst(".*:", ""));
      assertThatThrownBy(() -> servers.bind("127.0.0.1", port, HTTP))
          .isInstanceOf(RpcException.class)
          .hasMessageContaining("cannot listen on 127.0.0.1:" + port);
    } finally {
      alone.close(Duration.ZERO);
    }
  }

  private HealthCheckResponse.ServingStatus health() {
    ManagedChannel channel = NettyChannelBuilder.forTarget(server.address()).usePlaintext().build();
    try {
      return HealthGrpc.newBlockingStub(channel)
          .withDeadlineAfter(5, TimeUnit.SECONDS)
          .check(HealthCheckRequest.getDefaultInstance())
          .getStatus();
    } finally {
      channel.shutdownNow();
    }
  }

  private HttpResponse<String> ask(String method, String path) throws Exception {
    return ask(server.address(), method, path);
  }

  /** The JDK's client offers HTTP/2 by an upgrade, which an HTTP/1.1 server passes over. */
  private HttpResponse<String> ask(String address, String method, String path) throws Exception {
    return client.send(
        java.net.http.HttpRequest.newBuilder(URI.create("http://" + address + path))
            .timeout(Duration.ofSeconds(5))
            .method(
                method,
                method.equals("POST")
                    ? java.net.http.HttpRequest.BodyPublishers.ofString("what I say")
                    : java.net.http.HttpRequest.BodyPublishers.noBody())
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private Socket connect() throws IOException {
    String[] parts = server.address().split(":");
    Socket socket = new Socket(parts[0], Integer.parseInt(parts[1]));
    socket.setSoTimeout(5_000);
    socket.setTcpNoDelay(true);
    return socket;
  }

  private static String readAll(Socket socket) throws IOException {
    InputStream in = socket.getInputStream();
    return new String(in.readAllBytes(), StandardCharsets.UTF_8);
  }
}
