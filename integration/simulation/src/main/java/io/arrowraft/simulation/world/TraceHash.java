package io.arrowraft.simulation.world;

import java.nio.charset.StandardCharsets;

/** A running 64-bit hash (FNV-1a with a final mix) over what happened in a world. */
public final class TraceHash {
  private static final long OFFSET_BASIS = 0xcbf29ce484222325L;
  private static final long PRIME = 0x100000001b3L;

  private long hash = OFFSET_BASIS;

  public void add(long value) {
    hash = (hash ^ value) * PRIME;
    hash ^= hash >>> 29;
  }

  public void add(byte[] bytes) {
    add(bytes.length);
    for (byte b : bytes) {
      hash = (hash ^ (b & 0xff)) * PRIME;
    }
  }

  public void add(String text) {
    add(text.getBytes(StandardCharsets.UTF_8));
  }

  public long value() {
    long mixed = (hash ^ (hash >>> 32)) * 0x9e3779b97f4a7c15L;
    return mixed ^ (mixed >>> 29);
  }

  @Override
  public String toString() {
    return "%016x".formatted(value());
  }
}
