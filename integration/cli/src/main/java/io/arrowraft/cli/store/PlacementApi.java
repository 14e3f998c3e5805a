package io.arrowraft.cli.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** The placement driver's HTTP interface, of which any member will do. */
final class PlacementApi {
  private static final Duration CONNECT_BOUND = Duration.ofSeconds(3);
  private static final Duration ANSWER_BOUND = Duration.ofSeconds(30);
  private static final ObjectMapper JSON = new ObjectMapper();

  @Option(
      names = "--pd",
      split = ",",
      defaultValue = "127.0.0.1:2379",
      paramLabel = "HOST:PORT",
      description = "Addresses of the placement driver (default: ${DEFAULT-VALUE}).")
  private List<String> addresses;

  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(CONNECT_BOUND)
          .build();

  /** Every address given. */
  List<String> addresses() {
    return List.copyOf(addresses);
  }

  /**
   * Asks a question.
   *
   * @param path under {@code /pd/api/v1}
   */
  JsonNode get(String path) {
    return ask("GET", path);
  }

  /** Has something removed. */
  void delete(String path) {
    ask("DELETE", path);
  }

  private JsonNode ask(String method, String path) {
    List<String> silent = new ArrayList<>();
    for (String address : addresses) {
      try {
        return answer(address, client.send(request(method, address, path), text()));
      } catch (ConnectException | HttpTimeoutException nobody) {
        silent.add(address);
      } catch (IOException broken) {
        silent.add(address + " (" + broken.getMessage() + ")");
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted", interrupted);
      }
    }
    throw new IllegalStateException(
        "no placement driver answers at %s; give the address of one with --pd"
            .formatted(String.join(", ", silent)));
  }

  private static HttpResponse.BodyHandler<String> text() {
    return HttpResponse.BodyHandlers.ofString();
  }

  private static HttpRequest request(String method, String address, String path) {
    try {
      return HttpRequest.newBuilder(URI.create("http://" + address + "/pd/api/v1" + path))
          .timeout(ANSWER_BOUND)
          .method(method, HttpRequest.BodyPublishers.noBody())
          .build();
    } catch (IllegalArgumentException invalid) {
      throw new IllegalArgumentException(
          "--pd must be host:port, such as 127.0.0.1:2379, not '" + address + "'", invalid);
    }
  }

  private static JsonNode answer(String address, HttpResponse<String> response) {
    String body = response.body().strip();
    if (response.statusCode() != 200) {
      throw new IllegalStateException(
          "placement driver at %s: %s"
              .formatted(address, body.isEmpty() ? "status " + response.statusCode() : body));
    }
    try {
      return JSON.readTree(body);
    } catch (JsonProcessingException broken) {
      throw new IllegalStateException(
          "what answers at %s is no placement driver".formatted(address), broken);
    }
  }
}
