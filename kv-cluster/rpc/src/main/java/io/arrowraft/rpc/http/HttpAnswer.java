package io.arrowraft.rpc.http;

import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * A whole answer.
 *
 * @param status such as 200
 * @param contentType such as {@code application/json}
 * @param body in UTF-8 on the wire
 */
public record HttpAnswer(int status, String contentType, String body) {
  private static final String JSON = "application/json; charset=UTF-8";
  private static final String TEXT = "text/plain; charset=UTF-8";

  /** What Prometheus expects of its text format. */
  private static final String METRICS = "text/plain; version=0.0.4; charset=utf-8";

  public HttpAnswer {
    Objects.requireNonNull(contentType, "contentType");
    Objects.requireNonNull(body, "body");
    if (status < 100 || status > 599) {
      throw new IllegalArgumentException("not an HTTP status: " + status);
    }
  }

  /** Done, with JSON. */
  public static HttpAnswer json(String json) {
    return new HttpAnswer(200, JSON, json);
  }

  /** Done, with metrics in Prometheus' text format. */
  public static HttpAnswer metrics(String exposition) {
    return new HttpAnswer(200, METRICS, exposition);
  }

  /** Not done, and why. */
  public static HttpAnswer error(int status, String message) {
    return new HttpAnswer(status, TEXT, message + "\n");
  }

  /** The body as it goes over the wire. */
  public byte[] bytes() {
    return body.getBytes(StandardCharsets.UTF_8);
  }
}
