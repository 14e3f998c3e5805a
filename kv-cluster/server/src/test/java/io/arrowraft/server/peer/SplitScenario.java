package io.arrowraft.server.peer;

import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.proto.store.RegionPhase;
import io.arrowraft.server.apply.RegionFixture;
import java.util.List;

/** A region is split. */
class SplitScenario extends CrashScenario {
  protected long child;

  @Override
  void prepare() {
    put(1, "c", 3);
    put(1, "s", 3);
    cluster.replicasAgree(1);
    victim = cluster.followersOf(1).get(0);
  }

  @Override
  void begin() {
    TestCluster.Node leader = cluster.leaderOf(1);
    var unused =
        leader.regions().split(cluster.request(leader, 1), List.of(RegionFixture.bytes("m")));
  }

  @Override
  boolean isOver() {
    child = childOf(1);
    return child != 0
        && isCaughtUp(1)
        && isCaughtUp(child)
        && (restarted || logOf(child).equals("a log"));
  }

  @Override
  String row() {
    child = childOf(1);
    String data = phase(child) == RegionPhase.NORMAL ? "both regions" : "old region only";
    return data + ", " + logOf(child);
  }

  @Override
  void check() {
    cluster.replicasAgree(1);
    cluster.replicasAgree(child);
    assertThat(cluster.get(cluster.leaderOf(child), child, "c1")).contains("v");
    assertThat(cluster.get(cluster.leaderOf(1), 1, "s1")).contains("v");
  }

  /** The victim hears of the new region before its own log tells of the split. */
  static class Overtaken extends SplitScenario {
    @Override
    void prepare() {
      super.prepare();
      cluster.block(victim, 1);
      super.begin();
    }

    @Override
    void begin() {
      cluster.world.after(SECOND.multipliedBy(2), cluster::unblock);
    }
  }
}
