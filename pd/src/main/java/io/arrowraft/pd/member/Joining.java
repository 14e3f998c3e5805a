package io.arrowraft.pd.member;

import io.arrowraft.pd.replication.Surroundings;
import io.arrowraft.proto.pd.JoinRequest;
import io.arrowraft.proto.pd.JoinResponse;
import io.arrowraft.proto.pd.MemberIdentity;
import io.arrowraft.proto.pdpb.GetMembersRequest;
import io.arrowraft.proto.pdpb.GetMembersResponse;
import io.arrowraft.runtime.Async;
import io.arrowraft.runtime.EventLoop;
import io.arrowraft.runtime.rpc.RpcClient;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcStatus;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A newcomer's way into a running cluster: asks until it is admitted or refused for good. */
public final class Joining {
  private static final Logger LOG = LoggerFactory.getLogger(Joining.class);
  private static final Duration PAUSE = Duration.ofMillis(300);
  private static final Duration ASK_TIMEOUT = Duration.ofSeconds(5);

  private final RpcClient client;
  private final EventLoop loop;
  private final List<String> addresses;
  private final JoinRequest request;
  private final CompletableFuture<Surroundings.Admission> admitted = new CompletableFuture<>();
  private int attempt;

  private Joining(RpcClient client, EventLoop loop, List<String> addresses, JoinRequest request) {
    this.client = client;
    this.loop = loop;
    this.addresses = addresses;
    this.request = request;
  }

  /**
   * Asks for admission.
   *
   * @param addresses of members, of whom each knows the leader
   * @param token the same at each attempt
   */
  public static CompletableFuture<Surroundings.Admission> ask(
      RpcClient client,
      EventLoop loop,
      List<String> addresses,
      String name,
      String address,
      long token) {
    Joining joining =
        new Joining(
            client,
            loop,
            addresses,
            JoinRequest.newBuilder().setName(name).setAddress(address).setToken(token).build());
    joining.seek();
    return joining.admitted;
  }

  private void seek() {
    String address = addresses.get(attempt++ % addresses.size());
    Async.on(
            loop,
            client.call(
                address,
                MemberRpc.GET_MEMBERS,
                GetMembersRequest.getDefaultInstance(),
                ASK_TIMEOUT))
        .whenComplete(
            (members, failure) -> {
              if (failure != null) {
                again(failure);
              } else if (members.getLeader().getClientUrlsCount() == 0) {
                again(new RpcException(RpcStatus.UNAVAILABLE, "no leader is elected"));
              } else {
                join(members);
              }
            });
  }

  private void join(GetMembersResponse members) {
    String leader = members.getLeader().getClientUrls(0).replaceFirst("^https?://", "");
    Async.on(loop, client.call(leader, MemberRpc.JOIN, request, ASK_TIMEOUT))
        .whenComplete(
            (response, failure) -> {
              if (failure == null) {
                admitted.complete(admission(response));
              } else if (isFinal(Async.cause(failure))) {
                admitted.completeExceptionally(Async.cause(failure));
              } else {
                again(failure);
              }
            });
  }

  private Surroundings.Admission admission(JoinResponse response) {
    return new Surroundings.Admission(
        MemberIdentity.newBuilder()
            .setMemberId(response.getMemberId())
            .setClusterId(response.getClusterId())
            .setJoinToken(request.getToken())
            .build(),
        response.getMembersList());
  }

  private static boolean isFinal(Throwable failure) {
    return failure instanceof RpcException rpc
        && (rpc.status() == RpcStatus.ALREADY_EXISTS
            || rpc.status() == RpcStatus.FAILED_PRECONDITION
            || rpc.status() == RpcStatus.UNIMPLEMENTED);
  }

  private void again(Throwable failure) {
    LOG.atInfo()
        .addKeyValue("reason", Async.cause(failure).getMessage())
        .log("joining is tried again");
    loop.schedule(PAUSE, this::seek);
  }
}
