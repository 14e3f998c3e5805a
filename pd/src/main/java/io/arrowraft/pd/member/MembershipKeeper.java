package io.arrowraft.pd.member;

import io.arrowraft.pd.replication.GroupView;
import io.arrowraft.pd.replication.MemberLog;
import io.arrowraft.pd.service.Member;
import io.arrowraft.proto.pd.AnnounceRequest;
import io.arrowraft.proto.pd.ConfirmRequest;
import io.arrowraft.raft.core.MembershipChange;
import io.arrowraft.runtime.Async;
import io.arrowraft.runtime.EventLoop;
import io.arrowraft.runtime.TimeSource;
import io.arrowraft.runtime.Timer;
import io.arrowraft.runtime.rpc.RpcClient;
import java.time.Duration;
import java.util.Comparator;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks after the membership: one look every half second. Lives on the loop. */
public final class MembershipKeeper {
  private static final Logger LOG = LoggerFactory.getLogger(MembershipKeeper.class);
  private static final Duration EVERY = Duration.ofMillis(500);
  private static final Duration ASK_TIMEOUT = Duration.ofSeconds(2);

  /** Entries that a member may lack and still count as caught up. */
  private static final long LAG_MAX = 16;

  /** A member that hears of no leader for this long asks whether it has been removed. */
  private static final Duration LEADERLESS_MAX = Duration.ofSeconds(10);

  /** A transfer to a member of higher priority that did not succeed is tried again no sooner. */
  private static final Duration PREFER_EVERY = Duration.ofSeconds(10);

  private final MemberBook book;
  private final MemberLog log;
  private final MemberChanges changes;
  private final EventLoop loop;
  private final TimeSource time;
  private final RpcClient client;
  private final MemberMeters meters;
  private Timer timer = () -> {};
  private boolean asking;
  private long lastLeader;
  private long leaderSeenAt;
  private long preferredAt;
  private boolean preferredBefore;

  /** What it looks after. */
  public record Subject(MemberBook book, MemberLog log, MemberChanges changes) {}

  public MembershipKeeper(
      Subject subject, EventLoop loop, TimeSource time, RpcClient client, MemberMeters meters) {
    this.book = subject.book();
    this.log = subject.log();
    this.changes = subject.changes();
    this.loop = loop;
    this.time = time;
    this.client = client;
    this.meters = meters;
  }

  /** Begins to look. */
  public void start() {
    leaderSeenAt = time.nanos();
    schedule();
  }

  public void stop() {
    timer.cancel();
  }

  private void schedule() {
    timer =
        loop.schedule(
            EVERY,
            () -> {
              log.view().ifPresent(this::look);
              schedule();
            });
  }

  private void look(GroupView view) {
    meters.onMembers(book.all().size());
    if (view.leader() != 0 && view.leader() != lastLeader) {
      if (lastLeader != 0) {
        meters.onLeaderChange();
      }
      lastLeader = view.leader();
    }
    if (view.leader() != 0) {
      leaderSeenAt = time.nanos();
    }
    if (view.leads()) {
      if (book.leader().isPresent()) {
        lead(view);
      }
    } else if (view.leader() != 0) {
      announce();
    } else if (time.nanos() - leaderSeenAt > LEADERLESS_MAX.toNanos()) {
      confirm();
    }
  }

  private void lead(GroupView view) {
    Member self = book.self();
    changes.move(self.id(), self.clientAddress());
    for (long learner : view.status().membership().learners()) {
      if (view.hasCaughtUp(learner, LAG_MAX)) {
        LOG.atInfo()
            .addKeyValue("id", Long.toUnsignedString(learner))
            .log("a member has caught up and gets a vote");
        log.change(MembershipChange.StepKind.ADD_VOTER, learner, null)
            .exceptionally(
                refused -> {
                  LOG.atInfo()
                      .addKeyValue("reason", refused.getMessage())
                      .log("the vote has to wait");
                  return null;
                });
        return;
      }
    }
    prefer(view, self);
  }

  private void prefer(GroupView view, Member self) {
    boolean lately = preferredBefore && time.nanos() - preferredAt < PREFER_EVERY.toNanos();
    if (lately || view.status().transferTo() != 0) {
      return;
    }
    Optional<Member> better =
        book.all().stream()
            .filter(member -> member.voter() && member.priority() > self.priority())
            .filter(member -> view.hasCaughtUp(member.id(), LAG_MAX))
            .max(Comparator.comparingInt(Member::priority));
    if (better.isPresent()) {
      preferredBefore = true;
      preferredAt = time.nanos();
      LOG.atInfo()
          .addKeyValue("to", better.get().name())
          .addKeyValue("priority", better.get().priority())
          .log("leadership goes to a member of higher priority");
      log.transferTo(better.get().id());
    }
  }

  private void announce() {
    Member self = book.self();
    if (asking || changes.knows(self.id(), self.clientAddress())) {
      return;
    }
    book.leader()
        .ifPresent(
            leader ->
                asked(
                    client.call(
                        leader.clientAddress(),
                        MemberRpc.ANNOUNCE,
                        AnnounceRequest.newBuilder()
                            .setClusterId(book.clusterId())
                            .setMemberId(self.id())
                            .setAddress(self.clientAddress())
                            .build(),
                        ASK_TIMEOUT)));
  }

  private void confirm() {
    if (asking) {
      return;
    }
    Member self = book.self();
    ConfirmRequest request =
        ConfirmRequest.newBuilder().setClusterId(book.clusterId()).setMemberId(self.id()).build();
    CompletableFuture<?>[] answers =
        book.all().stream()
            .filter(member -> member.id() != self.id())
            .map(
                member ->
                    Async.on(
                            loop,
                            client.call(
                                member.clientAddress(), MemberRpc.CONFIRM, request, ASK_TIMEOUT))
                        .thenAccept(
                            answer -> {
                              if (!answer.getMember()) {
                                log.retire();
                              }
                            }))
            .toArray(CompletableFuture<?>[]::new);
    asked(CompletableFuture.allOf(answers));
  }

  private void asked(CompletableFuture<?> answer) {
    asking = true;
    Async.on(loop, answer)
        .whenComplete(
            (done, failure) -> {
              asking = false;
              if (failure != null) {
                LOG.debug("another member did not answer", failure);
              }
            });
  }
}
