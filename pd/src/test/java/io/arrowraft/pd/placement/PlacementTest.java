package io.arrowraft.pd.placement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.arrowraft.pd.region.RegionInfo;
import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.metapb.PeerRole;
import io.arrowraft.proto.metapb.Region;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class PlacementTest {
  private final TreeMap<Long, Located> stores = new TreeMap<>();

  private record Place(long id, Map<String, String> labels) implements Located {
    @Override
    public String label(String key) {
      return labels.getOrDefault(key, "");
    }
  }

  private void store(long id, String zone, String disk) {
    stores.put(id, new Place(id, Map.of("zone", zone, "disk", disk)));
  }

  private static Rule rule(
      String id, int index, boolean override, String start, String end, Role role, int count) {
    return new Rule(
        "g",
        id,
        index,
        override,
        ByteString.copyFromUtf8(start),
        ByteString.copyFromUtf8(end),
        role,
        count,
        List.of(),
        List.of(),
        "");
  }

  private static Rule on(String id, Role role, int count, LabelConstraint... constraints) {
    return new Rule(
        "g",
        id,
        0,
        false,
        ByteString.EMPTY,
        ByteString.EMPTY,
        role,
        count,
        List.of(constraints),
        List.of("zone"),
        "");
  }

  private static RegionInfo region(int leader, int... storeIds) {
    Region.Builder region = Region.newBuilder().setId(1);
    Peer first = null;
    for (int store : storeIds) {
      Peer peer =
          Peer.newBuilder()
              .setId(100 + Math.abs(store))
              .setStoreId(Math.abs(store))
              .setRole(store < 0 ? PeerRole.Learner : PeerRole.Voter)
              .build();
      region.addPeers(peer);
      first = store == leader ? peer : first;
    }
    return new RegionInfo(
        region.build(), Optional.ofNullable(first), 1, List.of(), List.of(), 1, 1);
  }

  private RegionFit fit(RegionInfo region, Set<Long> weak, Rule... rules) {
    return RegionFit.of(
        region, List.of(rules), stores::get, peer -> weak.contains(peer.getStoreId()));
  }

  @Test
  void laterRulesOverrideEarlierOnesWhereTheyHold() {
    Rule all = rule("all", 0, false, "", "", Role.VOTER, 3);
    Rule five = rule("five", 1, true, "d", "m", Role.VOTER, 5);
    RuleBook book = new RuleBook(List.of(all, five), List.of());

    assertThat(book.rulesAt(ByteString.copyFromUtf8("a"))).containsExactly(all);
    assertThat(book.rulesAt(ByteString.copyFromUtf8("d"))).containsExactly(five);
    assertThat(book.rulesAt(ByteString.copyFromUtf8("m"))).containsExactly(all);
    assertThat(book.splitKeys(ByteString.EMPTY, ByteString.EMPTY))
        .containsExactly(ByteString.copyFromUtf8("d"), ByteString.copyFromUtf8("m"));
    assertThat(book.splitKeys(ByteString.copyFromUtf8("d"), ByteString.copyFromUtf8("k")))
        .isEmpty();
  }

  @Test
  void aGroupOverridesOthersBeforeIt() {
    Rule usual = Rule.usual(3, List.of(), "");
    Rule mine = rule("mine", 0, false, "", "", Role.VOTER, 1);
    RuleBook book = new RuleBook(List.of(usual, mine), List.of(new RuleGroup("g", 5, true)));
    assertThat(book.rulesAt(ByteString.EMPTY)).containsExactly(mine);
  }

  @Test
  void rulesThatNobodyCouldLeadUnderAreRefused() {
    assertThatThrownBy(
            () -> new RuleBook(List.of(rule("l", 0, false, "", "", Role.LEARNER, 1)), List.of()))
        .hasMessageContaining("without anyone to lead");
    assertThatThrownBy(
            () ->
                new RuleBook(
                    List.of(
                        rule("a", 0, false, "", "", Role.LEADER, 1),
                        rule("b", 0, false, "k", "", Role.LEADER, 1)),
                    List.of()))
        .hasMessageContaining("2 leaders from key 6b on");
    assertThatThrownBy(() -> rule("a", 0, false, "z", "a", Role.VOTER, 1))
        .hasMessageContaining("end_key must lie after start_key");
  }

  @Test
  void peersStandForTheRulesThatTheyServeBest() {
    store(1, "a", "ssd");
    store(2, "b", "ssd");
    store(3, "c", "hdd");
    LabelConstraint ssd = new LabelConstraint("disk", LabelConstraint.Op.IN, List.of("ssd"));
    LabelConstraint hdd = new LabelConstraint("disk", LabelConstraint.Op.IN, List.of("hdd"));
    Rule voters = on("voters", Role.VOTER, 2, ssd);
    Rule learner = on("learner", Role.LEARNER, 1, hdd);

    RegionFit right = fit(region(1, 1, 2, -3), Set.of(), voters, learner);
    assertThat(right.satisfied()).isTrue();

    RegionFit wrong = fit(region(1, 1, 2, 3), Set.of(), voters, learner);
    assertThat(wrong.rules().get(0).satisfied()).isTrue();
    assertThat(wrong.rules().get(1).misplaced()).extracting(Peer::getStoreId).containsExactly(3L);

    RegionFit lacking = fit(region(1, 1, 3), Set.of(), voters);
    assertThat(lacking.rules().get(0).peers()).hasSize(1);
    assertThat(lacking.orphans()).extracting(Peer::getStoreId).containsExactly(3L);
  }

  @Test
  void ofTooManyPeersTheWeakAreOrphansThenThoseThatStandClose() {
    store(1, "a", "ssd");
    store(2, "a", "ssd");
    store(3, "b", "ssd");
    store(4, "c", "ssd");
    Rule three = on("three", Role.VOTER, 3);

    assertThat(fit(region(1, 1, 2, 3, 4), Set.of(), three).orphans())
        .extracting(Peer::getStoreId)
        .containsAnyOf(1L, 2L)
        .hasSize(1);
    assertThat(fit(region(1, 1, 2, 3, 4), Set.of(4L), three).orphans())
        .extracting(Peer::getStoreId)
        .containsExactly(4L);
  }

  @Test
  void isolationCountsTheWiderLabelMore() {
    stores.put(1L, new Place(1, Map.of("zone", "a", "host", "h1")));
    stores.put(2L, new Place(2, Map.of("zone", "a", "host", "h2")));
    stores.put(3L, new Place(3, Map.of("zone", "b", "host", "h1")));
    List<String> labels = List.of("zone", "host");

    double sameZone = Isolation.score(labels, List.of(stores.get(1L), stores.get(2L)));
    double otherZone = Isolation.score(labels, List.of(stores.get(1L), stores.get(3L)));
    assertThat(otherZone).isGreaterThan(sameZone);
    assertThat(Isolation.isolated(labels, "zone", stores.get(2L), List.of(stores.get(1L))))
        .isFalse();
    assertThat(Isolation.isolated(labels, "host", stores.get(2L), List.of(stores.get(1L))))
        .isTrue();
    assertThat(Isolation.isolated(labels, "zone", stores.get(3L), List.of(stores.get(1L))))
        .isTrue();
  }

  @Test
  void constraintsCompareLabels() {
    store(1, "a", "ssd");
    Located store = stores.get(1L);
    assertThat(new LabelConstraint("zone", LabelConstraint.Op.NOT_IN, List.of("b")).matches(store))
        .isTrue();
    assertThat(new LabelConstraint("rack", LabelConstraint.Op.NOT_EXISTS, List.of()).matches(store))
        .isTrue();
    assertThat(new LabelConstraint("rack", LabelConstraint.Op.EXISTS, List.of()).matches(store))
        .isFalse();
    assertThatThrownBy(() -> LabelConstraint.Op.named("is"))
        .hasMessageContaining("one of in, notIn, exists, notExists");
  }
}
