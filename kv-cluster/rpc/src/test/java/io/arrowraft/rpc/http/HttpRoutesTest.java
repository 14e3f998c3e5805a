package io.arrowraft.rpc.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class HttpRoutesTest {
  private final HttpRoutes routes =
      HttpRoutes.builder()
          .get("/stores", (request, parts) -> done("stores"))
          .get(
              "/region/{id}/of/{store}",
              (request, parts) -> done(parts + " " + request.parameter("limit").orElse("none")))
          .post("/stores", (request, parts) -> done("posted " + request.body()))
          .build();

  @Test
  void aPathIsFoundWithItsPartsAndItsQuery() {
    assertThat(ask("GET", "/region/7/of/%61b?limit=a%20b&x").body()).isEqualTo("[7, %61b] a b");
  }

  @Test
  void aSlashAtTheEndMakesNoDifference() {
    assertThat(ask("GET", "/stores/").body()).isEqualTo("stores");
  }

  @Test
  void methodsAreToldApart() {
    assertThat(ask("POST", "/stores").body()).isEqualTo("posted body");
    assertThat(ask("HEAD", "/stores").body()).isEqualTo("stores");
    assertThat(ask("DELETE", "/stores").status()).isEqualTo(405);
  }

  @Test
  void anUnknownPathIsNotFound() {
    assertThat(ask("GET", "/nowhere")).isEqualTo(HttpAnswer.error(404, "there is no /nowhere"));
  }

  private HttpAnswer ask(String method, String uri) {
    return routes.handle(HttpRequest.of(method, uri, "body")).toCompletableFuture().join();
  }

  private static CompletableFuture<HttpAnswer> done(String text) {
    return CompletableFuture.completedFuture(new HttpAnswer(200, "text/plain", text));
  }
}
