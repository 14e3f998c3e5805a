package io.arrowraft.simulation.world;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** A running 64-bit hash over what happened in a world, eight bytes at a step. */
public final class TraceHash {
  private static final long START = 0xcbf29ce484222325L;
  private static final long FACTOR = 0x9fb21c651e98df25L;
  private static final VarHandle WORDS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private long hash = START;

  public void add(long value) {
    hash = (hash ^ value) * FACTOR;
    hash ^= hash >>> 32;
  }

  public void add(byte[] bytes) {
    add(bytes.length);
    int at = 0;
    for (; at + Long.BYTES <= bytes.length; at += Long.BYTES) {
      add((long) WORDS.get(bytes, at));
    }
    long rest = 0;
    for (; at < bytes.length; at++) {
      rest = rest << 8 | (bytes[at] & 0xff);
    }
    add(rest);
  }

  /** Adds a name. Its length and its standard hash stand for it: they are the same in every JVM. */
  public void add(String text) {
    add((long) text.length() << 32 | (text.hashCode() & 0xffff_ffffL));
  }

  public long value() {
    long mixed = (hash ^ (hash >>> 29)) * 0x9e3779b97f4a7c15L;
    return mixed ^ (mixed >>> 32);
  }

  @Override
  public String toString() {
    return "%016x".formatted(value());
  }
}
