package io.arrowraft.simulation.workload;

import io.arrowraft.proto.pd.HttpQuestion;
import io.arrowraft.proto.pd.HttpReply;
import io.arrowraft.proto.pd.MembersGrpc;
import io.arrowraft.rpc.RpcMethods;
import io.arrowraft.rpc.http.HttpRequest;
import io.arrowraft.runtime.Async;
import io.arrowraft.runtime.rpc.RpcClient;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcMethod;
import io.arrowraft.runtime.rpc.RpcStatus;
import io.arrowraft.simulation.check.Violation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Where an operator sits who asks the placement driver what its HTTP interface answers, by the call
 * with which its members pass such questions on.
 */
public final class OperatorDesk {
  private static final RpcMethod<HttpQuestion, HttpReply> ASK =
      RpcMethods.of(MembersGrpc.getAskMethod());
  private static final Duration TIMEOUT = Duration.ofSeconds(2);
  private static final String API = "/pd/api/v1";
  private static final int NOT_LEADER = 503;
  private static final int VIOLATIONS_MAX = 10;

  private final Supplier<RpcClient> rpc;
  private final List<String> members;
  private final Consumer<HttpRequest> stores;
  private final List<Violation> violations = new ArrayList<>();

  /**
   * @param rpc the way from a machine that may have restarted
   * @param members addresses of the placement driver's
   * @param stores asks all stores at their status addresses
   */
  public OperatorDesk(Supplier<RpcClient> rpc, List<String> members, Consumer<HttpRequest> stores) {
    this.rpc = rpc;
    this.members = List.copyOf(members);
    this.stores = stores;
  }

  /** Asks all stores the same; their answers are nobody's. */
  void askStores(Request asked) {
    stores.accept(HttpRequest.of(asked.method(), asked.path(), asked.body()));
  }

  /**
   * What is asked for.
   *
   * @param path below the interface's root, with its query
   */
  record Request(String method, String path, String body) {}

  /**
   * Asks one member after the other, until one leads.
   *
   * @return what was answered; fails if nobody did, and never ends if the desk's machine stops
   */
  CompletableFuture<HttpReply> ask(Request asked) {
    HttpRequest request = HttpRequest.of(asked.method(), API + asked.path(), asked.body());
    HttpQuestion question =
        HttpQuestion.newBuilder()
            .setMethod(request.method())
            .addAllSegments(request.segments())
            .putAllQuery(request.query())
            .setBody(request.body())
            .build();
    return ask(question, 0);
  }

  private CompletableFuture<HttpReply> ask(HttpQuestion question, int member) {
    boolean last = member == members.size() - 1;
    return rpc.get()
        .call(members.get(member), ASK, question, TIMEOUT)
        .handle(
            (reply, failure) -> {
              if (failure != null) {
                judge(question, Async.cause(failure));
              }
              boolean answered = failure == null && reply.getStatus() != NOT_LEADER;
              if (answered || last) {
                return failure == null
                    ? CompletableFuture.completedFuture(reply)
                    : CompletableFuture.<HttpReply>failedFuture(Async.cause(failure));
              }
              return ask(question, member + 1);
            })
        .thenCompose(next -> next);
  }

  /** A question may be lost, but not break who answers it. */
  private void judge(HttpQuestion question, Throwable failure) {
    boolean broken =
        failure instanceof RpcException refused
            && (refused.status() == RpcStatus.INTERNAL || refused.status() == RpcStatus.UNKNOWN);
    if (broken && violations.size() < VIOLATIONS_MAX) {
      violations.add(
          new Violation(
              "desk",
              "%s /%s %s failed: %s"
                  .formatted(
                      question.getMethod(),
                      String.join("/", question.getSegmentsList()),
                      question.getBody(),
                      failure)));
    }
  }

  /** One after the other; fails with the first that nobody who leads has answered. */
  CompletableFuture<Void> askAll(List<Request> requests) {
    CompletableFuture<Void> all = CompletableFuture.completedFuture(null);
    for (Request request : requests) {
      all =
          all.thenCompose(before -> ask(request))
              .thenAccept(
                  reply -> {
                    if (reply.getStatus() == NOT_LEADER) {
                      throw new IllegalStateException(request + ": " + reply.getBody());
                    }
                  });
    }
    return all;
  }

  List<Violation> violations() {
    return List.copyOf(violations);
  }
}
