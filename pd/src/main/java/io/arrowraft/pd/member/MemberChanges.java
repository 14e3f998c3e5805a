package io.arrowraft.pd.member;

import io.arrowraft.pd.replication.GroupView;
import io.arrowraft.pd.replication.MemberLog;
import io.arrowraft.pd.service.LeaderState;
import io.arrowraft.pd.service.Member;
import io.arrowraft.pd.state.NotLeaderException;
import io.arrowraft.pd.state.PdCommand;
import io.arrowraft.pd.state.PdResult;
import io.arrowraft.proto.pd.MemberRecord;
import io.arrowraft.raft.core.MembershipChange;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcStatus;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** What the leader does to the membership. Lives on the loop. */
public final class MemberChanges {
  /** More would make every decision slower and none safer. */
  private static final int MEMBERS_MAX = 9;

  private final MemberBook book;
  private final MemberLog log;
  private final LeaderState leader;

  public MemberChanges(MemberBook book, MemberLog log, LeaderState leader) {
    this.book = book;
    this.log = log;
    this.leader = leader;
  }

  /**
   * Admits a newcomer as a learner.
   *
   * @return the member; fails if another one has its name
   */
  CompletableFuture<MemberRecord> admit(String name, String address, long token) {
    Optional<MemberRecord> before = named(name);
    if (before.isPresent()) {
      return before.get().getJoinToken() == token && token != 0
          ? CompletableFuture.completedFuture(before.get())
          : CompletableFuture.failedFuture(taken(name));
    }
    if (leader.state().members().size() >= MEMBERS_MAX) {
      return CompletableFuture.failedFuture(
          new RpcException(
              RpcStatus.FAILED_PRECONDITION,
              "the placement driver has " + MEMBERS_MAX + " members already"));
    }
    return leader
        .ids()
        .next(1)
        .thenCompose(
            id -> {
              if (named(name).isPresent()) {
                return CompletableFuture.failedFuture(taken(name));
              }
              MemberRecord member =
                  MemberRecord.newBuilder()
                      .setId(id)
                      .setName(name)
                      .setAddress(address)
                      .setJoinToken(token)
                      .build();
              return log.change(MembershipChange.StepKind.ADD_LEARNER, id, member)
                  .thenApply(done -> member);
            });
  }

  /** Members to be given to a newcomer. */
  List<MemberRecord> records() {
    return List.copyOf(leader.state().members());
  }

  /**
   * Removes a member. One that leads hands leadership over first, and this fails with {@link
   * NotLeaderException}: the next leader is to be asked.
   */
  public CompletableFuture<PdResult> remove(long id) {
    if (leader.state().member(id).isEmpty()) {
      return CompletableFuture.completedFuture(
          new PdResult.Rejected("there is no member " + Long.toUnsignedString(id)));
    }
    if (id != log.memberId()) {
      return log.change(MembershipChange.StepKind.REMOVE, id, null);
    }
    Optional<Long> successor = successor();
    if (successor.isEmpty()) {
      return CompletableFuture.completedFuture(
          new PdResult.Rejected("no other member could lead if this one went"));
    }
    return log.handOver(successor.get())
        .thenCompose(
            none ->
                CompletableFuture.failedFuture(
                    new NotLeaderException("leadership has been handed over; ask again")));
  }

  /** Hands leadership to a member, or to the fittest. */
  public CompletableFuture<PdResult> transfer(Optional<Long> to) {
    Optional<Long> target = to.or(this::successor);
    if (target.isPresent() && target.get() == log.memberId()) {
      return CompletableFuture.completedFuture(new PdResult.Done());
    }
    if (target.isEmpty() || book.find(target.get()).filter(Member::voter).isEmpty()) {
      return CompletableFuture.completedFuture(
          new PdResult.Rejected("there is no other member that could lead"));
    }
    return log.handOver(target.get()).thenApply(none -> new PdResult.Done());
  }

  /** Sets a member's priority. */
  public CompletableFuture<PdResult> rank(long id, int priority) {
    return leader.log().propose(new PdCommand.RankMember(id, priority));
  }

  /** Records where a member is reached, unless that is known. */
  CompletableFuture<PdResult> move(long id, String address) {
    return knows(id, address)
        ? CompletableFuture.completedFuture(new PdResult.Done())
        : leader.log().propose(new PdCommand.MoveMember(id, address));
  }

  /** Whether the state says where a member is reached, or does not know the member. */
  boolean knows(long id, String address) {
    return leader.state().member(id).map(m -> m.getAddress().equals(address)).orElse(true);
  }

  /** Whether there is such a member. */
  boolean has(long id) {
    return leader.state().member(id).isPresent();
  }

  /**
   * Who should lead if this member does not: of the highest priority, then with the longest log.
   */
  public Optional<Long> successor() {
    Optional<GroupView> view = log.view();
    if (view.isEmpty()) {
      return Optional.empty();
    }
    return view.get().status().peers().stream()
        .filter(peer -> peer.active() && peer.peer() != log.memberId())
        .filter(peer -> view.get().status().membership().voters().contains(peer.peer()))
        .max(
            Comparator.<io.arrowraft.raft.core.RaftStatus.PeerStatus>comparingInt(
                    peer -> book.find(peer.peer()).map(Member::priority).orElse(0))
                .thenComparingLong(peer -> peer.match()))
        .map(peer -> peer.peer());
  }

  private Optional<MemberRecord> named(String name) {
    return leader.state().members().stream().filter(m -> m.getName().equals(name)).findFirst();
  }

  private static RpcException taken(String name) {
    return new RpcException(
        RpcStatus.ALREADY_EXISTS,
        "there is a member "
            + name
            + " already; remove it first, or give this one another name or its old directory");
  }
}
