package io.arrowraft.raft;

import io.arrowraft.raft.core.Membership;
import java.time.Duration;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;

/** Stores on one clock. */
final class TestCluster {
  private final FakeLoop.Schedule schedule = new FakeLoop.Schedule();
  private final TestNetwork network = new TestNetwork(schedule.newLoop("wire"));
  private final TreeMap<Long, TestStore> stores = new TreeMap<>();

  TestCluster(int storeCount, int loops) {
    for (long id = 1; id <= storeCount; id++) {
      stores.put(id, new TestStore(id, loops, schedule, network));
    }
  }

  TestStore store(long id) {
    return stores.get(id);
  }

  TestNetwork network() {
    return network;
  }

  void bootstrap(long groupId, long... members) {
    for (long member : members) {
      stores.get(member).bootstrap(groupId, Membership.ofVoters(members));
    }
  }

  void pass(Duration duration) {
    schedule.advance(duration);
  }

  void settle() {
    schedule.runQueued();
  }

  long nanos() {
    return schedule.nanos();
  }

  /** Lets time pass until the condition holds, at most ten seconds. */
  void await(String what, BooleanSupplier condition) {
    for (int i = 0; i < 2_000; i++) {
      if (condition.getAsBoolean()) {
        return;
      }
      pass(Duration.ofMillis(5));
    }
    throw new AssertionError("not within ten seconds: " + what);
  }

  TestStore leaderOf(long groupId) {
    await("a leader of group " + groupId, () -> findLeader(groupId).isPresent());
    return findLeader(groupId).orElseThrow();
  }

  private Optional<TestStore> findLeader(long groupId) {
    long newest = 0;
    TestStore found = null;
    for (TestStore store : stores.values()) {
      if (store.has(groupId)) {
        GroupRole role = store.group(groupId).role();
        if (role.isLeader() && role.term() > newest) {
          newest = role.term();
          found = store;
        }
      }
    }
    return Optional.ofNullable(found);
  }
}
