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
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Knows which member leads, and asks all members at once when it does not. A member that names
 * itself is believed at once; what others say of it counts when nobody else has spoken up within a
 * moment. Lives on the client's loop.
 */
final class LeaderFinder {
  private static final Logger LOG = LoggerFactory.getLogger(LeaderFinder.class);
  private static final RpcMethod<GetMembersRequest, GetMembersResponse> GET_MEMBERS =
      RpcMethods.of(PDGrpc.getGetMembersMethod());

  /** A call that has waited for so long makes its caller doubt whether the leader still leads. */
  static final Duration DOUBT_AFTER = Duration.ofMillis(500);

  /** How long what one member says of another waits for the other to speak for itself. */
  private static final Duration HEARSAY_AFTER = Duration.ofMillis(100);

  private static final Duration ASK_MAX = Duration.ofSeconds(1);

  /** Who leads which cluster. */
  record Leader(String address, long clusterId) {
    RequestHeader header() {
      return RequestHeader.newBuilder().setClusterId(clusterId).build();
    }
  }

  private final RpcClient rpc;
  private final EventLoop loop;
  private final List<String> configured;
  private final Duration askTimeout;
  private final List<Consumer<Leader>> followers = new ArrayList<>();
  private Set<String> addresses;
  private long clusterId;
  private boolean answered;
  private Leader known;
  private CompletableFuture<Leader> search;

  LeaderFinder(PdClientConfig config, RpcClient rpc, EventLoop loop) {
    this.rpc = rpc;
    this.loop = loop;
    this.configured = config.addresses();
    this.addresses = new LinkedHashSet<>(config.addresses());
    this.askTimeout =
        config.attemptTimeout().compareTo(ASK_MAX) < 0 ? config.attemptTimeout() : ASK_MAX;
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
      Search running = new Search(addresses, firstTimeout());
      search = running.found;
      running.found.whenComplete((leader, failure) -> search = null);
      running.start();
      return running.found;
    }
    return search;
  }

  /** The first contact may take longer: connections are made on the way. */
  private Duration firstTimeout() {
    return answered ? askTimeout : askTimeout.multipliedBy(3);
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

  /**
   * Asks the others whether they know of another leader than the one that does not answer.
   *
   * @return whether they do; then it is known from now on
   */
  CompletableFuture<Boolean> isReplaced(Leader doubted) {
    loop.requireInLoop();
    if (known != null && !known.equals(doubted)) {
      return CompletableFuture.completedFuture(true);
    }
    Set<String> others = new LinkedHashSet<>(addresses);
    others.remove(doubted.address());
    if (others.isEmpty()) {
      return CompletableFuture.completedFuture(false);
    }
    Search inquiry = new Search(others, askTimeout);
    inquiry.except = doubted.address();
    inquiry.start();
    return inquiry.found.handle((leader, nobody) -> leader != null);
  }

  /** Whether there is more than one member to turn to. */
  boolean knowsOthers() {
    return addresses.size() > 1;
  }

  /** Tells of each leader that takes the place of another one. */
  void follow(Consumer<Leader> follower) {
    loop.requireInLoop();
    followers.add(follower);
  }

  /** Ends {@link #follow}. */
  void unfollow(Consumer<Leader> follower) {
    loop.requireInLoop();
    followers.remove(follower);
  }

  private void settle(Leader leader, GetMembersResponse members) {
    clusterId = leader.clusterId();
    Set<String> next = new LinkedHashSet<>(configured);
    for (Member member : members.getMembersList()) {
      if (member.getClientUrlsCount() > 0) {
        next.add(PdClientConfig.normalise(member.getClientUrls(0)));
      }
    }
    next.add(leader.address());
    addresses = next;
    if (!leader.equals(known)) {
      known = leader;
      LOG.debug("placement driver found: leader={}, cluster={}", leader.address(), clusterId);
      List.copyOf(followers).forEach(follower -> follower.accept(leader));
    }
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

  /** One question to many members. */
  private final class Search {
    private record Claim(Leader leader, GetMembersResponse members) {}

    private final CompletableFuture<Leader> found = new CompletableFuture<>();
    private final List<String> asked;
    private final Duration timeout;
    private final List<String> failures = new ArrayList<>();
    private String except = "";
    private Claim hearsay;
    private int unanswered;

    Search(Set<String> addresses, Duration timeout) {
      this.asked = List.copyOf(addresses);
      this.timeout = timeout;
    }

    void start() {
      unanswered = asked.size();
      for (String address : asked) {
        Async.on(
                loop,
                rpc.call(address, GET_MEMBERS, GetMembersRequest.getDefaultInstance(), timeout))
            .whenComplete((members, failure) -> answered(address, members, failure));
      }
    }

    private void answered(String address, GetMembersResponse members, Throwable failure) {
      unanswered--;
      if (found.isDone()) {
        return;
      }
      if (failure != null) {
        failures.add(Async.cause(failure).getMessage());
      } else {
        answered = true;
        take(address, members);
      }
      if (unanswered == 0 && !found.isDone()) {
        end();
      }
    }

    private void take(String address, GetMembersResponse members) {
      long theirs = members.getHeader().getClusterId();
      if (theirs == 0
          || members.getLeader().getMemberId() == 0
          || members.getLeader().getClientUrlsCount() == 0) {
        failures.add(address + ": no leader is elected at the moment");
        return;
      }
      if (clusterId != 0 && theirs != clusterId) {
        found.completeExceptionally(mismatch(address, members));
        return;
      }
      Leader leader;
      try {
        leader = new Leader(PdClientConfig.normalise(members.getLeader().getClientUrls(0)), theirs);
      } catch (PdException badUrl) {
        found.completeExceptionally(badUrl);
        return;
      }
      if (leader.address().equals(except)) {
        return;
      }
      Claim claim = new Claim(leader, members);
      if (leader.address().equals(address)) {
        believe(claim);
      } else if (hearsay == null) {
        hearsay = claim;
        loop.schedule(HEARSAY_AFTER, () -> believe(claim));
      }
    }

    private void believe(Claim claim) {
      if (!found.isDone()) {
        settle(claim.leader(), claim.members());
        found.complete(claim.leader());
      }
    }

    private void end() {
      if (hearsay != null) {
        believe(hearsay);
        return;
      }
      found.completeExceptionally(
          new PdException(
              PdException.Code.UNREACHABLE,
              "no placement driver answers at %s; check the address and that it runs (./arrowraft up starts one) [%s]"
                  .formatted(String.join(", ", asked), String.join("; ", failures))));
    }
  }
}
