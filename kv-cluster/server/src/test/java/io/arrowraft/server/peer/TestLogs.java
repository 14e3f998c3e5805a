package io.arrowraft.server.peer;

import io.arrowraft.raft.GroupLogState;
import io.arrowraft.raft.LogStore;
import io.arrowraft.raft.LogWrite;
import io.arrowraft.raft.core.Entry;
import io.arrowraft.storage.engine.CorruptDataException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/** Logs in memory: a write is durable a millisecond after it was submitted, or lost in a crash. */
final class TestLogs implements LogStore {
  private final TestWorld world;
  private final TreeMap<Long, GroupLogState> states = new TreeMap<>();
  private final TreeMap<Long, TreeMap<Long, Entry>> entries = new TreeMap<>();
  private final List<Runnable> held = new ArrayList<>();
  private boolean stalled;
  private final TreeSet<Long> lostStates = new TreeSet<>();
  private final TreeMap<Long, Long> lostEntries = new TreeMap<>();
  private TestWorld.Life life;
  private PowerCut power;

  TestLogs(TestWorld world) {
    this.world = world;
  }

  /** The same for a node that keeps its power. */
  void attach(TestWorld.Life newLife) {
    attach(newLife, new PowerCut());
  }

  /** From now on writes are of this life of the node. */
  void attach(TestWorld.Life newLife, PowerCut newPower) {
    life = newLife;
    power = newPower;
  }

  /** From now on nothing becomes durable. */
  void stall() {
    stalled = true;
  }

  /** What has waited becomes durable, in order. */
  void goOn() {
    stalled = false;
    held.forEach(write -> world.after(Duration.ofMillis(1), write));
    held.clear();
  }

  @Override
  public void submit(LogWrite write) {
    TestWorld.Life writer = life;
    Runnable synced =
        () -> {
          if (!writer.isOver()) {
            carryOut(write);
            if (power.isHeardOf()) {
              write.durable().run();
            }
          }
        };
    if (stalled) {
      held.add(synced);
    } else {
      world.after(Duration.ofMillis(1), synced);
    }
  }

  private void carryOut(LogWrite write) {
    if (write.destroy()) {
      lostStates.remove(write.groupId());
      lostEntries.remove(write.groupId());
      states.remove(write.groupId());
      entries.remove(write.groupId());
      return;
    }
    states.put(write.groupId(), write.state());
    TreeMap<Long, Entry> log = entries.computeIfAbsent(write.groupId(), none -> new TreeMap<>());
    if (write.deleteTo() > write.deleteFrom()) {
      log.subMap(write.deleteFrom(), write.deleteTo()).clear();
    }
    for (Entry entry : write.entries()) {
      log.put(entry.index(), entry);
    }
  }

  /** Term, vote and bounds of a group can no longer be read. */
  void loseState(long groupId) {
    lostStates.add(groupId);
  }

  /** One entry of a group can no longer be read. */
  void loseEntry(long groupId, long index) {
    lostEntries.put(groupId, index);
  }

  @Override
  public Optional<GroupLogState> load(long groupId) {
    if (lostStates.contains(groupId)) {
      throw CorruptDataException.ofGroup(groupId, "injected damage of the state");
    }
    return Optional.ofNullable(states.get(groupId));
  }

  @Override
  public List<Entry> entries(long groupId, long low, long high, long bytesMax) {
    long lost = lostEntries.getOrDefault(groupId, Long.MAX_VALUE);
    if (low <= lost && lost < high) {
      throw CorruptDataException.ofGroup(groupId, "injected damage of entry " + lost);
    }
    List<Entry> found = new ArrayList<>();
    long bytes = 0;
    for (Entry entry : entries.getOrDefault(groupId, new TreeMap<>()).subMap(low, high).values()) {
      bytes += entry.sizeBytes();
      if (bytes > bytesMax && !found.isEmpty()) {
        break;
      }
      found.add(entry);
    }
    return found;
  }

  @Override
  public List<Long> groups() {
    return new ArrayList<>(states.keySet());
  }

  int entriesOf(long groupId) {
    return entries.getOrDefault(groupId, new TreeMap<>()).size();
  }
}
