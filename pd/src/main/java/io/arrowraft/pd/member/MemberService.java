package io.arrowraft.pd.member;

import io.arrowraft.pd.service.LeaderState;
import io.arrowraft.pd.service.OnLoop;
import io.arrowraft.proto.pd.AnnounceResponse;
import io.arrowraft.proto.pd.ConfirmResponse;
import io.arrowraft.proto.pd.HttpQuestion;
import io.arrowraft.proto.pd.HttpReply;
import io.arrowraft.proto.pd.JoinResponse;
import io.arrowraft.proto.pd.MembersGrpc;
import io.arrowraft.proto.pd.PingResponse;
import io.arrowraft.rpc.http.HttpAnswer;
import io.arrowraft.rpc.http.HttpHandler;
import io.arrowraft.rpc.http.HttpRequest;
import io.arrowraft.runtime.EventLoop;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcService;
import io.arrowraft.runtime.rpc.RpcStatus;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/** What this member answers to others. */
public final class MemberService {
  private final MemberBook book;
  private final LeaderState leader;
  private final Supplier<HttpHandler> http;

  private MemberService(MemberBook book, LeaderState leader, Supplier<HttpHandler> http) {
    this.book = book;
    this.leader = leader;
    this.http = http;
  }

  /**
   * @param loop owns everything
   * @param http answers questions that another member passes on; null while nobody does
   */
  public static RpcService of(
      MemberBook book,
      MemberChanges changes,
      LeaderState leader,
      EventLoop loop,
      Supplier<HttpHandler> http) {
    MemberService service = new MemberService(book, leader, http);
    OnLoop onLoop = new OnLoop(loop);
    return RpcService.named(MembersGrpc.SERVICE_NAME)
        .unary(
            MemberRpc.JOIN,
            (request, call) ->
                onLoop.run(
                    () -> {
                      service.requireLeader();
                      return changes
                          .admit(request.getName(), request.getAddress(), request.getToken())
                          .thenApply(
                              member ->
                                  JoinResponse.newBuilder()
                                      .setMemberId(member.getId())
                                      .setClusterId(book.clusterId())
                                      .addAllMembers(changes.records())
                                      .build());
                    }))
        .unary(
            MemberRpc.ANNOUNCE,
            (request, call) ->
                onLoop.run(
                    () -> {
                      service.requireLeader();
                      service.requireCluster(request.getClusterId());
                      return changes
                          .move(request.getMemberId(), request.getAddress())
                          .thenApply(done -> AnnounceResponse.getDefaultInstance());
                    }))
        .unary(
            MemberRpc.CONFIRM,
            (request, call) ->
                onLoop.run(
                    () -> {
                      service.requireLeader();
                      service.requireCluster(request.getClusterId());
                      return CompletableFuture.completedFuture(
                          ConfirmResponse.newBuilder()
                              .setMember(changes.has(request.getMemberId()))
                              .build());
                    }))
        .unary(
            MemberRpc.PING,
            (request, call) ->
                onLoop.run(
                    () ->
                        CompletableFuture.completedFuture(
                            PingResponse.newBuilder()
                                .setHealthy(
                                    request.getMemberId() == book.self().id()
                                        && book.leader().isPresent())
                                .build())))
        .unary(MemberRpc.ASK, (request, call) -> service.ask(request))
        .build();
  }

  private CompletionStage<HttpReply> ask(HttpQuestion question) {
    HttpHandler handler = http.get();
    if (handler == null) {
      throw new RpcException(RpcStatus.UNIMPLEMENTED, "this member answers no questions over HTTP");
    }
    CompletionStage<HttpAnswer> answer;
    try {
      answer =
          handler.handle(
              new HttpRequest(
                  question.getMethod(),
                  question.getSegmentsList(),
                  question.getQueryMap(),
                  question.getBody()));
    } catch (IllegalArgumentException invalid) {
      answer =
          CompletableFuture.completedFuture(
              HttpAnswer.error(400, String.valueOf(invalid.getMessage())));
    }
    return answer.thenApply(
        a ->
            HttpReply.newBuilder()
                .setStatus(a.status())
                .setContentType(a.contentType())
                .setBody(a.body())
                .build());
  }

  private void requireLeader() {
    if (!leader.serving()) {
      throw new RpcException(
          RpcStatus.UNAVAILABLE, "not leader: this member of the placement driver does not lead");
    }
  }

  private void requireCluster(long theirs) {
    if (theirs != 0 && theirs != book.clusterId()) {
      throw new RpcException(
          RpcStatus.FAILED_PRECONDITION,
          "this is cluster "
              + Long.toUnsignedString(book.clusterId())
              + ", not "
              + Long.toUnsignedString(theirs));
    }
  }
}
