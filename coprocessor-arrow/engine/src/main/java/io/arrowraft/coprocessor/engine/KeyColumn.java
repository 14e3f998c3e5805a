package io.arrowraft.coprocessor.engine;

import io.arrowraft.table.DataType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Turns the values of one group key column into words that are equal exactly where the values are,
 * and back. Text of up to seven bytes is its own word; longer text is numbered in a dictionary.
 */
final class KeyColumn {
  private static final int SHORT_TEXT_MAX = 7;
  private static final long DICTIONARY = 0xFFL << 56;

  private final DataType type;
  private final MemoryBudget budget;
  private ByteBuffer text = ByteBuffer.allocate(0);
  private int[] textEnds = new int[0];
  private int[] slots = new int[0];
  private int textCount;

  KeyColumn(DataType type, MemoryBudget budget) {
    this.type = type;
    this.budget = budget;
  }

  /** Words for one value: two for decimals that may be wide. */
  int words() {
    return type instanceof DataType.Decimal decimal && !decimal.fitsLong() ? 2 : 1;
  }

  /** Puts the words of all rows into {@code target[at + row * stride]}; NULL is zero. */
  void encode(Vector vector, int count, long[] target, int at, int stride) {
    if (vector instanceof LongVector longs) {
      for (int i = 0; i < count; i++) {
        target[at + i * stride] = longs.values[i];
      }
      if (words() == 2) {
        for (int i = 0; i < count; i++) {
          target[at + i * stride + 1] = longs.highAt(i);
        }
      }
    } else if (vector instanceof DoubleVector doubles) {
      for (int i = 0; i < count; i++) {
        target[at + i * stride] = DoubleVector.keyBits(doubles.values[i]);
      }
    } else {
      BytesVector bytes = (BytesVector) vector;
      for (int i = 0; i < count; i++) {
        target[at + i * stride] = textWord(bytes.data, bytes.starts[i], bytes.lengths[i]);
      }
    }
  }

  private long textWord(ByteBuffer data, int start, int length) {
    if (length > SHORT_TEXT_MAX) {
      return DICTIONARY | number(data, start, length);
    }
    long word = length;
    for (int i = 0; i < length; i++) {
      word = word << 8 | (data.get(start + i) & 0xFF);
    }
    // The length goes to the top byte, whatever the number of bytes behind it.
    return length == SHORT_TEXT_MAX
        ? word
        : (word & ~(-1L << (8 * length))) | ((long) length << 56);
  }

  /** The number of a text, a new one if it was never seen. */
  private int number(ByteBuffer data, int start, int length) {
    if ((textCount + 1) * 2 > slots.length) {
      growSlots();
    }
    int mask = slots.length - 1;
    int slot = hash(data, start, length) & mask;
    while (slots[slot] != 0) {
      int candidate = slots[slot] - 1;
      int from = startOf(candidate);
      if (textEnds[candidate] - from == length
          && BytesVector.same(text, from, data, start, length)) {
        return candidate;
      }
      slot = (slot + 1) & mask;
    }
    slots[slot] = textCount + 1;
    appendText(data, start, length);
    return textCount++;
  }

  private int startOf(int number) {
    return number == 0 ? 0 : textEnds[number - 1];
  }

  private static int hash(ByteBuffer data, int start, int length) {
    long hash = length;
    int i = 0;
    for (; i + Long.BYTES <= length; i += Long.BYTES) {
      hash = GroupTable.mix(hash, data.getLong(start + i));
    }
    for (; i < length; i++) {
      hash = GroupTable.mix(hash, data.get(start + i));
    }
    return (int) (hash >>> 32);
  }

  private void growSlots() {
    int size = Math.max(64, slots.length * 2);
    budget.take((long) (size - slots.length) * Integer.BYTES * 2);
    slots = new int[size];
    textEnds = Arrays.copyOf(textEnds, size);
    for (int n = 0; n < textCount; n++) {
      int slot = hash(text, startOf(n), textEnds[n] - startOf(n)) & (size - 1);
      while (slots[slot] != 0) {
        slot = (slot + 1) & (size - 1);
      }
      slots[slot] = n + 1;
    }
  }

  private void appendText(ByteBuffer data, int start, int length) {
    int at = startOf(textCount);
    if (text.capacity() - at < length) {
      int capacity = (int) Math.min(Integer.MAX_VALUE - 16, Math.max(4096, text.capacity() * 2L));
      capacity = Math.max(capacity, Math.addExact(at, length));
      budget.take(capacity - text.capacity());
      ByteBuffer larger = ByteBuffer.allocate(capacity).order(ByteOrder.LITTLE_ENDIAN);
      larger.put(0, text, 0, at);
      text = larger;
    }
    text.put(at, data, start, length);
    textEnds[textCount] = at + length;
  }

  /** Sets a row of {@code target} to the value that the words stand for. */
  void decode(long[] words, int at, Vector target, int row) {
    if (target instanceof LongVector longs) {
      if (words() == 2) {
        longs.set(row, words[at], words[at + 1]);
      } else {
        longs.set(row, words[at]);
      }
    } else if (target instanceof DoubleVector doubles) {
      doubles.values[row] = Double.longBitsToDouble(words[at]);
    } else {
      decodeText(words[at], (BytesVector) target, row);
    }
  }

  private void decodeText(long word, BytesVector target, int row) {
    if (word >>> 56 == 0xFF) {
      int number = (int) word;
      int from = startOf(number);
      target.set(row, text, from, textEnds[number] - from);
      return;
    }
    byte[] bytes = new byte[(int) (word >>> 56)];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (word >>> (8 * (bytes.length - 1 - i)));
    }
    target.set(row, bytes);
  }
}
