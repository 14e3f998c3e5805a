package io.arrowraft.e2e.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.e2e.Bounded;
import io.arrowraft.e2e.load.CallerLoad;
import io.arrowraft.e2e.load.StoreInspector;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each store in turn is stopped as operators stop it and started again, under load. */
class RollingRestartTest {
  private static final int CALLERS = 64;
  private static final int CLIENTS = 8;
  private static final int STORES = 3;
  private static final int REGIONS = 8;
  private static final int OPERATIONS_AROUND = 2_000;
  private static final Duration BOUND = Duration.ofSeconds(90);

  @TempDir private Path data;

  @Test
  void noCallerNoticesThatEachStoreIsRestarted() throws Exception {
    try (FaultSession session =
        FaultSession.start(data, FaultCluster.Options.of(Optional.empty(), STORES))) {
      CallerLoad.split(session.client(), "roll", CALLERS, REGIONS);
      List<ArrowraftClient> clients = new ArrayList<>();
      try {
        for (int i = 0; i < CLIENTS; i++) {
          clients.add(session.cluster().connect());
        }
        roll(session, clients);
      } finally {
        clients.forEach(ArrowraftClient::close);
      }
    }
  }

  private static void roll(FaultSession session, List<ArrowraftClient> clients) {
    CallerLoad load = new CallerLoad("roll", clients, CALLERS);
    try (load) {
      load.start();
      awaitOperations(load);
      for (ServerNode store : session.cluster().stores()) {
        assertThat(store.terminate()).as("exit code of %s", store.name()).isZero();
        store.start().awaitReady();
        awaitCaughtUp(session, store);
        awaitOperations(load);
      }
    }
    System.out.printf(
        "rolling restart under load from %d callers: %s%n", CALLERS, load.latencies().describe());
    assertThat(load.failures()).isEmpty();
  }

  /** What an operator waits for before the next store: nothing is behind on this one. */
  private static void awaitCaughtUp(FaultSession session, ServerNode store) {
    StoreInspector inspector = session.inspector();
    List<String> addresses = session.cluster().stores().stream().map(ServerNode::address).toList();
    Map<Long, Long> goal = inspector.newestApplied(addresses);
    Bounded.awaitNo(
        store.name() + " has caught up", BOUND, () -> inspector.lagOf(store.address(), goal));
  }

  private static void awaitOperations(CallerLoad load) {
    int goal = load.latencies().count() + OPERATIONS_AROUND;
    Bounded.awaitNo(
        OPERATIONS_AROUND + " operations",
        BOUND,
        () ->
            load.failures().isEmpty() && load.latencies().count() < goal
                ? Optional.of(load.latencies().describe())
                : Optional.empty());
  }
}
