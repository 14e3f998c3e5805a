package io.arrowraft.client.txn;

import io.arrowraft.client.error.ErrorCode;
import io.arrowraft.client.error.InvalidRequestException;
import io.arrowraft.client.keyvalue.KeyRules;
import io.arrowraft.client.txn.Mutation.Kind;
import io.arrowraft.runtime.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** The writes of a transaction before it commits, one per key, in key order. */
final class MutationBuffer {
  private final KeyRules rules;
  private final long bytesMax;
  private TreeMap<Bytes, Mutation> byKey = new TreeMap<>();
  private long bytes;

  /**
   * What the keys held before a set of writes that takes effect as a whole; null outside of one.
   */
  private List<Runnable> undo;

  MutationBuffer(KeyRules rules, long bytesMax) {
    this.rules = rules;
    this.bytesMax = bytesMax;
  }

  void put(Bytes key, Bytes value) {
    Mutation before = byKey.get(key);
    boolean mustNotExist =
        before != null && (before.kind() == Kind.INSERT || before.kind() == Kind.CHECK_NOT_EXISTS);
    add(mustNotExist ? Kind.INSERT : Kind.PUT, key, value);
  }

  void insert(Bytes key, Bytes value) {
    Mutation before = byKey.get(key);
    if (before != null && before.storesValue()) {
      throw new InvalidRequestException(
          ErrorCode.KEY_EXISTS, "key " + key + " was written by this transaction", key);
    }
    // After a delete of its own the key is free whatever the store holds.
    add(before != null && before.kind() == Kind.DELETE ? Kind.PUT : Kind.INSERT, key, value);
  }

  void delete(Bytes key) {
    Mutation before = byKey.get(key);
    boolean mustNotExist =
        before != null && (before.kind() == Kind.INSERT || before.kind() == Kind.CHECK_NOT_EXISTS);
    add(mustNotExist ? Kind.CHECK_NOT_EXISTS : Kind.DELETE, key, Bytes.EMPTY);
  }

  void lock(Bytes key) {
    if (!byKey.containsKey(key)) {
      add(Kind.LOCK, key, Bytes.EMPTY);
    }
  }

  private void add(Kind kind, Bytes key, Bytes value) {
    Mutation mutation = new Mutation(kind, rules.key(key), rules.value(value));
    Mutation before = byKey.get(key);
    long after = bytes + mutation.bytes() - (before == null ? 0 : before.bytes());
    if (after > bytesMax) {
      throw new InvalidRequestException(
          ErrorCode.TRANSACTION_TOO_LARGE,
          "a transaction buffers at most " + bytesMax + " bytes, this write makes it " + after);
    }
    bytes = after;
    byKey.put(key, mutation);
    if (undo != null) {
      undo.add(before == null ? () -> byKey.remove(key) : () -> byKey.put(key, before));
    }
  }

  /** Runs writes, none of which takes effect if one of them is refused. */
  void together(Runnable writes) {
    long bytesBefore = bytes;
    undo = new ArrayList<>();
    try {
      writes.run();
    } catch (RuntimeException refused) {
      for (int i = undo.size() - 1; i >= 0; i--) {
        undo.get(i).run();
      }
      bytes = bytesBefore;
      throw refused;
    } finally {
      undo = null;
    }
  }

  /** What a read of the key finds here: a value, nothing (a delete), or no word on it. */
  Optional<Mutation> decisive(Bytes key) {
    return Optional.ofNullable(byKey.get(key)).filter(Mutation::decidesReads);
  }

  /** A copy of what lies in a range. */
  SortedMap<Bytes, Mutation> copyOf(Bytes start, Bytes end) {
    return new TreeMap<>(
        end.isEmpty() ? byKey.tailMap(start) : byKey.subMap(start, true, end, false));
  }

  Savepoint savepoint() {
    return new Savepoint(this, new TreeMap<>(byKey), bytes);
  }

  void restore(Savepoint savepoint) {
    if (!equals(savepoint.owner())) {
      throw new InvalidRequestException(
          ErrorCode.INVALID_ARGUMENT, "the savepoint belongs to another transaction");
    }
    byKey = new TreeMap<>(savepoint.mutations());
    bytes = savepoint.bytes();
  }

  /** All of it, in key order. */
  List<Mutation> mutations() {
    return List.copyOf(byKey.values());
  }

  boolean isEmpty() {
    return byKey.isEmpty();
  }

  long bytes() {
    return bytes;
  }
}
