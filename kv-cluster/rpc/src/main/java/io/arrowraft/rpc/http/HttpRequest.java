package io.arrowraft.rpc.http;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A whole request.
 *
 * @param method in upper case
 * @param segments of the path, still percent-encoded, empty ones left out
 * @param query decoded; of a name that comes twice the last counts
 * @param body as text
 */
public record HttpRequest(
    String method, List<String> segments, Map<String, String> query, String body) {
  public HttpRequest {
    Objects.requireNonNull(method, "method");
    Objects.requireNonNull(body, "body");
    segments = List.copyOf(segments);
    query = Collections.unmodifiableMap(new TreeMap<>(query));
  }

  /**
   * Takes a request's target apart.
   *
   * @param uri path and query, such as {@code /pd/api/v1/regions?limit=10}
   * @throws IllegalArgumentException if the percent-encoding of the query is broken
   */
  public static HttpRequest of(String method, String uri, String body) {
    int mark = uri.indexOf('?');
    List<String> segments = new ArrayList<>();
    for (String segment : (mark < 0 ? uri : uri.substring(0, mark)).split("/", -1)) {
      if (!segment.isEmpty()) {
        segments.add(segment);
      }
    }
    Map<String, String> query = new TreeMap<>();
    if (mark >= 0) {
      for (String pair : uri.substring(mark + 1).split("&", -1)) {
        int equals = pair.indexOf('=');
        if (!pair.isEmpty()) {
          query.put(
              decode(equals < 0 ? pair : pair.substring(0, equals)),
              equals < 0 ? "" : decode(pair.substring(equals + 1)));
        }
      }
    }
    return new HttpRequest(method, segments, query, body);
  }

  /** A parameter of the query. */
  public Optional<String> parameter(String name) {
    return Optional.ofNullable(query.get(name));
  }

  private static String decode(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }
}
