package io.arrowraft.pd.member;

import io.arrowraft.pd.service.Member;
import io.arrowraft.pd.service.OnLoop;
import io.arrowraft.proto.pd.HttpQuestion;
import io.arrowraft.proto.pd.PingRequest;
import io.arrowraft.rpc.http.HttpAnswer;
import io.arrowraft.rpc.http.HttpRequest;
import io.arrowraft.runtime.Async;
import io.arrowraft.runtime.EventLoop;
import io.arrowraft.runtime.rpc.RpcClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** What this member asks of others on behalf of operators. Callable from any thread. */
public final class MemberCalls {
  private static final Duration PING_TIMEOUT = Duration.ofSeconds(1);
  private static final Duration ASK_TIMEOUT = Duration.ofSeconds(15);

  /**
   * Whether a member could be reached and knows a leader.
   *
   * @param healthy of the member as it was at the time of asking
   */
  public record Health(Member member, boolean healthy) {}

  private final MemberBook book;
  private final MemberChanges changes;
  private final RpcClient client;
  private final EventLoop loop;

  public MemberCalls(MemberBook book, MemberChanges changes, RpcClient client, EventLoop loop) {
    this.book = book;
    this.changes = changes;
    this.client = client;
    this.loop = loop;
  }

  /** The members, asked on the loop. */
  public MemberBook book() {
    return book;
  }

  /** What the leader can do to them, on the loop. */
  public MemberChanges changes() {
    return changes;
  }

  /** Asks all members how they are. */
  public CompletableFuture<List<Health>> health() {
    CompletableFuture<List<Health>> result = new CompletableFuture<>();
    loop.execute(
        () -> {
          List<Member> members = book.all();
          boolean[] healthy = new boolean[members.size()];
          List<CompletableFuture<Void>> answers = new ArrayList<>();
          for (int i = 0; i < members.size(); i++) {
            Member member = members.get(i);
            int at = i;
            if (member.id() == book.self().id()) {
              healthy[at] = book.leader().isPresent();
              continue;
            }
            answers.add(
                Async.on(
                        loop,
                        client.call(
                            member.clientAddress(),
                            MemberRpc.PING,
                            PingRequest.newBuilder().setMemberId(member.id()).build(),
                            PING_TIMEOUT))
                    .handle(
                        (answer, failure) -> {
                          healthy[at] = failure == null && answer.getHealthy();
                          return null;
                        }));
          }
          CompletableFuture.allOf(answers.toArray(CompletableFuture<?>[]::new))
              .thenRun(
                  () -> {
                    List<Health> all = new ArrayList<>();
                    for (int i = 0; i < members.size(); i++) {
                      all.add(new Health(members.get(i), healthy[i]));
                    }
                    result.complete(all);
                  });
        });
    return result;
  }

  /** The leader, if it is another member that is known to lead. */
  public CompletableFuture<Optional<Member>> otherLeader() {
    return new OnLoop(loop)
        .run(
            () ->
                CompletableFuture.completedFuture(
                    book.leader().filter(leader -> leader.id() != book.self().id())));
  }

  /** Has another member answer a question. */
  public CompletableFuture<HttpAnswer> ask(Member member, HttpRequest request) {
    return client
        .call(
            member.clientAddress(),
            MemberRpc.ASK,
            HttpQuestion.newBuilder()
                .setMethod(request.method())
                .addAllSegments(request.segments())
                .putAllQuery(request.query())
                .setBody(request.body())
                .build(),
            ASK_TIMEOUT)
        .thenApply(
            reply -> new HttpAnswer(reply.getStatus(), reply.getContentType(), reply.getBody()));
  }
}
