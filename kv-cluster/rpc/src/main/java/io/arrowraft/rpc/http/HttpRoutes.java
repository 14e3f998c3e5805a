package io.arrowraft.rpc.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Finds who answers a request by its method and path. A pattern's segment in braces, such as {@code
 * /store/{id}}, stands for any one segment, which the route is given still percent-encoded. The
 * first pattern that fits wins.
 */
public final class HttpRoutes implements HttpHandler {

  /** Answers requests of one pattern. */
  @FunctionalInterface
  public interface Route {
    /**
     * Answers one request.
     *
     * @param parts what stood at the places in braces, in their order
     */
    CompletionStage<HttpAnswer> answer(HttpRequest request, List<String> parts);
  }

  private record Entry(String method, List<String> pattern, Route route) {}

  private final List<Entry> entries;

  private HttpRoutes(List<Entry> entries) {
    this.entries = List.copyOf(entries);
  }

  public static Builder builder() {
    return new Builder();
  }

  @Override
  public CompletionStage<HttpAnswer> handle(HttpRequest request) {
    boolean known = false;
    // What answers GET answers HEAD; the shell leaves the body out.
    String method = request.method().equals("HEAD") ? "GET" : request.method();
    for (Entry entry : entries) {
      List<String> parts = match(entry.pattern(), request.segments());
      if (parts == null) {
        continue;
      }
      if (entry.method().equals(method)) {
        return entry.route().answer(request, parts);
      }
      known = true;
    }
    String path = "/" + String.join("/", request.segments());
    return CompletableFuture.completedFuture(
        known
            ? HttpAnswer.error(405, path + " does not take " + request.method())
            : HttpAnswer.error(404, "there is no " + path));
  }

  /** What stands at the places in braces, or null if the path does not fit. */
  private static List<String> match(List<String> pattern, List<String> segments) {
    if (pattern.size() != segments.size()) {
      return null;
    }
    List<String> parts = new ArrayList<>();
    for (int i = 0; i < pattern.size(); i++) {
      if (pattern.get(i).startsWith("{")) {
        parts.add(segments.get(i));
      } else if (!pattern.get(i).equals(segments.get(i))) {
        return null;
      }
    }
    return parts;
  }

  /** Collects routes. Not for use by several threads. */
  public static final class Builder {
    private final List<Entry> entries = new ArrayList<>();

    private Builder() {}

    public Builder get(String pattern, Route route) {
      return add("GET", pattern, route);
    }

    public Builder post(String pattern, Route route) {
      return add("POST", pattern, route);
    }

    public Builder put(String pattern, Route route) {
      return add("PUT", pattern, route);
    }

    public Builder delete(String pattern, Route route) {
      return add("DELETE", pattern, route);
    }

    private Builder add(String method, String pattern, Route route) {
      Objects.requireNonNull(route, "route");
      entries.add(new Entry(method, HttpRequest.of(method, pattern, "").segments(), route));
      return this;
    }

    public HttpRoutes build() {
      return new HttpRoutes(entries);
    }
  }
}
