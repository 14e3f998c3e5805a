package io.arrowraft.coprocessor.engine;

import java.util.Arrays;

/** Numbers group keys of a fixed count of words: an open-addressing table. */
final class GroupTable {
  private final int width;
  private final int groupsMax;
  private final MemoryBudget budget;
  private long[] keys = new long[0];
  private int[] slots = new int[0];
  private int groups;

  GroupTable(int width, int groupsMax, MemoryBudget budget) {
    this.width = width;
    this.groupsMax = groupsMax;
    this.budget = budget;
  }

  int groups() {
    return groups;
  }

  long[] keys() {
    return keys;
  }

  static long mix(long hash, long word) {
    long mixed = (hash ^ word) * 0x9E3779B97F4A7C15L;
    return mixed ^ (mixed >>> 29);
  }

  /** Puts the group of each row's key, {@code words[row * width]} and on, into {@code target}. */
  void find(long[] words, int count, int[] target) {
    for (int row = 0; row < count; row++) {
      target[row] = find(words, row * width);
    }
  }

  private int find(long[] words, int at) {
    if ((groups + 1) * 2 > slots.length) {
      grow();
    }
    int mask = slots.length - 1;
    int slot = hash(words, at) & mask;
    while (slots[slot] != 0) {
      int group = slots[slot] - 1;
      if (same(words, at, group * width)) {
        return group;
      }
      slot = (slot + 1) & mask;
    }
    if (groups == groupsMax) {
      throw new MemoryLimitExceeded("groupsMax", groupsMax, MemoryBudget.REMEDY);
    }
    slots[slot] = groups + 1;
    System.arraycopy(words, at, keys, groups * width, width);
    return groups++;
  }

  private boolean same(long[] words, int at, int keyAt) {
    for (int i = 0; i < width; i++) {
      if (words[at + i] != keys[keyAt + i]) {
        return false;
      }
    }
    return true;
  }

  private int hash(long[] words, int at) {
    long hash = 0;
    for (int i = 0; i < width; i++) {
      hash = mix(hash, words[at + i]);
    }
    return (int) (hash >>> 32);
  }

  private void grow() {
    int size = Math.max(128, Math.multiplyExact(slots.length, 2));
    int keyWords = Math.multiplyExact(size / 2, width);
    budget.take(
        (long) (size - slots.length) * Integer.BYTES
            + (long) (keyWords - keys.length) * Long.BYTES);
    keys = Arrays.copyOf(keys, keyWords);
    slots = new int[size];
    for (int group = 0; group < groups; group++) {
      int slot = hash(keys, group * width) & (size - 1);
      while (slots[slot] != 0) {
        slot = (slot + 1) & (size - 1);
      }
      slots[slot] = group + 1;
    }
  }
}
