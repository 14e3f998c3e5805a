package io.arrowraft.simulation.cluster;

import io.arrowraft.storage.engine.ColumnFamily;
import io.arrowraft.storage.engine.CorruptDataException;
import io.arrowraft.storage.engine.EngineReader;
import io.arrowraft.storage.engine.WriteBatch;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * Bits that have turned over in what a disk holds: in the stored values of keys, until those are
 * overwritten or removed. An overwriting that a crash takes back leaves the old value sound.
 */
final class Rot {
  /**
   * @param bit of the value, counted beyond its end perhaps
   * @param noticed whether the engine's checksum of the block tells; else the wrong bit comes
   *     through, and whoever reads has to notice
   */
  private record Turned(int bit, boolean noticed) {}

  private final Map<ColumnFamily, NavigableMap<byte[], Turned>> turned =
      new EnumMap<>(ColumnFamily.class);
  private boolean everTurned;

  boolean isEmpty() {
    return turned.isEmpty();
  }

  /** Whether any bit has ever turned here. */
  boolean everTurned() {
    return everTurned;
  }

  void turn(ColumnFamily family, byte[] key, int bit, boolean noticed) {
    everTurned = true;
    turned
        .computeIfAbsent(family, each -> new TreeMap<>(Arrays::compareUnsigned))
        .put(key, new Turned(bit, noticed));
  }

  boolean isAt(ColumnFamily family, byte[] key) {
    return turned.containsKey(family) && turned.get(family).containsKey(key);
  }

  /** What a reader of the key gets; a {@code value} of null, which is not there, cannot rot. */
  byte[] read(ColumnFamily family, byte[] key, byte[] value) {
    if (value == null || !isAt(family, key)) {
      return value;
    }
    Turned how = turned.get(family).get(key);
    if (how.noticed()) {
      throw CorruptDataException.at(
          new CorruptDataException.Damage(family, key, Arrays.copyOf(key, key.length + 1)),
          "reading failed: block checksum mismatch",
          null);
    }
    return withTurned(how, value);
  }

  /**
   * Whether an iterator that comes upon the key finds its block in order.
   *
   * @param start of the iterator's bounds: it does not know where in them the damage is
   */
  void comeUpon(ColumnFamily family, byte[] key, byte[] start, byte[] end) {
    if (isAt(family, key) && turned.get(family).get(key).noticed()) {
      throw CorruptDataException.at(
          new CorruptDataException.Damage(family, start, end),
          "moving an iterator failed: block checksum mismatch",
          null);
    }
  }

  private static byte[] withTurned(Turned how, byte[] value) {
    if (value.length > 0) {
      int bit = how.bit() % (value.length * Byte.SIZE);
      value[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
    }
    return value;
  }

  /** What is written anew is sound. */
  void onWrite(WriteBatch batch) {
    if (turned.isEmpty()) {
      return;
    }
    for (WriteBatch.Operation operation : batch.operations()) {
      NavigableMap<byte[], Turned> keys = turned.get(operation.family());
      if (keys == null) {
        continue;
      }
      if (operation instanceof WriteBatch.Put put) {
        keys.remove(put.key());
      } else if (operation instanceof WriteBatch.Delete delete) {
        keys.remove(delete.key());
      } else if (operation instanceof WriteBatch.DeleteRange range) {
        NavigableMap<byte[], Turned> tail = keys.tailMap(range.start(), true);
        (range.end().length == 0 ? tail : tail.headMap(range.end(), false)).clear();
      }
    }
    turned.values().removeIf(Map::isEmpty);
  }

  /** Of what a crash has taken away nothing can be rotten. */
  void onCrash(EngineReader left) {
    turned.forEach((family, keys) -> keys.keySet().removeIf(key -> left.get(family, key) == null));
    turned.values().removeIf(Map::isEmpty);
  }
}
