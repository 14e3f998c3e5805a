package io.arrowraft.pd.http;

import io.arrowraft.pd.member.MemberCalls;
import io.arrowraft.pd.service.Member;
import io.arrowraft.rpc.http.HttpAnswer;
import io.arrowraft.rpc.http.HttpHandler;
import io.arrowraft.rpc.http.HttpRequest;
import io.arrowraft.runtime.Async;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/**
 * Passes to the leader what only the leader can answer. What it cannot pass on is answered here,
 * where it is refused with the reason.
 */
final class Forwarding {
  private static final List<String> API = List.of("pd", "api", "v1");

  /** What every member answers for itself, as long as it is only a question. */
  private static final Set<String> ANSWERED_BY_ALL = Set.of("members", "health", "version", "ping");

  private final MemberCalls members;

  Forwarding(MemberCalls members) {
    this.members = members;
  }

  CompletionStage<HttpAnswer> handle(HttpRequest request, HttpHandler here) {
    if (!isForLeader(request)) {
      return here.handle(request);
    }
    return members
        .otherLeader()
        .thenCompose(
            leader -> leader.isPresent() ? pass(leader.get(), request) : here.handle(request));
  }

  private CompletionStage<HttpAnswer> pass(Member leader, HttpRequest request) {
    return members
        .ask(leader, request)
        .exceptionally(
            failure ->
                HttpAnswer.error(
                    503,
                    "the leader "
                        + leader.name()
                        + " does not answer: "
                        + Async.cause(failure).getMessage()));
  }

  private static boolean isForLeader(HttpRequest request) {
    List<String> segments = request.segments();
    if (segments.size() <= API.size() || !segments.subList(0, API.size()).equals(API)) {
      return false;
    }
    boolean asks = request.method().equals("GET") || request.method().equals("HEAD");
    return !asks || !ANSWERED_BY_ALL.contains(segments.get(API.size()));
  }
}
