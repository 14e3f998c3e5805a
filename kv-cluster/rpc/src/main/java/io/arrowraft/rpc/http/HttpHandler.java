package io.arrowraft.rpc.http;

import java.util.concurrent.CompletionStage;

/** Answers HTTP requests. Safe for use by any thread; never blocks. */
@FunctionalInterface
public interface HttpHandler {
  /**
   * Answers one request.
   *
   * @return the answer; a failure becomes status 500 with the failure's words
   */
  CompletionStage<HttpAnswer> handle(HttpRequest request);
}
