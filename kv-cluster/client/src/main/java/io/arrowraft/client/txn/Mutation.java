package io.arrowraft.client.txn;

import io.arrowraft.client.keyvalue.Wire;
import io.arrowraft.proto.kvrpcpb.Op;
import io.arrowraft.runtime.Bytes;

/**
 * What a transaction does to a key.
 *
 * @param value empty unless something is stored
 */
record Mutation(Kind kind, Bytes key, Bytes value) {
  enum Kind {
    PUT(Op.Put),
    /** Put that fails if the key exists. */
    INSERT(Op.Insert),
    DELETE(Op.Del),
    /** No change, but a conflict with whoever writes the key. */
    LOCK(Op.Lock),
    /** Inserted and deleted again: nothing to store, but the key must not have existed. */
    CHECK_NOT_EXISTS(Op.CheckNotExists);

    private final Op op;

    Kind(Op op) {
      this.op = op;
    }
  }

  /** Whether the store keeps a lock for it until the transaction ends. */
  boolean leavesLock() {
    return kind != Kind.CHECK_NOT_EXISTS;
  }

  /** Whether a read of the key within the transaction is answered by it. */
  boolean decidesReads() {
    return kind != Kind.LOCK;
  }

  boolean storesValue() {
    return kind == Kind.PUT || kind == Kind.INSERT;
  }

  int bytes() {
    return key.length() + value.length();
  }

  io.arrowraft.proto.kvrpcpb.Mutation onWire() {
    io.arrowraft.proto.kvrpcpb.Mutation.Builder wire =
        io.arrowraft.proto.kvrpcpb.Mutation.newBuilder().setOp(kind.op).setKey(Wire.of(key));
    if (storesValue()) {
      wire.setValue(Wire.of(value));
    }
    return wire.build();
  }
}
