package io.arrowraft.pd.region;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * Ids from which a random one is picked in constant time. Their order depends on nothing but the
 * calls.
 */
final class IdSet {
  private final Map<Long, Integer> places = new HashMap<>();
  private long[] ids = new long[8];
  private int size;

  boolean add(long id) {
    if (places.containsKey(id)) {
      return false;
    }
    if (size == ids.length) {
      ids = Arrays.copyOf(ids, size * 2);
    }
    places.put(id, size);
    ids[size++] = id;
    return true;
  }

  boolean remove(long id) {
    Integer place = places.remove(id);
    if (place == null) {
      return false;
    }
    size--;
    if (place < size) {
      ids[place] = ids[size];
      places.put(ids[place], place);
    }
    return true;
  }

  boolean contains(long id) {
    return places.containsKey(id);
  }

  int size() {
    return size;
  }

  long at(int index) {
    return ids[index];
  }

  /** Any of them; there must be one. */
  long pick(RandomGenerator random) {
    return ids[random.nextInt(size)];
  }
}
