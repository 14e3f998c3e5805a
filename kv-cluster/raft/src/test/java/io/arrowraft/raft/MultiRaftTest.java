package io.arrowraft.raft;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class MultiRaftTest {
  private static final int GROUPS = 100;

  @Test
  void hundredGroupsOnTwoLoopsElectReplicateAndSurviveTheLossOfAStore() {
    TestCluster cluster = new TestCluster(3, 2);
    for (long group = 1; group <= GROUPS; group++) {
      cluster.bootstrap(group, 1, 2, 3);
    }
    for (long group = 1; group <= GROUPS; group++) {
      assertThat(cluster.leaderOf(group).machine(group).propose("a" + group))
          .isInstanceOf(ProposalResult.Accepted.class);
    }
    cluster.settle();
    cluster.store(2).crash();
    cluster.pass(Duration.ofSeconds(1));
    for (long group = 1; group <= GROUPS; group++) {
      if (cluster.leaderOf(group).id() != 2) {
        cluster.leaderOf(group).machine(group).propose("b" + group);
      }
    }
    cluster.store(2).restart();
    cluster.pass(Duration.ofSeconds(1));
    for (long group = 1; group <= GROUPS; group++) {
      TestMachine first = cluster.store(1).machine(group);
      assertThat(first.values()).startsWith("a" + group);
      assertThat(cluster.store(2).machine(group).values()).isEqualTo(first.values());
      assertThat(cluster.store(3).machine(group).values()).isEqualTo(first.values());
    }
  }

  @Test
  void groupsShareTheSyncsOfTheirStore() {
    TestCluster cluster = new TestCluster(3, 2);
    for (long group = 1; group <= GROUPS; group++) {
      cluster.bootstrap(group, 1, 2, 3);
    }
    for (long group = 1; group <= GROUPS; group++) {
      cluster.leaderOf(group);
    }
    cluster.pass(Duration.ofSeconds(1));
    TestStore store = cluster.store(1);
    int before = store.logs().syncs();
    for (long group = 1; group <= GROUPS; group++) {
      cluster.leaderOf(group).machine(group).propose("v");
    }
    cluster.settle();
    assertThat(store.machine(1).values()).hasSize(1);
    assertThat(store.logs().syncs() - before).isLessThan(10);
  }

  @Test
  void fullMailboxRefuses() {
    FakeLoop.Schedule schedule = new FakeLoop.Schedule();
    MultiRaft raft =
        new MultiRaft(
            new MultiRaft.Config(Duration.ofMillis(10), 2, 1),
            java.util.List.of(schedule.newLoop("only")),
            envelope -> {});
    raft.start();
    assertThat(raft.post(1, () -> {})).isTrue();
    assertThat(raft.post(2, () -> {})).isTrue();
    assertThat(raft.post(3, () -> {})).isFalse();
    schedule.runQueued();
    assertThat(raft.post(3, () -> {})).isTrue();
  }
}
