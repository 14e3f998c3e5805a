package io.arrowraft.e2e.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.client.options.ClientOptions;
import io.arrowraft.client.options.Timeouts;
import io.arrowraft.e2e.Bounded;
import io.arrowraft.e2e.load.FaultLoad;
import io.arrowraft.e2e.load.StoreInspector;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** A cluster, clients of it, and faults under load, one after the other. */
final class FaultSession implements AutoCloseable {
  private static final Duration RECOVERY_BOUND = Duration.ofSeconds(60);

  /** What happens while the load runs; returns when the cluster should recover by itself. */
  @FunctionalInterface
  interface Fault {
    void happen(FaultLoad load) throws Exception;
  }

  private final HttpClient http = HttpClient.newHttpClient();
  private final FaultCluster cluster;
  private final int replicas;

  /** With the shipped defaults. */
  private final ArrowraftClient client;

  /** Turns away sooner from a store that is silent. */
  private final ArrowraftClient hasty;

  private final StoreInspector inspector;

  private FaultSession(FaultCluster cluster, int replicas) {
    this.cluster = cluster;
    this.replicas = replicas;
    this.client = cluster.connect();
    this.hasty =
        ArrowraftClient.connect(
            ClientOptions.of(cluster.pdAddress())
                .withTimeouts(
                    new Timeouts(
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(20),
                        Duration.ofSeconds(10),
                        Duration.ofSeconds(1))));
    this.inspector = new StoreInspector(client);
  }

  /** A cluster of three stores on which every region has three replicas. */
  static FaultSession start(Path data, FaultCluster.Options options) throws IOException {
    return of(FaultCluster.start(data, 3, options));
  }

  /** The same over a cluster that runs; closed with the session. */
  static FaultSession of(FaultCluster cluster) {
    FaultSession session = new FaultSession(cluster, 3);
    try {
      session.awaitReplicas();
      FaultLoad.split(session.client, "");
      return session;
    } catch (RuntimeException failure) {
      session.close();
      throw failure;
    }
  }

  FaultCluster cluster() {
    return cluster;
  }

  ArrowraftClient client() {
    return client;
  }

  StoreInspector inspector() {
    return inspector;
  }

  void awaitReplicas() {
    Bounded.awaitNo(
        "a replica of each region on each of three stores",
        RECOVERY_BOUND,
        () -> inspector.regionWithoutReplicas(replicas));
  }

  /**
   * From now on the placement driver moves no leader, so that whoever is elected is elected because
   * somebody was not heard.
   */
  void holdLeadersStill() {
    HttpRequest order =
        HttpRequest.newBuilder(URI.create("http://" + cluster.pd().address() + "/pd/api/v1/config"))
            .POST(
                HttpRequest.BodyPublishers.ofString(
                    "{\"leader-schedule-limit\":0,\"hot-region-schedule-limit\":0}"))
            .build();
    // On a machine that is short of processors even a member that is alone may just not lead.
    Bounded.awaitNo(
        "leaders that are held still",
        RECOVERY_BOUND,
        () -> Optional.of(ask(order)).filter(answer -> !answer.contains("updated")));
  }

  /** The member of the placement driver that leads; all of them must run. */
  ServerNode leadingPd() {
    String address = cluster.pd().address();
    String said =
        ask(HttpRequest.newBuilder(URI.create("http://" + address + "/pd/api/v1/leader")).build());
    return cluster.pds().stream()
        .filter(member -> said.contains('"' + member.name() + '"'))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("nobody leads, it is said: " + said));
  }

  /** Elections that a replica on any store has begun so far. */
  double elections() {
    double sum = 0;
    for (ServerNode store : cluster.stores()) {
      String scrape =
          ask(
              HttpRequest.newBuilder(URI.create("http://" + store.statusAddress() + "/metrics"))
                  .build());
      sum +=
          scrape
              .lines()
              .filter(line -> line.startsWith("arrowraft_raft_elections_total"))
              .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
              .sum();
    }
    return sum;
  }

  private String ask(HttpRequest request) {
    try {
      return http.send(request, HttpResponse.BodyHandlers.ofString()).body();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(interrupted);
    }
  }

  /** A fault under load; then everybody must get on, and nothing may be lost. */
  void under(FaultLoad.Shape shape, Fault fault) throws Exception {
    under(shape, fault, () -> true);
  }

  /**
   * The same.
   *
   * @param complete whether all stores run in the end; only then can their replicas be compared
   */
  void under(FaultLoad.Shape shape, Fault fault, BooleanSupplier complete) throws Exception {
    String name = shape.name();
    FaultLoad load = new FaultLoad(shape, List.of(client, hasty));
    try (load) {
      load.start();
      awaitProgress(load, "writes before " + name, RECOVERY_BOUND);
      fault.happen(load);
      awaitProgress(load, "writes after " + name, RECOVERY_BOUND);
    }
    System.out.printf("%s: %s%n", name, load.describe());
    assertThat(load.judge()).isEmpty();
    if (complete.getAsBoolean()) {
      Bounded.awaitNo("equal replicas after " + name, RECOVERY_BOUND, this::difference);
    }
  }

  /** A store that is not back yet is a complaint, not a failure of the test. */
  private Optional<String> difference() {
    try {
      return inspector.differingReplicas();
    } catch (IllegalStateException unanswered) {
      return Optional.of(unanswered + ": " + unanswered.getCause());
    }
  }

  /** Waits until every worker has had some writes acknowledged from now on. */
  static void awaitProgress(FaultLoad load, String what, Duration bound) {
    Map<String, Integer> before = load.acknowledged();
    Bounded.awaitNo(what, bound, () -> load.stuckSince(before));
  }

  /** Does something ten times a second for a while. */
  static void repeatFor(Duration time, Runnable action) {
    CountDownLatch pace = new CountDownLatch(1);
    long end = System.nanoTime() + time.toNanos();
    try {
      while (System.nanoTime() < end) {
        action.run();
        if (pace.await(100, TimeUnit.MILLISECONDS)) {
          throw new IllegalStateException("nobody ends the pace");
        }
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(interrupted);
    }
  }

  @Override
  public void close() {
    inspector.close();
    hasty.close();
    client.close();
    cluster.close();
  }
}
