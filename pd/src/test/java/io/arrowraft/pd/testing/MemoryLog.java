package io.arrowraft.pd.testing;

import io.arrowraft.raft.GroupLogState;
import io.arrowraft.raft.LogStore;
import io.arrowraft.raft.LogWrite;
import io.arrowraft.raft.core.Entry;
import io.arrowraft.runtime.EventLoop;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/** Raft logs that survive the node which wrote them; what was not written by the crash is lost. */
public final class MemoryLog implements LogStore {
  private final TreeMap<Long, GroupLogState> states = new TreeMap<>();
  private final TreeMap<Long, TreeMap<Long, Entry>> logs = new TreeMap<>();
  private final ArrayDeque<LogWrite> queue = new ArrayDeque<>();
  private EventLoop disk;
  private boolean busy;

  public MemoryLog(EventLoop disk) {
    this.disk = disk;
  }

  /** The node has crashed; the next one runs on another loop. */
  public synchronized void crash(EventLoop next) {
    queue.clear();
    busy = false;
    disk = next;
  }

  /** How many entries are kept. */
  public synchronized int size() {
    return logs.values().stream().mapToInt(TreeMap::size).sum();
  }

  @Override
  public synchronized void submit(LogWrite write) {
    queue.add(write);
    if (!busy) {
      busy = true;
      disk.schedule(Duration.ofMillis(1), this::writeBatch);
    }
  }

  private void writeBatch() {
    List<LogWrite> batch = takeBatch();
    batch.forEach(write -> write.durable().run());
  }

  private synchronized List<LogWrite> takeBatch() {
    busy = false;
    List<LogWrite> batch = new ArrayList<>(queue);
    queue.clear();
    for (LogWrite write : batch) {
      states.put(write.groupId(), write.state());
      TreeMap<Long, Entry> log = logs.computeIfAbsent(write.groupId(), id -> new TreeMap<>());
      if (write.deleteFrom() < write.deleteTo()) {
        log.subMap(write.deleteFrom(), write.deleteTo()).clear();
      }
      write.entries().forEach(entry -> log.put(entry.index(), entry));
    }
    return batch;
  }

  @Override
  public synchronized Optional<GroupLogState> load(long groupId) {
    return Optional.ofNullable(states.get(groupId));
  }

  @Override
  public synchronized List<Entry> entries(long groupId, long low, long high, long bytesMax) {
    List<Entry> found = new ArrayList<>();
    long bytes = 0;
    for (Entry entry : logs.get(groupId).subMap(low, high).values()) {
      bytes += entry.sizeBytes();
      if (bytes > bytesMax && !found.isEmpty()) {
        break;
      }
      found.add(entry);
    }
    return found;
  }

  @Override
  public synchronized List<Long> groups() {
    return List.copyOf(states.keySet());
  }
}
