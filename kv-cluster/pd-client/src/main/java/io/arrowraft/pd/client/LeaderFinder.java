package io.arrowraft.pd.client;

import io.arrowraft.proto.pdpb.GetMembersRequest;
import io.arrowraft.proto.pdpb.GetMembersResponse;
import io.arrowraft.proto.pdpb.Member;
import io.arrowraft.proto.pdpb.PDGrpc;
import io.arrowraft.proto.pdpb.RequestHeader;
import io.arrowraft.rpc.RpcMethods;
import io.arrowraft.runtime.Async;
import io.arrowraft.runtime.EventLoop;
import io.arrowraft.runtime.rpc.RpcClient;
import io.arrowraft.runtime.rpc.RpcMethod;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Knows which member leads, and asks around when it does not. Lives on the client's loop. */
final class LeaderFinder {
  private static final Logger LOG = LoggerFactory.getLogger(LeaderFinder.class);
  private static final RpcMethod<GetMembersRequest, GetMembersResponse> GET_MEMBERS =
      RpcMethods.of(PDGrpc.getGetMembersMethod());

  /** Who leads which cluster. */
  record Leader(String address, long clusterId) {
    RequestHeader header() {
      return RequestHeader.newBuilder().setClusterId(clusterId).build();
    }
  }

  private final RpcClient rpc;
  private final EventLoop loop;
  private final Duration askTimeout;
  private final LinkedHashSet<String> addresses;
  private long clusterId;
  private boolean answered;
  private Leader known;
  private CompletableFuture<Leader> search;

  LeaderFinder(PdClientConfig config, RpcClient rpc, EventLoop loop) {
    this.rpc = rpc;
    this.loop = loop;
    this.askTimeout = config.attemptTimeout();
    this.addresses = new LinkedHashSet<>(config.addresses());
    this.clusterId = config.clusterId();
  }

  /**
   * The leader; asks around if it is not known. Fails with {@link PdException.Code#UNREACHABLE}
   * when nobody knows one at the moment, and with {@link PdException.Code#CLUSTER_MISMATCH} when
   * another cluster answers.
   */
  CompletableFuture<Leader> leader() {
    loop.requireInLoop();
    if (known != null) {
      return CompletableFuture.completedFuture(known);
    }
    if (search == null) {
      CompletableFuture<Leader> running = new CompletableFuture<>();
      search = running;
      askNext(new ArrayList<>(addresses), 0, new ArrayList<>(), running);
      return running;
    }
    return search;
  }

  /** Whether a placement driver has ever answered. */
  boolean everAnswered() {
    return answered;
  }

  /** Forgets the leader if it still is the one that failed. */
  void forget(Leader failed) {
    loop.requireInLoop();
    if (failed.equals(known)) {
      known = null;
    }
  }

  private void askNext(
      List<String> candidates, int index, List<String> failures, CompletableFuture<Leader> found) {
    if (index == candidates.size()) {
      search = null;
      found.completeExceptionally(unreachable(failures));
      return;
    }
    String address = candidates.get(index);
    CompletableFuture<GetMembersResponse> answer =
        rpc.call(address, GET_MEMBERS, GetMembersRequest.getDefaultInstance(), askTimeout);
    Async.on(loop, answer)
        .whenComplete(
            (members, failure) -> {
              if (failure != null) {
                failures.add(Async.cause(failure).getMessage());
                askNext(candidates, index + 1, failures, found);
              } else if (members.getLeader().getMemberId() == 0
                  || members.getLeader().getClientUrlsCount() == 0) {
                answered = true;
                failures.add(address + ": no leader is elected at the moment");
                askNext(candidates, index + 1, failures, found);
              } else if (clusterId != 0 && members.getHeader().getClusterId() != clusterId) {
                search = null;
                found.completeExceptionally(mismatch(address, members));
              } else {
                settle(members, found);
              }
            });
  }

  private void settle(GetMembersResponse members, CompletableFuture<Leader> found) {
    answered = true;
    search = null;
    try {
      Leader leader =
          new Leader(
              PdClientConfig.normalise(members.getLeader().getClientUrls(0)),
              members.getHeader().getClusterId());
      for (Member member : members.getMembersList()) {
        if (member.getClientUrlsCount() > 0) {
          addresses.add(PdClientConfig.normalise(member.getClientUrls(0)));
        }
      }
      clusterId = leader.clusterId();
      known = leader;
    } catch (PdException badUrl) {
      found.completeExceptionally(badUrl);
      return;
    }
    LOG.debug("placement driver found: leader={}, cluster={}", known.address(), clusterId);
    found.complete(known);
  }

  private PdException mismatch(String address, GetMembersResponse members) {
    return new PdException(
        PdException.Code.CLUSTER_MISMATCH,
        "the placement driver at %s serves cluster %s, but this client or data directory belongs to cluster %s; check the address and the data directory"
            .formatted(
                address,
                Long.toUnsignedString(members.getHeader().getClusterId()),
                Long.toUnsignedString(clusterId)));
  }

  private PdException unreachable(List<String> failures) {
    return new PdException(
        PdException.Code.UNREACHABLE,
        "no placement driver answers at %s; check the address and that it runs (./arrowraft up starts one) [%s]"
            .formatted(String.join(", ", addresses), String.join("; ", failures)));
  }
}
