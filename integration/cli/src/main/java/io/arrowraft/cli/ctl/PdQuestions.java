package io.arrowraft.cli.ctl;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.StringJoiner;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Options of every question to the placement driver and of every wish, and how it is told. */
final class PdQuestions {
  private static final Duration CONNECT_BOUND = Duration.ofSeconds(3);
  private static final Duration ANSWER_BOUND = Duration.ofSeconds(30);

  /** An election of the placement driver takes about three seconds. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private static final Duration PAUSE = Duration.ofMillis(500);
  private static final int UNAVAILABLE = 503;
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  @Option(
      names = "--pd",
      defaultValue = "127.0.0.1:2379",
      paramLabel = "HOST:PORT",
      description = "Address of the placement driver (default: ${DEFAULT-VALUE}).")
  private String pd;

  @Option(names = "--json", description = "Print JSON instead of a table.")
  private boolean json;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  /**
   * Asks and prints.
   *
   * @param path under {@code /pd/api/v1}
   * @param absent what to say if there is no such thing
   */
  int print(String path, String absent, Function<JsonNode, Table> table) {
    JsonNode answer = ask(path);
    if (answer.isNull() || answer.isMissingNode()) {
      throw new IllegalStateException(absent);
    }
    return print(answer, table);
  }

  /** Prints what was found, as asked for. */
  int print(JsonNode answer, Function<JsonNode, Table> table) {
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      try {
        out.println(JSON.writeValueAsString(answer));
      } catch (JsonProcessingException impossible) {
        throw new IllegalStateException(impossible);
      }
    } else {
      table.apply(answer).print(out);
    }
    out.flush();
    return 0;
  }

  /**
   * Changes something and prints what was said. Sent once: who could not carry it out to its end
   * cannot always say whether it happened. But it is not sent before somebody leads.
   *
   * @param body JSON; null: none
   */
  int change(String method, String path, String body) {
    ask("/leader");
    JsonNode said = exchange(method, path, body);
    PrintWriter out = spec.commandLine().getOut();
    out.println(json ? said.toString() : inWords(said));
    out.flush();
    return 0;
  }

  /** A sentence as it is, and what has no sentence field by field. */
  private static String inWords(JsonNode said) {
    if (said.isTextual()) {
      return said.asText();
    }
    StringJoiner fields = new StringJoiner(", ").setEmptyValue("Done.");
    for (Map.Entry<String, JsonNode> field : said.properties()) {
      if (!field.getValue().asText().isEmpty()) {
        fields.add(field.getKey() + ": " + field.getValue().asText());
      }
    }
    return fields.toString();
  }

  /** Of the placement driver, as given. */
  String address() {
    return pd;
  }

  JsonNode ask(String path) {
    return answerOf(patiently("GET", path));
  }

  /** A name or key as a part of a path or of a query. */
  static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private JsonNode exchange(String method, String path, String body) {
    return answerOf(send(method, path, body));
  }

  /** Asks again for a while if nobody can say at the moment, and says so. */
  private HttpResponse<String> patiently(String method, String path) {
    long until = System.nanoTime() + PATIENCE.toNanos();
    boolean told = false;
    while (true) {
      HttpResponse<String> response = send(method, path, null);
      if (response.statusCode() != UNAVAILABLE || System.nanoTime() > until) {
        return response;
      }
      if (!told) {
        told = true;
        PrintWriter err = spec.commandLine().getErr();
        err.printf(
            "placement driver at %s: %s; asking again for up to %d s%n",
            pd, words(response), PATIENCE.toSeconds());
        err.flush();
      }
      LockSupport.parkNanos(PAUSE.toNanos());
    }
  }

  private JsonNode answerOf(HttpResponse<String> response) {
    if (response.statusCode() != 200) {
      throw new IllegalStateException("placement driver at %s: %s".formatted(pd, words(response)));
    }
    try {
      return JSON.readTree(response.body());
    } catch (JsonProcessingException broken) {
      throw new IllegalStateException(
          "what answers at %s is no placement driver; give its address with --pd".formatted(pd),
          broken);
    }
  }

  private static String words(HttpResponse<String> response) {
    String body = response.body().strip();
    return body.isEmpty() ? "status " + response.statusCode() : body;
  }

  private HttpResponse<String> send(String method, String path, String body) {
    HttpRequest request;
    try {
      request =
          HttpRequest.newBuilder(URI.create("http://" + pd + "/pd/api/v1" + path))
              .method(
                  method,
                  body == null
                      ? HttpRequest.BodyPublishers.noBody()
                      : HttpRequest.BodyPublishers.ofString(body))
              .timeout(ANSWER_BOUND)
              .build();
    } catch (IllegalArgumentException invalid) {
      throw new IllegalArgumentException(
          "--pd must be host:port, such as 127.0.0.1:2379, not '" + pd + "'", invalid);
    }
    HttpClient client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT_BOUND)
            .build();
    try {
      return client.send(request, HttpResponse.BodyHandlers.ofString());
    } catch (ConnectException | HttpTimeoutException nobody) {
      throw new IllegalStateException(
          "no placement driver answers at %s; start a cluster with `arrowraft up`, or give its address with --pd"
              .formatted(pd),
          nobody);
    } catch (IOException broken) {
      throw new IllegalStateException(
          "cannot talk to a placement driver at %s: %s".formatted(pd, broken.getMessage()), broken);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", interrupted);
    }
  }
}
