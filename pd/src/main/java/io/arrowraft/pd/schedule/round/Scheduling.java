package io.arrowraft.pd.schedule.round;

import io.arrowraft.pd.flow.FlowBook;
import io.arrowraft.pd.operator.Operator;
import io.arrowraft.pd.operator.OperatorBoard;
import io.arrowraft.pd.operator.StoreLimiter;
import io.arrowraft.pd.region.RegionInfo;
import io.arrowraft.pd.region.RegionTree;
import io.arrowraft.pd.region.ReportOutcome;
import io.arrowraft.pd.schedule.CheckerPauses;
import io.arrowraft.pd.schedule.ClusterView;
import io.arrowraft.pd.schedule.StoreView;
import io.arrowraft.pd.schedule.balance.Scatterer;
import io.arrowraft.pd.schedule.check.MergeChecker;
import io.arrowraft.pd.schedule.check.RuleChecker;
import io.arrowraft.pd.schedule.check.SplitChecker;
import io.arrowraft.pd.settings.Option;
import io.arrowraft.pd.settings.Settings;
import io.arrowraft.pd.store.StoreRegistry;
import io.arrowraft.pd.store.StoreStatus;
import io.arrowraft.proto.pdpb.StoreStats;
import io.arrowraft.runtime.TimeSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/** Everything that decides where replicas and leaders are, and sees it through. */
public final class Scheduling {
  /** Operators that one scheduler may begin in one round. */
  private static final int BEGUN_MAX = 16;

  private final StoreRegistry stores;
  private final Settings settings;
  private final TimeSource time;
  private final StoreLimiter limiter;
  private final FlowBook flow;
  private final OperatorBoard board;
  private final CheckerPauses pauses;
  private final SplitTimes splits;
  private final DamageReports damage;
  private final StoreWatch storeWatch = new StoreWatch();
  private final Patrol patrol;
  private final SchedulerCatalog catalog;
  private final Scatterer scatterer = new Scatterer();
  private final RegionTree regions;
  private final Map<Long, Long> reportedMib = new HashMap<>();
  private final ClusterView.Sources sources;

  /**
   * @param peerIds hands out an id for a new peer, if one is at hand
   * @param random for picking regions
   */
  public Scheduling(
      RegionTree regions,
      StoreRegistry stores,
      Settings settings,
      Supplier<OptionalLong> peerIds,
      TimeSource time,
      RandomGenerator random) {
    this.regions = regions;
    this.stores = stores;
    this.settings = settings;
    this.time = time;
    this.limiter = new StoreLimiter(time, settings::storeLimit);
    this.flow =
        new FlowBook(time, () -> settings.config().count(Option.HOT_REGION_CACHE_HITS_THRESHOLD));
    this.board = new OperatorBoard(time, regions, limiter, this::isAlive);
    this.damage = new DamageReports(regions);
    this.pauses = new CheckerPauses(time);
    this.splits = new SplitTimes(time, () -> settings.config().span(Option.SPLIT_MERGE_INTERVAL));
    this.patrol =
        new Patrol(
            List.of(
                new SplitChecker(), new RuleChecker(), new MergeChecker(pauses, splits::isRecent)));
    this.catalog = new SchedulerCatalog(settings, time);
    this.sources =
        new ClusterView.Sources(
            regions,
            settings,
            board,
            limiter,
            flow,
            store -> reportedMib.getOrDefault(store, regions.shelf(store).mib()),
            damage::isDamaged,
            peerIds,
            random);
  }

  /** The operators. */
  public OperatorBoard board() {
    return board;
  }

  public Settings settings() {
    return settings;
  }

  /** Checkers that were asked to rest; survives no change of leader. */
  public CheckerPauses pauses() {
    return pauses;
  }

  /** The traffic. */
  public FlowBook flow() {
    return flow;
  }

  public SchedulerCatalog schedulers() {
    return catalog;
  }

  /** Begins anew: a leadership begins. */
  public void reset() {
    board.reset();
    flow.reset();
    splits.reset();
    damage.reset();
    storeWatch.reset();
    reportedMib.clear();
    patrol.reset();
  }

  /** A region's leader has reported, and the report was taken. */
  public void heard(RegionInfo region, ReportOutcome.Accepted outcome) {
    flow.report(region);
    changed(region, outcome);
  }

  /** A region has got another shape, as its leader or the store where it was split says. */
  public void changed(RegionInfo region, ReportOutcome.Accepted outcome) {
    outcome.removed().forEach(flow::forget);
    patrol.heard(region, outcome.shapeChanged(), settings.config().count(Option.MAX_REPLICAS));
  }

  /** A region came of a split. */
  public void split(long regionId) {
    splits.split(regionId);
  }

  /** A store has reported. */
  public void heard(StoreStats stats) {
    reportedMib.put(stats.getStoreId(), regions.shelf(stats.getStoreId()).mib());
    flow.report(stats);
    damage.heard(stats);
    stats.getDamagedRegionsIdList().forEach(patrol::suspect);
  }

  /** The cluster as schedulers see it now. */
  public ClusterView view() {
    ClusterView view = new ClusterView(sources, stores.all());
    for (SchedulerCatalog.Entry entry : catalog.entries()) {
      view.barFromLeading(entry.scheduler().barredFromLeading(view));
      view.letKeepLeaders(entry.scheduler().keepingLeaders(view));
    }
    return view;
  }

  /** Where a region of a group should be, so that the group is spread. */
  public Optional<Scatterer.Result> scatter(RegionInfo region, String group) {
    return scatterer.scatter(view(), region, group);
  }

  /** Begins what the cluster needs and the limits allow. */
  public void round() {
    board.sweep();
    flow.sweep();
    storeWatch.look(stores.all(), settings.config());
    if (settings.config().flag(Option.HALT_SCHEDULING)) {
      return;
    }
    ClusterView view = view();
    patrol.run(view, board);
    for (SchedulerCatalog.Entry entry : catalog.entries()) {
      if (entry.isDue(time.nanos())) {
        run(entry, view);
      }
    }
  }

  private void run(SchedulerCatalog.Entry entry, ClusterView view) {
    Operator.Kind kind = entry.scheduler().kind();
    int room = Math.min(BEGUN_MAX, view.config().limit(kind) - board.count(kind));
    if (room <= 0) {
      return;
    }
    List<Operator> operators = entry.scheduler().propose(view, room);
    operators.forEach(board::begin);
    entry.ran(!operators.isEmpty(), time.nanos());
  }

  /** Stores that were to be emptied, and are empty. */
  public List<Long> emptied() {
    List<StoreStatus> all = stores.all();
    TreeSet<Long> emptied = new TreeSet<>();
    if (all.stream().allMatch(store -> store.isUp() || !store.isPresent())) {
      return List.of();
    }
    for (StoreView store : new ClusterView(sources, all).stores()) {
      boolean saysSo = store.isDisconnected() || store.status().stats().getRegionCount() == 0;
      if (store.isOffline() && saysSo && store.regions() == 0 && store.shelf().regions() == 0) {
        emptied.add(store.id());
      }
    }
    return List.copyOf(emptied);
  }

  private boolean isAlive(long storeId) {
    return stores
        .status(storeId)
        .filter(store -> store.heardWithin(settings.config().disconnectedAfter()))
        .filter(StoreStatus::isPresent)
        .isPresent();
  }
}
