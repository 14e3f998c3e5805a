package io.arrowraft.pd.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.pd.region.RegionInfo;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Schedulers that people ask for, and the one that minds slow stores. */
class RequestedSchedulersTest {
  private static final String GRANT = "grant-leader-scheduler";
  private static final String EVICT = "evict-leader-scheduler";

  private static ToyCluster cluster(int stores) {
    ToyCluster cluster = new ToyCluster(stores);
    cluster.addRegions(20);
    cluster.run(60);
    return cluster;
  }

  @Test
  void aStoreThatIsGrantedLeadersGetsThemAllAndKeepsThem() {
    ToyCluster cluster = cluster(3);
    cluster.schedule(GRANT, "{\"store_id\":2}");
    cluster.run(40);
    assertThat(cluster.leadersOn(2)).isEqualTo(20);

    int before = cluster.ordersObeyed;
    cluster.run(40);
    assertThat(cluster.ordersObeyed).isEqualTo(before);

    cluster.unschedule(GRANT);
    cluster.run(60);
    assertThat(cluster.leadersOn(2)).isBetween(6L, 7L);
  }

  @Test
  void storesThatAreGrantedLeadersTogetherDoNotTakeThemFromEachOther() {
    ToyCluster cluster = cluster(3);
    cluster.schedule(GRANT, "{\"store_ids\":[2,3]}");
    cluster.run(40);
    assertThat(cluster.leadersOn(1)).isZero();
    assertThat(cluster.leadersOn(2)).isGreaterThanOrEqualTo(6);
    assertThat(cluster.leadersOn(3)).isGreaterThanOrEqualTo(6);

    int before = cluster.ordersObeyed;
    cluster.run(40);
    assertThat(cluster.ordersObeyed).isEqualTo(before);
  }

  @Test
  void anEvictedStoreLeadsNothingUntilItMayAgain() {
    ToyCluster cluster = cluster(3);
    cluster.schedule(EVICT, "{\"store_id\":1}");
    cluster.run(20);
    assertThat(cluster.leadersOn(1)).isZero();
    assertThat(cluster.tree.shelf(1).regions()).isEqualTo(20);

    cluster.unschedule(EVICT);
    cluster.run(60);
    assertThat(cluster.leadersOn(1)).isBetween(6L, 7L);
  }

  @Test
  void shuffledLeadersMoveAndStayLeadersOfHealthyRegions() {
    ToyCluster cluster = cluster(3);
    TreeMap<Long, Long> before = leaders(cluster);
    cluster.schedule("shuffle-leader-scheduler", "{}");
    cluster.run(60);

    assertThat(cluster.succeeded("shuffle-leader")).isGreaterThan(10);
    assertThat(leaders(cluster)).isNotEqualTo(before);
    assertVoters(cluster);
  }

  @Test
  void shuffledRegionsMoveAndKeepTheirReplicas() {
    ToyCluster cluster = cluster(5);
    cluster.schedule("shuffle-region-scheduler", "{}");
    cluster.run(60);
    assertThat(cluster.succeeded("shuffle-region")).isGreaterThan(10);

    cluster.unschedule("shuffle-region-scheduler");
    cluster.run(30);
    assertVoters(cluster);
  }

  @Test
  void aSlowStoreLosesItsLeadersAndGetsSomeBackWhenItHasRecovered() {
    ToyCluster cluster = cluster(3);
    cluster.slowScores.put(2L, 79L);
    cluster.run(20);
    assertThat(cluster.leadersOn(2)).isBetween(6L, 7L);

    cluster.slowScores.put(2L, 80L);
    cluster.run(20);
    assertThat(cluster.leadersOn(2)).isZero();
    assertThat(cluster.tree.shelf(2).regions()).isEqualTo(20);

    cluster.slowScores.put(2L, 11L);
    cluster.run(40);
    assertThat(cluster.leadersOn(2)).isZero();

    cluster.slowScores.put(2L, 10L);
    cluster.run(60);
    assertThat(cluster.leadersOn(2)).isBetween(6L, 7L);
  }

  @Test
  void whereSeveralStoresAreSlowNoneLosesItsLeaders() {
    ToyCluster cluster = cluster(3);
    cluster.slowScores.put(1L, 100L);
    cluster.slowScores.put(2L, 100L);
    int before = cluster.ordersObeyed;
    cluster.run(30);
    assertThat(cluster.ordersObeyed).isEqualTo(before);
  }

  private static TreeMap<Long, Long> leaders(ToyCluster cluster) {
    TreeMap<Long, Long> leaders = new TreeMap<>();
    cluster.tree.all().forEach(region -> leaders.put(region.id(), region.leaderStore()));
    return leaders;
  }

  private static void assertVoters(ToyCluster cluster) {
    for (RegionInfo region : cluster.tree.all()) {
      assertThat(region.peers()).hasSize(3).allMatch(ToyCluster::isVoter);
    }
  }
}
