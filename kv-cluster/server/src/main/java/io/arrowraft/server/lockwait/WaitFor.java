package io.arrowraft.server.lockwait;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.arrowraft.proto.deadlock.WaitForEntry;
import io.arrowraft.runtime.Bytes;
import java.util.Objects;

/**
 * One transaction waits for another.
 *
 * @param waiter start timestamp of the transaction that waits
 * @param holder start timestamp of the one whose lock it met
 * @param key the user key they meet at
 * @param tag what the client attached to its request, to be found again in errors
 */
public record WaitFor(long waiter, long holder, Bytes key, ByteString tag) {
  public WaitFor {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(tag, "tag");
  }

  WaitFor on(long newHolder) {
    return new WaitFor(waiter, newHolder, key, tag);
  }

  /** The form in which it travels, and clients read it. */
  public WaitForEntry toProto() {
    return WaitForEntry.newBuilder()
        .setTxn(waiter)
        .setWaitForTxn(holder)
        .setKey(UnsafeByteOperations.unsafeWrap(key.unsafeArray()))
        .setKeyHash(hash(key))
        .setResourceGroupTag(tag)
        .build();
  }

  static WaitFor of(WaitForEntry entry) {
    return new WaitFor(
        entry.getTxn(),
        entry.getWaitForTxn(),
        Bytes.wrap(entry.getKey().toByteArray()),
        entry.getResourceGroupTag());
  }

  /** 64-bit FNV-1a: the same on every store, which is all that clients ask of it. */
  public static long hash(Bytes key) {
    long hash = 0xcbf29ce484222325L;
    for (byte each : key.unsafeArray()) {
      hash = (hash ^ (each & 0xff)) * 0x100000001b3L;
    }
    return hash;
  }
}
