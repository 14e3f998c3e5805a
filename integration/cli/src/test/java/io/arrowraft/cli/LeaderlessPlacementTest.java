package io.arrowraft.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code ctl} while the placement driver elects a leader. */
class LeaderlessPlacementTest {
  private final List<String> asked = Collections.synchronizedList(new ArrayList<>());

  /** How many requests are still answered that nobody leads. */
  private final AtomicInteger leaderless = new AtomicInteger();

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private HttpServer server;
  private boolean refusesChanges;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    asked.add(exchange.getRequestMethod() + " " + exchange.getRequestURI().getPath());
    boolean isChange = exchange.getRequestMethod().equals("POST");
    boolean refused = leaderless.getAndDecrement() > 0 || (isChange && refusesChanges);
    byte[] body = (refused ? "nobody leads" : "\"Done.\"").getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(refused ? 503 : 200, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  private int ctl(String... arguments) {
    List<String> all = new ArrayList<>(List.of("ctl"));
    all.addAll(List.of(arguments));
    all.addAll(List.of("--pd", "127.0.0.1:" + server.getAddress().getPort()));
    return Arrowraft.commandLine()
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err))
        .execute(all.toArray(String[]::new));
  }

  @Test
  void aQuestionIsAskedAgainUntilSomebodyLeads() {
    leaderless.set(2);

    assertThat(ctl("scheduler", "config", "x")).isZero();

    assertThat(asked).hasSize(3);
    assertThat(err.toString())
        .contains("nobody leads; asking again for up to 10 s")
        .hasLineCount(1);
  }

  @Test
  void aWishIsSentOnceAndNotBeforeSomebodyLeads() {
    leaderless.set(1);

    assertThat(ctl("scheduler", "pause", "x")).isZero();

    assertThat(asked)
        .containsExactly(
            "GET /pd/api/v1/leader", "GET /pd/api/v1/leader", "POST /pd/api/v1/schedulers/x");
    assertThat(out.toString()).contains("Done.");
  }

  @Test
  void aWishThatMayHaveBeenCarriedOutIsNotRepeated() {
    refusesChanges = true;

    assertThat(ctl("scheduler", "pause", "x")).isEqualTo(1);

    assertThat(asked).hasSize(2);
    assertThat(err.toString()).contains("nobody leads");
  }
}
