package io.arrowraft.client.table.change;

import io.arrowraft.client.error.ErrorCode;
import io.arrowraft.client.error.InvalidRequestException;
import io.arrowraft.client.table.schema.SchemaLease;
import io.arrowraft.pd.client.Timestamp;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.table.KeyRange;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;

/**
 * Keys of a dropped table or index, as their record holds them: a version byte, then the fields.
 *
 * @param droppedBy a timestamp at which they were seen to be dropped; 0 before anybody looked
 * @param next the first key that may not have been destroyed yet; empty before it began
 * @param owner a number of whoever destroys them; 0 for nobody
 * @param ownedUntilMillis when others may go on, in the placement driver's time
 */
record Reclaim(
    long id, KeyRange keys, long droppedBy, Bytes next, long owner, long ownedUntilMillis) {
  /** Only the keys: what was written before ranges were destroyed. */
  private static final byte KEYS_ONLY = 1;

  private static final byte VERSION = 2;

  static Reclaim of(long id, KeyRange keys) {
    return new Reclaim(id, keys, 0, Bytes.EMPTY, 0, 0);
  }

  Reclaim seenDroppedAt(Timestamp at) {
    return droppedBy != 0 ? this : new Reclaim(id, keys, at.value(), next, owner, ownedUntilMillis);
  }

  Reclaim ownedBy(long newOwner, long untilMillis) {
    return new Reclaim(id, keys, droppedBy, next, newOwner, untilMillis);
  }

  Reclaim at(Bytes newNext) {
    return new Reclaim(id, keys, droppedBy, newNext, owner, ownedUntilMillis);
  }

  /**
   * Whether nobody can want the keys any more once garbage collection has come this far. Who reads
   * at or above it finds no table or index that has them; who still writes by the definition from
   * before the drop has started earlier, and takes no lock any more.
   */
  boolean isRipe(Timestamp safePoint) {
    return droppedBy != 0
        && safePoint.value() > SchemaLease.endOf(new Timestamp(droppedBy)).value();
  }

  boolean isOthers(long me, Timestamp now) {
    return owner != 0 && owner != me && ownedUntilMillis > now.physicalMillis();
  }

  Bytes start() {
    return Bytes.wrap(keys.start().toByteArray());
  }

  Bytes end() {
    return Bytes.wrap(keys.end().toByteArray());
  }

  Bytes encode() {
    byte[] start = keys.start().toByteArray();
    byte[] end = keys.end().toByteArray();
    return Bytes.wrap(
        ByteBuffer.allocate(
                1 + 3 * Integer.BYTES + start.length + end.length + next.length() + 3 * Long.BYTES)
            .put(VERSION)
            .putInt(start.length)
            .put(start)
            .putInt(end.length)
            .put(end)
            .putLong(droppedBy)
            .putInt(next.length())
            .put(next.unsafeArray())
            .putLong(owner)
            .putLong(ownedUntilMillis)
            .array());
  }

  static Reclaim decode(long id, Bytes stored) {
    try {
      ByteBuffer buffer = ByteBuffer.wrap(stored.unsafeArray());
      byte version = buffer.get();
      if (version == KEYS_ONLY) {
        return of(id, KeyRange.of(part(buffer), part(buffer)));
      }
      if (version == VERSION) {
        return new Reclaim(
            id,
            KeyRange.of(part(buffer), part(buffer)),
            buffer.getLong(),
            Bytes.wrap(part(buffer)),
            buffer.getLong(),
            buffer.getLong());
      }
    } catch (BufferUnderflowException | IllegalArgumentException damage) {
      throw damaged(id, stored, damage);
    }
    throw damaged(id, stored, null);
  }

  private static byte[] part(ByteBuffer buffer) {
    int length = buffer.getInt();
    if (length < 0 || length > buffer.remaining()) {
      throw new IllegalArgumentException("a length of " + length);
    }
    byte[] part = new byte[length];
    buffer.get(part);
    return part;
  }

  private static InvalidRequestException damaged(long id, Bytes stored, Throwable cause) {
    return new InvalidRequestException(
        ErrorCode.CORRUPT_DATA, "the range to reclaim number " + id + " is " + stored, cause);
  }
}
