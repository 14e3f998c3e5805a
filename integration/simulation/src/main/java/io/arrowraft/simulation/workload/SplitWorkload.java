package io.arrowraft.simulation.workload;

import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.client.region.KeySpace;
import io.arrowraft.pd.client.RegionInfo;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.simulation.check.Violation;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;

/** Splits and scatters regions under the other workloads' feet, at keys of theirs. */
public final class SplitWorkload implements Workload {
  private static final int REGIONS_MAX = 1_000;

  private final int splitsMax;
  private int splits;

  public SplitWorkload(int splitsMax) {
    this.splitsMax = splitsMax;
  }

  @Override
  public String name() {
    return "split";
  }

  @Override
  public CompletableFuture<Void> prepare(ArrowraftClient client) {
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public CompletableFuture<Void> operate(ArrowraftClient client, RandomGenerator random) {
    if (splits >= splitsMax || random.nextInt(100) < 60) {
      return scatter(client, random);
    }
    splits++;
    return switch (random.nextInt(5)) {
      case 0 ->
          client.split(
              KeySpace.TRANSACTIONAL,
              List.of(Bytes.ofUtf8("bank/%04d".formatted(random.nextInt(20)))));
      case 1 ->
          client.split(
              KeySpace.TRANSACTIONAL,
              List.of(
                  Bytes.ofUtf8("pair/" + (random.nextBoolean() ? "a" : "b") + "00"),
                  Bytes.ofUtf8("set/")));
      case 2 ->
          client.split(
              KeySpace.TRANSACTIONAL, List.of(Bytes.ofUtf8("set/" + (1 + random.nextInt(7)))));
      case 3 -> {
        // Where keys lie of which a transaction writes or reads several.
        String at = Character.toString('a' + random.nextInt(26));
        yield client.split(KeySpace.TRANSACTIONAL, List.of(Bytes.ofUtf8(at + "/")));
      }
      default ->
          client.split(
              KeySpace.RAW, List.of(Bytes.ofUtf8("raw/%02d".formatted(random.nextInt(100)))));
    };
  }

  /** Asks the placement driver to move some of the regions, leaders first of all. */
  private static CompletableFuture<Void> scatter(ArrowraftClient client, RandomGenerator random) {
    return client
        .placement()
        .scanRegions(Bytes.EMPTY, Bytes.EMPTY, REGIONS_MAX)
        .thenCompose(
            regions -> {
              List<Long> chosen =
                  regions.stream()
                      .filter(region -> random.nextInt(4) == 0)
                      .map(RegionInfo::id)
                      .toList();
              return chosen.isEmpty()
                  ? CompletableFuture.completedFuture(null)
                  : client.placement().scatter(chosen, "simulation");
            });
  }

  @Override
  public CompletableFuture<Void> readAll(ArrowraftClient client) {
    return CompletableFuture.completedFuture(null);
  }

  /** A split shows in what the other workloads see. */
  @Override
  public List<Violation> check() {
    return List.of();
  }
}
