package io.arrowraft.pd;

import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.pd.client.PdClient;
import io.arrowraft.pd.client.StoreInfo;
import io.arrowraft.pd.client.Timestamp;
import io.arrowraft.pd.testing.Machines.Machine;
import io.arrowraft.proto.metapb.Store;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;

/**
 * Members that are killed, stopped, cut off, added, removed and given leadership at random, under
 * clients that ask for timestamps and ids and register stores; then everything heals, and the group
 * must be whole again.
 */
final class FaultRun {
  private static final int STEPS = 60;
  private static final int STORES_AT_ONCE = 2;

  /** So many that the log is compacted, and members that were away need snapshots. */
  private static final int SAFE_POINTS_AT_ONCE = 40;

  private final SplittableRandom random;
  private final PdCluster cluster;
  private final List<PdClient> clients = new ArrayList<>();
  private final List<String> trace = new ArrayList<>();
  private final List<String> violations = new ArrayList<>();
  private final Set<Long> timestamps = new LinkedHashSet<>();
  private final Set<Long> ids = new LinkedHashSet<>();
  private final Set<Long> acknowledged = new TreeSet<>();
  private final Set<String> removed = new TreeSet<>();
  private long newest;
  private long nextStore = 1000;
  private long nextSafePoint;
  private long safePoint;

  FaultRun(long seed) {
    random = new SplittableRandom(seed);
    cluster = new PdCluster(seed, 3);
  }

  void run() {
    cluster.start();
    clients.add(cluster.client());
    clients.add(cluster.client());
    assertThat(cluster.await(clients.get(0).bootstrap(PdHarness.store(1), PdHarness.firstRegion())))
        .isTrue();
    for (int step = 0; step < STEPS; step++) {
      clients.forEach(this::ask);
      disturb();
      cluster.advance(Duration.ofMillis(random.nextInt(1, 1500)));
    }
    heal();
    check();
  }

  private void ask(PdClient client) {
    for (int i = 0; i < 20; i++) {
      long delivered = newest;
      client
          .timestamp()
          .thenAccept(
              timestamp -> {
                if (timestamp.value() <= delivered || !timestamps.add(timestamp.value())) {
                  violations.add("timestamp " + timestamp + " after " + delivered);
                }
                newest = Math.max(newest, timestamp.value());
              });
    }
    client
        .allocateId()
        .thenAccept(
            id -> {
              if (!ids.add(id)) {
                violations.add("id " + id + " twice");
              }
            });
    for (int i = 0; i < STORES_AT_ONCE; i++) {
      long id = nextStore++;
      client
          .putStore(Store.newBuilder().setId(id).setAddress("store:" + id).build())
          .thenAccept(done -> acknowledged.add(id));
    }
    for (int i = 0; i < SAFE_POINTS_AT_ONCE; i++) {
      long wish = ++nextSafePoint;
      client
          .advanceGcSafePoint(new Timestamp(wish))
          .thenAccept(now -> safePoint = Math.max(safePoint, now.value()));
    }
  }

  private void disturb() {
    PdCluster.Node node = cluster.nodes.get(random.nextInt(cluster.nodes.size()));
    Machine machine = node.machine;
    switch (random.nextInt(10)) {
      case 0, 1 -> {
        if (machine.isUp() && node.driver != null) {
          say("kill", node);
          node.kill();
        }
      }
      case 2, 3, 4 -> {
        if (!machine.isUp()) {
          say("restart", node);
          node.restart();
        }
      }
      case 5 -> {
        boolean still = random.nextBoolean();
        say(still ? "pause" : "resume", node);
        machine.pause(still && machine.isUp());
      }
      case 6 -> {
        PdCluster.Node other = cluster.nodes.get(random.nextInt(cluster.nodes.size()));
        boolean cut = random.nextBoolean();
        say((cut ? "cut " : "join ") + other.name, node);
        if (other != node) {
          cluster.machines.cut(machine, other.machine, cut);
        }
      }
      case 7 -> machine.stepWallClock(Duration.ofMillis(random.nextInt(-20_000, 20_000)));
      case 8 -> operate(node);
      default -> changeMembers();
    }
  }

  private void operate(PdCluster.Node node) {
    if (machineServes(node)) {
      say("transfer", node);
      node.post("/pd/api/v1/leader/transfer/" + node.name);
    }
  }

  private void changeMembers() {
    if (cluster.nodes.size() < 5) {
      PdCluster.Node newcomer = cluster.newcomer("pd-" + (cluster.nodes.size() + 1));
      say("add", newcomer);
      newcomer.start();
    } else if (removed.isEmpty()) {
      PdCluster.Node gone = cluster.nodes.get(random.nextInt(cluster.nodes.size()));
      PdCluster.Node asked = cluster.nodes.get(random.nextInt(cluster.nodes.size()));
      if (machineServes(asked)) {
        say("remove", gone);
        removed.add(gone.name);
        asked.delete("/pd/api/v1/members/name/" + gone.name);
      }
    }
  }

  private static boolean machineServes(PdCluster.Node node) {
    return node.machine.isUp() && node.driver != null;
  }

  private void heal() {
    for (PdCluster.Node a : cluster.nodes) {
      for (PdCluster.Node b : cluster.nodes) {
        if (a != b) {
          cluster.machines.cut(a.machine, b.machine, false);
        }
      }
      a.machine.pause(false);
      if (!a.machine.isUp()) {
        a.restart();
      }
    }
    cluster.advance(Duration.ofSeconds(60));
  }

  private void check() {
    assertThat(violations).as(trace.toString()).isEmpty();
    PdClient client = clients.get(0);
    Timestamp last = cluster.await(client.timestamp());
    assertThat(last.value()).as(trace.toString()).isGreaterThan(newest);
    List<Long> found = cluster.await(client.stores()).stream().map(StoreInfo::id).toList();
    assertThat(found).as(trace.toString()).containsAll(acknowledged);
    assertThat(acknowledged).as(trace.toString()).hasSizeGreaterThan(20);
    assertThat(cluster.await(client.gcSafePoint()).value())
        .as(trace.toString())
        .isGreaterThanOrEqualTo(safePoint);
    PdCluster.Node leader = cluster.leader();
    Set<String> members = leader.memberNames();
    for (PdCluster.Node node : cluster.nodes) {
      if (members.contains(node.name)) {
        assertThat(node.memberNames()).as(node.name + trace).isEqualTo(members);
        assertThat(node.voters()).as(node.name + trace).isEqualTo(members);
        assertThat(node.started).as(node.name + trace).isCompleted();
      } else {
        assertThat(removed).as(trace.toString()).contains(node.name);
      }
    }
    assertThat(cluster.nodes.stream().filter(PdCluster.Node::leads))
        .as(trace.toString())
        .hasSize(1);
  }

  private void say(String what, PdCluster.Node node) {
    trace.add(cluster.machines.clock.nanos() / 1_000_000 + " " + what + " " + node.name);
  }
}
