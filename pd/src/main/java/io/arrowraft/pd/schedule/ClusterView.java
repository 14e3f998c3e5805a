package io.arrowraft.pd.schedule;

import io.arrowraft.pd.flow.HotView;
import io.arrowraft.pd.operator.Influence;
import io.arrowraft.pd.operator.Operator;
import io.arrowraft.pd.operator.OperatorBoard;
import io.arrowraft.pd.operator.OperatorBuilder;
import io.arrowraft.pd.operator.Step;
import io.arrowraft.pd.operator.StoreLimiter;
import io.arrowraft.pd.placement.RegionFit;
import io.arrowraft.pd.placement.Role;
import io.arrowraft.pd.placement.Rule;
import io.arrowraft.pd.placement.RuleBook;
import io.arrowraft.pd.region.RegionInfo;
import io.arrowraft.pd.region.RegionTree;
import io.arrowraft.pd.settings.Option;
import io.arrowraft.pd.settings.ScheduleConfig;
import io.arrowraft.pd.settings.Settings;
import io.arrowraft.pd.store.StoreStatus;
import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.metapb.PeerRole;
import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.pdpb.PeerStats;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.LongUnaryOperator;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * What schedulers and checkers see in one round: regions, stores, how both are loaded, what is in
 * force, and which regions are being worked on.
 */
public final class ClusterView {

  /** Tells which replicas cannot be read any more. */
  @FunctionalInterface
  public interface Damage {
    boolean isDamaged(long storeId, long peerId);
  }

  /**
   * Where a view looks.
   *
   * @param reportedMib what a store held when it last reported how full its disk is
   * @param damage tells which peer of a store cannot be read any more
   * @param peerIds hands out an id for a new peer, if one is at hand
   * @param random for picking regions
   */
  public record Sources(
      RegionTree regions,
      Settings settings,
      OperatorBoard board,
      StoreLimiter limiter,
      HotView hot,
      LongUnaryOperator reportedMib,
      Damage damage,
      Supplier<OptionalLong> peerIds,
      RandomGenerator random) {}

  private final Sources sources;
  private final ScheduleConfig config;
  private final RuleBook rules;
  private final Influence influence;
  private final TreeMap<Long, StoreView> stores = new TreeMap<>();
  private final Set<Long> taken = new HashSet<>();
  private final Set<Long> barred = new TreeSet<>();
  private final Set<Long> keeping = new TreeSet<>();

  /** The cluster now. */
  public ClusterView(Sources sources, List<StoreStatus> stores) {
    this.sources = sources;
    this.config = sources.settings().config();
    this.rules = sources.settings().rules();
    this.influence = sources.board().influence();
    for (StoreStatus store : stores) {
      this.stores.put(
          store.id(),
          new StoreView(
              store,
              sources.regions().shelf(store.id()),
              sources.settings().weight(store.id()),
              config,
              influence,
              sources.reportedMib().applyAsLong(store.id())));
    }
  }

  public RegionTree regions() {
    return sources.regions();
  }

  public ScheduleConfig config() {
    return config;
  }

  public RuleBook rules() {
    return rules;
  }

  public HotView hot() {
    return sources.hot();
  }

  public RandomGenerator random() {
    return sources.random();
  }

  public Collection<StoreView> stores() {
    return Collections.unmodifiableCollection(stores.values());
  }

  public Optional<StoreView> store(long id) {
    return Optional.ofNullable(stores.get(id));
  }

  /** The store with an id, or null if there is none. */
  public StoreView storeOrNull(long id) {
    return stores.get(id);
  }

  /** Bars stores from being given leaders. */
  public void barFromLeading(Set<Long> storeIds) {
    barred.addAll(storeIds);
  }

  /** Lets stores keep their leaders. */
  public void letKeepLeaders(Set<Long> storeIds) {
    keeping.addAll(storeIds);
  }

  /**
   * Whether a region can be worked on: it has a leader, no operator, and no change of peers under
   * way.
   */
  public boolean isFree(RegionInfo region) {
    return region.leader().isPresent() && !region.inJointState() && !isTaken(region.id());
  }

  /** Whether an operator runs for a region, or was proposed in this round. */
  public boolean isTaken(long regionId) {
    return taken.contains(regionId) || sources.board().isBusy(regionId);
  }

  /** Whether the region was moved a short while ago, so that it should rest. */
  public boolean movedLately(long regionId) {
    return sources.board().movedLately(regionId);
  }

  /** Whether moving a peer would undo what was done a short while ago, or carry it on. */
  public boolean wouldUndo(RegionInfo region, long from, StoreView to) {
    return sources.board().wouldUndo(region.id(), from, to.id());
  }

  /** The operators that run. */
  public List<Operator> running() {
    return sources.board().running();
  }

  /** Whether the region's leader was moved a short while ago, so that it should rest. */
  public boolean leaderMovedLately(long regionId) {
    return sources.board().leaderMovedLately(regionId);
  }

  /** Whether the store may be given a peer of {@code mib} now. */
  public boolean takesPeers(StoreView store, long mib) {
    return store.takesPeers()
        && sources.limiter().allows(store.id(), StoreLimiter.Type.ADD_PEER, mib);
  }

  /** Takes an operator into account that was proposed in this round. */
  public void assume(Operator operator) {
    taken.add(operator.regionId());
    sources
        .regions()
        .find(operator.regionId())
        .ifPresent(region -> operator.steps().forEach(step -> foresee(step, region)));
  }

  private void foresee(Step step, RegionInfo region) {
    step.foresee(region, influence);
  }

  /** Whether the store may be given a peer of a region now. */
  public boolean takesPeer(StoreView store, RegionInfo region) {
    return store.takesPeers()
        && region.peerOn(store.id()).isEmpty()
        && sources.limiter().allows(store.id(), StoreLimiter.Type.ADD_PEER, region.mib());
  }

  /** Whether the store may lose a peer of a region now. */
  public boolean givesPeer(long storeId, RegionInfo region) {
    return sources.limiter().allows(storeId, StoreLimiter.Type.REMOVE_PEER, region.mib());
  }

  /** Whether the store may be given leaders. */
  public boolean takesLeaders(StoreView store) {
    return store.takesLeaders() && !barred.contains(store.id()) && !rejectsLeaders(store);
  }

  public boolean takesLeaders(long storeId) {
    StoreView store = stores.get(storeId);
    return store != null && takesLeaders(store);
  }

  /** Whether leaders of the store stay where they are. */
  public boolean keepsLeaders(long storeId) {
    return keeping.contains(storeId);
  }

  /** Whether the store has a label that is set to reject leaders. */
  public boolean rejectsLeaders(StoreView store) {
    for (String property : config.list(Option.REJECT_LEADER)) {
      int equals = property.indexOf('=');
      if (store.label(property.substring(0, equals)).equals(property.substring(equals + 1))) {
        return true;
      }
    }
    return false;
  }

  /** Whether peers of the store must be replaced: it is unknown, being emptied, or down. */
  public boolean mustLeave(long storeId) {
    StoreView store = stores.get(storeId);
    return store == null || store.mustLeave();
  }

  /** Whether a peer should rather be done without. */
  public boolean isWeak(RegionInfo region, Peer peer) {
    return mustLeave(peer.getStoreId()) || isDownForGood(region, peer) || isDamaged(peer);
  }

  /** Whether the peer's store cannot read its replica any more. */
  public boolean isDamaged(Peer peer) {
    return sources.damage().isDamaged(peer.getStoreId(), peer.getId());
  }

  /** Whether a peer has been silent for as long as it takes for its store to count as down. */
  public boolean isDownForGood(RegionInfo region, Peer peer) {
    for (PeerStats down : region.down()) {
      if (down.getPeer().getId() == peer.getId()
          && down.getDownSeconds() >= config.downAfter().toSeconds()) {
        return true;
      }
    }
    return false;
  }

  /** How a region's peers stand to the rules. */
  public RegionFit fit(RegionInfo region) {
    return RegionFit.of(region, rules.rulesFor(region), stores::get, peer -> isWeak(region, peer));
  }

  /** Whether nothing about the region needs repair. */
  public boolean isHealthy(RegionInfo region) {
    return region.down().isEmpty()
        && region.pending().isEmpty()
        && (isPlainlyWell(region)
            || (fit(region).satisfied()
                && region.peers().stream().noneMatch(peer -> isWeak(region, peer))));
  }

  /**
   * Whether a region has what the usual rule wants: so many voters, anywhere. That is what nearly
   * all regions are like, and it takes no fit to see it.
   */
  public boolean isPlainlyWell(RegionInfo region) {
    List<Rule> inForce = rules.rulesFor(region);
    if (inForce.size() != 1) {
      return false;
    }
    Rule rule = inForce.get(0);
    if (rule.role() != Role.VOTER
        || !rule.constraints().isEmpty()
        || !rule.locationLabels().isEmpty()
        || region.meta().getPeersCount() != rule.count()) {
      return false;
    }
    for (Peer peer : region.peers()) {
      if (peer.getRole() != PeerRole.Voter || isWeak(region, peer)) {
        return false;
      }
    }
    return true;
  }

  /** Followers that could lead a region now, the one with the least to do first. */
  public List<Peer> successors(RegionInfo region) {
    return region.peers().stream()
        .filter(peer -> maySucceed(region, peer))
        .sorted(Comparator.comparing(Peer::getStoreId, byLeaders()))
        .toList();
  }

  /** Whether a follower could lead a region now. */
  public boolean maySucceed(RegionInfo region, Peer peer) {
    return peer.getRole() == PeerRole.Voter
        && !region.isLeader(peer)
        && region.healthy(peer)
        && takesLeaders(peer.getStoreId())
        && mayLead(region, peer);
  }

  /** Whether the rules let a peer lead. */
  public boolean mayLead(RegionInfo region, Peer peer) {
    StoreView store = stores.get(peer.getStoreId());
    if (store == null) {
      return false;
    }
    List<Rule> inForce = rules.rulesFor(region);
    if (inForce.size() == 1 && inForce.get(0).role() == Role.VOTER) {
      return inForce.get(0).matches(store);
    }
    boolean fixed = inForce.stream().anyMatch(r -> r.role() == Role.LEADER);
    for (Rule rule : inForce) {
      boolean leads = fixed ? rule.role() == Role.LEADER : rule.role() == Role.VOTER;
      if (leads && rule.matches(store)) {
        return true;
      }
    }
    return false;
  }

  private Comparator<Long> byLeaders() {
    return Comparator.comparingDouble(
            (Long id) -> stores.containsKey(id) ? stores.get(id).leaderScore(0) : Double.MAX_VALUE)
        .thenComparing(Comparator.naturalOrder());
  }

  /** Begins an operator from the peers that a region has. */
  public OperatorBuilder change(RegionInfo region, Operator.Kind kind, String description) {
    return new OperatorBuilder(region, kind, description)
        .joint(config.flag(Option.ENABLE_JOINT_CONSENSUS))
        .leaders(this::takesLeaders, byLeaders());
  }

  /** A new peer of a role on a store, if an id is at hand. */
  public Optional<Peer> newPeer(long storeId, PeerRole role) {
    OptionalLong id = sources.peerIds().get();
    return id.isEmpty()
        ? Optional.empty()
        : Optional.of(
            Peer.newBuilder().setId(id.getAsLong()).setStoreId(storeId).setRole(role).build());
  }

  /** The region with the peer on one store replaced by one on another, for looking at its fit. */
  public static RegionInfo moved(RegionInfo region, long from, long to) {
    Region.Builder meta = region.meta().toBuilder();
    for (int i = 0; i < meta.getPeersCount(); i++) {
      if (meta.getPeers(i).getStoreId() == from) {
        meta.getPeersBuilder(i).setStoreId(to);
      }
    }
    return new RegionInfo(
        meta.build(),
        region.leader().map(l -> l.getStoreId() == from ? l.toBuilder().setStoreId(to).build() : l),
        region.term(),
        region.down(),
        region.pending(),
        region.approximateBytes(),
        region.approximateKeys());
  }
}
