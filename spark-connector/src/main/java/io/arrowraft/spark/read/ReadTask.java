package io.arrowraft.spark.read;

import io.arrowraft.table.KeyRange;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * What one task reads. Travels to executors, so it holds bytes and numbers only.
 *
 * @param plan the encoded plan request
 * @param ranges start and end of each key range in turn
 * @param timestamp read timestamp
 */
public record ReadTask(byte[] plan, List<byte[]> ranges, long timestamp) implements Serializable {

  public static ReadTask of(byte[] plan, List<KeyRange> ranges, long timestamp) {
    List<byte[]> bounds = new ArrayList<>();
    for (KeyRange range : ranges) {
      bounds.add(range.start().toByteArray());
      bounds.add(range.end().toByteArray());
    }
    return new ReadTask(plan, bounds, timestamp);
  }

  public List<KeyRange> keyRanges() {
    List<KeyRange> result = new ArrayList<>();
    for (int i = 0; i < ranges.size(); i += 2) {
      result.add(KeyRange.of(ranges.get(i), ranges.get(i + 1)));
    }
    return result;
  }
}
