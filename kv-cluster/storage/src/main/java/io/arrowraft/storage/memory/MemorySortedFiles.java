package io.arrowraft.storage.memory;

import io.arrowraft.storage.engine.CorruptDataException;
import io.arrowraft.storage.engine.SortedFiles;
import io.arrowraft.storage.engine.WriteBatch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/**
 * Sorted files in memory. What is finished survives a crash; what was deleted since the last sync
 * may come back with one, as on a disk whose directory was not synced.
 */
final class MemorySortedFiles implements SortedFiles {
  private final TreeMap<String, List<WriteBatch.Put>> finished;
  private final TreeMap<String, List<WriteBatch.Put>> deleted = new TreeMap<>();
  private final Runnable requireOpen;
  private long unfinishedBytes;

  /**
   * @param finished owned by this object from now on
   * @param requireOpen throws if the engine is closed
   */
  MemorySortedFiles(TreeMap<String, List<WriteBatch.Put>> finished, Runnable requireOpen) {
    this.finished = finished;
    this.requireOpen = requireOpen;
  }

  @Override
  public Writer create(Name name) {
    requireOpen.run();
    return new MemoryWriter(name);
  }

  @Override
  public synchronized List<String> names() {
    return List.copyOf(finished.keySet());
  }

  @Override
  public synchronized boolean contains(String name) {
    return finished.containsKey(name);
  }

  @Override
  public synchronized long byteSize() {
    return unfinishedBytes
        + finished.values().stream()
            .flatMap(List::stream)
            .mapToLong(MemorySortedFiles::pairBytes)
            .sum();
  }

  @Override
  public synchronized void delete(String name) {
    List<WriteBatch.Put> pairs = finished.remove(name);
    if (pairs != null) {
      deleted.put(name, pairs);
    }
  }

  synchronized WriteBatch batchOf(Name file) {
    List<WriteBatch.Put> pairs = finished.get(file.name());
    if (pairs == null) {
      throw CorruptDataException.unplaced("there is no sorted file " + file.name(), null);
    }
    WriteBatch batch = new WriteBatch();
    pairs.forEach(pair -> batch.put(file.family(), pair.key(), pair.value()));
    return batch;
  }

  synchronized void onSync() {
    deleted.clear();
  }

  synchronized TreeMap<String, List<WriteBatch.Put>> finished() {
    return new TreeMap<>(finished);
  }

  synchronized TreeMap<String, List<WriteBatch.Put>> crash(RandomGenerator random) {
    TreeMap<String, List<WriteBatch.Put>> survivors = new TreeMap<>(finished);
    for (Map.Entry<String, List<WriteBatch.Put>> file : deleted.entrySet()) {
      if (random.nextBoolean()) {
        survivors.putIfAbsent(file.getKey(), file.getValue());
      }
    }
    return survivors;
  }

  private synchronized void finish(String name, List<WriteBatch.Put> pairs) {
    finished.put(name, List.copyOf(pairs));
  }

  private synchronized void addUnfinished(long bytes) {
    unfinishedBytes += bytes;
  }

  private static long pairBytes(WriteBatch.Put pair) {
    return pair.key().length + (long) pair.value().length;
  }

  private final class MemoryWriter implements Writer {
    private final Name name;
    private final List<WriteBatch.Put> pairs = new ArrayList<>();
    private long bytes;
    private boolean ended;

    private MemoryWriter(Name name) {
      this.name = name;
    }

    @Override
    public void put(byte[] key, byte[] value) {
      if (!pairs.isEmpty() && Arrays.compareUnsigned(pairs.get(pairs.size() - 1).key(), key) >= 0) {
        throw new IllegalArgumentException("keys of a sorted file must ascend");
      }
      WriteBatch.Put pair = new WriteBatch.Put(name.family(), key, value);
      pairs.add(pair);
      bytes += pairBytes(pair);
      addUnfinished(pairBytes(pair));
    }

    @Override
    public long byteSize() {
      return bytes;
    }

    @Override
    public void finish() {
      requireOpen.run();
      if (pairs.isEmpty()) {
        throw new IllegalStateException("a sorted file must not be empty: " + name.name());
      }
      MemorySortedFiles.this.finish(name.name(), pairs);
      close();
    }

    @Override
    public void close() {
      if (!ended) {
        ended = true;
        addUnfinished(-bytes);
      }
    }
  }
}
