package io.arrowraft.raft;

import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.raft.core.MembershipChange;
import io.arrowraft.raft.core.TransferResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RaftGroupTest {
  private static final long GROUP = 7;

  private final TestCluster cluster = new TestCluster(4, 1);

  private TestStore other(TestStore store, TestStore... excluded) {
    for (long id = 1; id <= 3; id++) {
      TestStore candidate = cluster.store(id);
      if (candidate != store && !List.of(excluded).contains(candidate)) {
        return candidate;
      }
    }
    throw new AssertionError();
  }

  private void awaitEverywhere(String last) {
    for (long id = 1; id <= 3; id++) {
      TestMachine machine = cluster.store(id).machine(GROUP);
      cluster.await(
          last + " on store " + id,
          () -> !machine.values().isEmpty() && last.equals(lastOf(machine.values())));
    }
  }

  private static String lastOf(List<String> values) {
    return values.get(values.size() - 1);
  }

  @Test
  void proposalsAreAppliedEverywhereAndHandedBackToTheirProposer() {
    cluster.bootstrap(GROUP, 1, 2, 3);
    TestMachine leader = cluster.leaderOf(GROUP).machine(GROUP);
    for (int i = 0; i < 50; i++) {
      assertThat(leader.propose("v" + i)).isInstanceOf(ProposalResult.Accepted.class);
    }
    awaitEverywhere("v49");
    assertThat(leader.committedProposals()).hasSize(50).startsWith("v0", "v1");
    for (long id = 1; id <= 3; id++) {
      assertThat(cluster.store(id).machine(GROUP).values()).hasSize(50);
    }
  }

  @Test
  void proposalsMadeTogetherShareOneSync() {
    cluster.bootstrap(GROUP, 1, 2, 3);
    TestStore leader = cluster.leaderOf(GROUP);
    cluster.pass(Duration.ofMillis(100));
    int before = leader.logs().syncs();
    for (int i = 0; i < 50; i++) {
      leader.machine(GROUP).propose("v" + i);
    }
    cluster.settle();
    assertThat(leader.machine(GROUP).values()).hasSize(50);
    assertThat(leader.logs().syncs() - before).isEqualTo(1);
  }

  @Test
  void followerRefusesProposalsAndNamesTheLeader() {
    cluster.bootstrap(GROUP, 1, 2, 3);
    TestStore leader = cluster.leaderOf(GROUP);
    TestMachine follower = other(leader).machine(GROUP);
    assertThat(follower.propose("x")).isEqualTo(new ProposalResult.NotLeader(leader.id()));
  }

  @Test
  void proposalsBeyondTheLimitsAreRefusedWithTheReason() {
    cluster.bootstrap(GROUP, 1, 2, 3);
    TestStore leader = cluster.leaderOf(GROUP);
    RaftGroup<String> group = leader.group(GROUP);
    assertThat(group.propose(new byte[10_001], "big", 0))
        .isEqualTo(new ProposalResult.TooLarge(10_001, 10_000));
    assertThat(group.propose(new byte[] {1}, "stale", 3))
        .isEqualTo(new ProposalResult.StaleTerm(3, group.role().term()));
    for (int i = 0; i < 100; i++) {
      assertThat(leader.machine(GROUP).propose("v")).isInstanceOf(ProposalResult.Accepted.class);
    }
    assertThat(leader.machine(GROUP).propose("v")).isEqualTo(new ProposalResult.Overloaded(100));
  }

  @Test
  void proposalOfADeposedLeaderIsReportedSuperseded() {
    cluster.bootstrap(GROUP, 1, 2, 3);
    TestStore old = cluster.leaderOf(GROUP);
    cluster.network().cut(old.id());
    old.machine(GROUP).propose("lost");
    cluster.await("a new leader", () -> cluster.leaderOf(GROUP) != old);
    cluster.leaderOf(GROUP).machine(GROUP).propose("kept");
    cluster.network().heal(old.id());
    awaitEverywhere("kept");
    assertThat(old.machine(GROUP).droppedProposals()).containsExactly("lost SUPERSEDED");
    assertThat(old.machine(GROUP).values()).containsExactly("kept");
  }

  @Test
  void restartedStoreServesNothingBeforeItHasCaughtUp() {
    cluster.bootstrap(GROUP, 1, 2, 3);
    TestStore leader = cluster.leaderOf(GROUP);
    leader.machine(GROUP).propose("a");
    awaitEverywhere("a");
    TestStore follower = other(leader);
    follower.restart();
    leader.machine(GROUP).propose("b");
    awaitEverywhere("b");
    assertThat(follower.machine(GROUP).values()).containsExactly("a", "b");
    List<ReadOutcome> outcomes = new ArrayList<>();
    follower.group(GROUP).readIndex(outcomes::add);
    cluster.await("the read", () -> !outcomes.isEmpty());
    assertThat(outcomes.get(0)).isInstanceOf(ReadOutcome.Ready.class);
  }

  @Test
  void wholeClusterComesBackWithWhatWasAcknowledged() {
    cluster.bootstrap(GROUP, 1, 2, 3);
    cluster.leaderOf(GROUP).machine(GROUP).propose("a");
    awaitEverywhere("a");
    for (long id = 1; id <= 3; id++) {
      cluster.store(id).restart();
    }
    cluster.leaderOf(GROUP).machine(GROUP).propose("b");
    awaitEverywhere("b");
    assertThat(cluster.store(1).machine(GROUP).values()).containsExactly("a", "b");
  }

  @Test
  void restartReplaysWhatTheStateMachineLost() {
    cluster.bootstrap(GROUP, 1, 2, 3);
    cluster.leaderOf(GROUP).machine(GROUP).propose("a");
    awaitEverywhere("a");
    for (long id = 1; id <= 3; id++) {
      cluster.store(id).machine(GROUP).keepOnDisk();
    }
    cluster.leaderOf(GROUP).machine(GROUP).propose("b");
    cluster.leaderOf(GROUP).machine(GROUP).propose("c");
    awaitEverywhere("c");
    for (long id = 1; id <= 3; id++) {
      cluster.store(id).restart();
      assertThat(cluster.store(id).machine(GROUP).values()).containsExactly("a");
    }
    TestStore leader = cluster.leaderOf(GROUP);
    List<List<String>> seen = new ArrayList<>();
    leader.group(GROUP).readIndex(outcome -> seen.add(List.copyOf(leader.machine(GROUP).values())));
    cluster.await("the read", () -> !seen.isEmpty());
    assertThat(seen.get(0)).containsExactly("a", "b", "c");
    awaitEverywhere("c");
  }

  @Test
  void stalledDiskOfTheLeaderDelaysItsOwnAcknowledgementOnly() {
    cluster.bootstrap(GROUP, 1, 2, 3);
    TestStore leader = cluster.leaderOf(GROUP);
    cluster.pass(Duration.ofMillis(50));
    leader.logs().stall(true);
    leader.machine(GROUP).propose("a");
    cluster.settle();
    assertThat(leader.group(GROUP).committed()).isEqualTo(leader.group(GROUP).lastIndex());
    assertThat(leader.machine(GROUP).values()).isEmpty();
    leader.logs().stall(false);
    awaitEverywhere("a");
  }

  @Test
  void readIndexOnAFollowerWaitsUntilItHasAppliedWhatTheLeaderCommitted() {
    cluster.bootstrap(GROUP, 1, 2, 3);
    TestStore leader = cluster.leaderOf(GROUP);
    leader.machine(GROUP).propose("a");
    cluster.settle();
    TestStore follower = other(leader);
    List<List<String>> seen = new ArrayList<>();
    follower
        .group(GROUP)
        .readIndex(outcome -> seen.add(List.copyOf(follower.machine(GROUP).values())));
    cluster.await("the read", () -> !seen.isEmpty());
    assertThat(seen.get(0)).containsExactly("a");
  }

  @Test
  void readOfACutOffLeaderFailsWithinItsBound() {
    cluster.bootstrap(GROUP, 1, 2, 3);
    TestStore leader = cluster.leaderOf(GROUP);
    cluster.pass(Duration.ofMillis(50));
    cluster.network().cut(leader.id());
    List<ReadOutcome> outcomes = new ArrayList<>();
    leader.group(GROUP).readIndex(outcomes::add);
    cluster.pass(TestStore.CONFIG.tickInterval().multipliedBy(2L * 10 + 2));
    assertThat(outcomes).hasSize(1);
    assertThat(outcomes.get(0)).isInstanceOf(ReadOutcome.Failed.class);
  }

  @Test
  void leaseEndsBeforeAnotherLeaderCanBeElected() {
    cluster.bootstrap(GROUP, 1, 2, 3);
    TestStore old = cluster.leaderOf(GROUP);
    LeaderLease lease = old.group(GROUP).lease();
    cluster.await("the lease", () -> lease.term() == old.group(GROUP).role().term());
    cluster.network().cut(old.id());
    for (int i = 0; i < 200; i++) {
      cluster.pass(Duration.ofMillis(2));
      boolean elected = cluster.leaderOf(GROUP) != old;
      assertThat(elected && lease.term() != 0).isFalse();
      if (elected) {
        return;
      }
    }
    throw new AssertionError("no new leader");
  }

  @Test
  void leaseEndsAtOnceWhenATransferBeginsAndTheTargetLeads() {
    cluster.bootstrap(GROUP, 1, 2, 3);
    TestStore old = cluster.leaderOf(GROUP);
    LeaderLease lease = old.group(GROUP).lease();
    cluster.await("the lease", () -> lease.term() != 0);
    TestStore target = other(old);
    assertThat(old.group(GROUP).transferLeader(target.id()))
        .isInstanceOf(TransferResult.Started.class);
    assertThat(lease.term()).isZero();
    cluster.await("the target leads", () -> cluster.leaderOf(GROUP) == target);
    cluster.await("its lease", () -> target.group(GROUP).lease().term() != 0);
  }

  @Test
  void metersTellOfElectionsProposalsAndTheirLatency() {
    cluster.bootstrap(GROUP, 1, 2, 3);
    TestStore leader = cluster.leaderOf(GROUP);
    leader.machine(GROUP).propose("a");
    leader.machine(GROUP).propose("b");
    cluster.await("both are applied", () -> leader.machine(GROUP).values().contains("b"));

    assertThat(leader.meters.get("arrowraft_raft_leaderships_total").counter().count())
        .isEqualTo(1);
    assertThat(leader.meters.get("arrowraft_raft_proposals_total").counter().count()).isEqualTo(2);
    assertThat(leader.meters.get("arrowraft_raft_commit_seconds").timer().count()).isEqualTo(2);
    assertThat(leader.meters.get("arrowraft_raft_append_seconds").timer().count()).isPositive();
  }

  @Test
  void suspendedLeaseComesBackWhenTheOwnerSaysSo() {
    cluster.bootstrap(GROUP, 1, 2, 3);
    TestStore leader = cluster.leaderOf(GROUP);
    LeaderLease lease = leader.group(GROUP).lease();
    cluster.await("the lease", () -> lease.term() != 0);
    leader.group(GROUP).suspendLease(true);
    cluster.pass(Duration.ofMillis(100));
    assertThat(lease.term()).isZero();
    leader.group(GROUP).suspendLease(false);
    assertThat(lease.term()).isNotZero();
  }

  @Test
  void newcomerGetsASnapshotAndThenTheLog() {
    cluster.bootstrap(GROUP, 1, 2, 3);
    TestStore leader = cluster.leaderOf(GROUP);
    leader.machine(GROUP).propose("a");
    leader.machine(GROUP).propose("b");
    cluster.settle();
    leader
        .group(GROUP)
        .proposeMembership(
            MembershipChange.simple(MembershipChange.StepKind.ADD_VOTER, 4, new byte[0]),
            "add 4",
            0);
    cluster.await("store 4 has the group", () -> cluster.store(4).has(GROUP));
    cluster.await(
        "the snapshot", () -> cluster.store(4).machine(GROUP).values().equals(List.of("a", "b")));
    leader.machine(GROUP).propose("c");
    cluster.await(
        "the log", () -> cluster.store(4).machine(GROUP).values().equals(List.of("a", "b", "c")));
    assertThat(cluster.store(4).group(GROUP).membership().voters()).containsExactly(1L, 2L, 3L, 4L);
    cluster.store(4).restart();
    leader.machine(GROUP).propose("d");
    cluster.await("after restart", () -> cluster.store(4).machine(GROUP).values().size() == 4);
  }

  @Test
  void compactedLogSurvivesARestartAndServesSnapshots() {
    cluster.bootstrap(GROUP, 1, 2, 3);
    TestStore leader = cluster.leaderOf(GROUP);
    TestStore behind = other(leader);
    cluster.pass(Duration.ofMillis(100));
    cluster.network().cut(behind.id());
    for (int i = 0; i < 20; i++) {
      leader.machine(GROUP).propose("v" + i);
    }
    cluster.settle();
    leader.group(GROUP).compactTo(leader.group(GROUP).applied());
    cluster.settle();
    assertThat(leader.group(GROUP).firstIndex()).isEqualTo(leader.group(GROUP).lastIndex() + 1);
    cluster.network().heal(behind.id());
    cluster.leaderOf(GROUP).machine(GROUP).propose("last");
    awaitEverywhere("last");
    leader.restart();
    cluster.leaderOf(GROUP).machine(GROUP).propose("again");
    awaitEverywhere("again");
    assertThat(behind.machine(GROUP).values()).hasSize(22);
  }

  @Test
  void destroyedGroupLeavesNothingInTheLogStore() {
    cluster.bootstrap(GROUP, 1, 2, 3);
    TestStore leader = cluster.leaderOf(GROUP);
    leader.machine(GROUP).propose("a");
    List<String> done = new ArrayList<>();
    leader.raft().remove(GROUP);
    leader.group(GROUP).destroy(() -> done.add("destroyed"));
    cluster.settle();
    assertThat(done).containsExactly("destroyed");
    assertThat(leader.logs().groups()).isEmpty();
    assertThat(leader.machine(GROUP).droppedProposals()).containsExactly("a CLOSED");
  }
}
