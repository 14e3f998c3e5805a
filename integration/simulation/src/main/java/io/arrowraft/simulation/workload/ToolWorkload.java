package io.arrowraft.simulation.workload;

import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.pd.client.PdClient;
import io.arrowraft.pd.client.RegionInfo;
import io.arrowraft.pd.client.Timestamp;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.simulation.check.Violation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;

/**
 * What tools and services ask of the placement driver: regions by key and id, statistics, ids,
 * splits, and the safe points of garbage collection, which never go back.
 */
public final class ToolWorkload implements Workload {
  private static final int REGIONS_MAX = 1_000;
  private static final Duration HOLD = Duration.ofSeconds(4);

  /** Readers of this simulation read older times than a safe point would leave them. */
  private static final long FAR_PAST_MILLIS = 3_600_000;

  private static final int LOGICAL_BITS = 18;

  private final int splitsMax;
  private final List<Violation> violations = new ArrayList<>();
  private int splits;
  private long safePoint;
  private long lastId;

  public ToolWorkload(int splitsMax) {
    this.splitsMax = splitsMax;
  }

  @Override
  public String name() {
    return "tools";
  }

  @Override
  public CompletableFuture<Void> prepare(ArrowraftClient client) {
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public CompletableFuture<Void> operate(ArrowraftClient client, RandomGenerator random) {
    PdClient placement = client.placement();
    Bytes key = Bytes.ofUtf8("raw/%02d".formatted(random.nextInt(100)));
    return switch (random.nextInt(10)) {
      case 0 -> placement.previousRegion(key).thenAccept(found -> {});
      case 1 -> placement.region(key).thenAccept(found -> mustHold(found, key));
      case 2 -> placement.rangeStatistics(Bytes.EMPTY, Bytes.EMPTY).thenAccept(found -> {});
      case 3 -> regionById(placement, random);
      case 4 -> id(placement);
      case 5 ->
          placement
              .stores()
              .thenCompose(stores -> placement.store(stores.get(0).id()))
              .thenAccept(found -> {});
      case 6 -> hold(placement, "service-" + random.nextInt(3));
      case 7 -> advance(placement);
      case 8 -> placement.isBootstrapped().thenAccept(known -> {});
      default -> split(placement, key);
    };
  }

  @Override
  public CompletableFuture<Void> readAll(ArrowraftClient client) {
    return advance(client.placement());
  }

  @Override
  public List<Violation> check() {
    return List.copyOf(violations);
  }

  private void mustHold(Optional<RegionInfo> found, Bytes key) {
    boolean holds =
        found.isEmpty()
            || (found.get().startKey().compareTo(key) <= 0
                && (found.get().endKey().isEmpty() || found.get().endKey().compareTo(key) > 0));
    if (!holds) {
      violations.add(new Violation("tools", "region " + found.get() + " does not hold " + key));
    }
  }

  private static CompletableFuture<Void> regionById(PdClient placement, RandomGenerator random) {
    return placement
        .scanRegions(Bytes.EMPTY, Bytes.EMPTY, REGIONS_MAX)
        .thenCompose(
            regions ->
                regions.isEmpty()
                    ? CompletableFuture.completedFuture(null)
                    : placement
                        .regionById(regions.get(random.nextInt(regions.size())).id())
                        .thenAccept(found -> {}));
  }

  private CompletableFuture<Void> id(PdClient placement) {
    long before = lastId;
    return placement
        .allocateId()
        .thenAccept(
            id -> {
              if (id <= before) {
                violations.add(
                    new Violation("tools", "id %d was given after %d".formatted(id, before)));
              }
              lastId = Math.max(lastId, id);
            });
  }

  private static Timestamp past(Timestamp now) {
    return new Timestamp(now.value() - (FAR_PAST_MILLIS << LOGICAL_BITS));
  }

  private static CompletableFuture<Void> hold(PdClient placement, String service) {
    return placement
        .timestamp()
        .thenCompose(now -> placement.holdSafePoint(service, HOLD, past(now)))
        .thenAccept(held -> {});
  }

  private CompletableFuture<Void> advance(PdClient placement) {
    long before = safePoint;
    return placement
        .timestamp()
        .thenCompose(now -> placement.advanceGcSafePoint(past(now)))
        .thenCompose(moved -> placement.gcSafePoint())
        .thenAccept(
            now -> {
              if (now.value() < before) {
                violations.add(
                    new Violation(
                        "tools",
                        "the safe point went from %d to %d".formatted(before, now.value())));
              }
              safePoint = Math.max(safePoint, now.value());
            });
  }

  private CompletableFuture<Void> split(PdClient placement, Bytes key) {
    if (splits >= splitsMax) {
      return placement.region(key).thenAccept(found -> mustHold(found, key));
    }
    splits++;
    return placement.splitRegions(List.of(key)).thenAccept(made -> {});
  }
}
