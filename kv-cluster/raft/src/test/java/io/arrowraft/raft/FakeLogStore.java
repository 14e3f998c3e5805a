package io.arrowraft.raft;

import io.arrowraft.raft.core.Entry;
import io.arrowraft.runtime.EventLoop;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/** A shared log in memory, whose disk can be slow and whose node can crash. */
final class FakeLogStore implements LogStore {
  private final TreeMap<Long, GroupLogState> states = new TreeMap<>();
  private final TreeMap<Long, TreeMap<Long, Entry>> logs = new TreeMap<>();
  private final ArrayDeque<LogWrite> queue = new ArrayDeque<>();
  private final EventLoop writer;
  private boolean writerQueued;
  private boolean stalled;
  private int syncs;

  FakeLogStore(EventLoop writer) {
    this.writer = writer;
  }

  @Override
  public synchronized void submit(LogWrite write) {
    queue.add(write);
    wake();
  }

  private void wake() {
    if (!writerQueued) {
      writerQueued = true;
      writer.execute(this::writeBatch);
    }
  }

  synchronized void stall(boolean on) {
    stalled = on;
    wake();
  }

  /** Loses what was not written yet. */
  synchronized void crash() {
    queue.clear();
  }

  synchronized int syncs() {
    return syncs;
  }

  private synchronized void writeBatch() {
    writerQueued = false;
    if (stalled || queue.isEmpty()) {
      return;
    }
    List<LogWrite> batch = new ArrayList<>(queue);
    queue.clear();
    batch.forEach(this::write);
    syncs++;
    batch.forEach(write -> write.durable().run());
  }

  private void write(LogWrite write) {
    if (write.destroy()) {
      states.remove(write.groupId());
      logs.remove(write.groupId());
      return;
    }
    states.put(write.groupId(), write.state());
    TreeMap<Long, Entry> log = logs.computeIfAbsent(write.groupId(), id -> new TreeMap<>());
    if (write.deleteFrom() < write.deleteTo()) {
      log.subMap(write.deleteFrom(), write.deleteTo()).clear();
    }
    write.entries().forEach(entry -> log.put(entry.index(), entry));
  }

  @Override
  public synchronized Optional<GroupLogState> load(long groupId) {
    return Optional.ofNullable(states.get(groupId));
  }

  @Override
  public synchronized List<Entry> entries(long groupId, long low, long high, long bytesMax) {
    List<Entry> result = new ArrayList<>();
    long bytes = 0;
    for (Entry entry : logs.get(groupId).subMap(low, high).values()) {
      bytes += entry.sizeBytes();
      if (bytes > bytesMax && !result.isEmpty()) {
        break;
      }
      result.add(entry);
    }
    return result;
  }

  @Override
  public synchronized List<Long> groups() {
    return List.copyOf(states.keySet());
  }
}
