package io.arrowraft.client.table.change;

import io.arrowraft.client.error.ErrorCode;
import io.arrowraft.client.error.InvalidRequestException;
import io.arrowraft.runtime.Bytes;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;

/**
 * A range of rows from which an index is filled, as its record holds it: a version byte, then the
 * fields. All records of a job go in the step by which the job leaves the filling behind, so a
 * batch that is under way then fails on its part's record.
 *
 * @param next the first row key that has not been read
 * @param end exclusive
 * @param rowsDone rows that have been read
 */
record FillPart(int number, Bytes next, Bytes end, long rowsDone, boolean complete) {
  private static final byte VERSION = 1;

  static FillPart of(int number, Bytes start, Bytes end) {
    return new FillPart(number, start, end, 0, false);
  }

  FillPart after(int rows, Bytes newNext) {
    return new FillPart(number, newNext, end, rowsDone + rows, false);
  }

  FillPart completedAfter(int rows) {
    return new FillPart(number, end, end, rowsDone + rows, true);
  }

  Bytes encode() {
    return Bytes.wrap(
        ByteBuffer.allocate(2 + 2 * Integer.BYTES + next.length() + end.length() + Long.BYTES)
            .put(VERSION)
            .putInt(next.length())
            .put(next.unsafeArray())
            .putInt(end.length())
            .put(end.unsafeArray())
            .putLong(rowsDone)
            .put((byte) (complete ? 1 : 0))
            .array());
  }

  static FillPart decode(int number, Bytes stored) {
    try {
      ByteBuffer buffer = ByteBuffer.wrap(stored.unsafeArray());
      if (buffer.get() == VERSION) {
        return new FillPart(
            number, part(buffer), part(buffer), buffer.getLong(), buffer.get() == 1);
      }
    } catch (BufferUnderflowException | IllegalArgumentException damage) {
      throw damaged(number, stored, damage);
    }
    throw damaged(number, stored, null);
  }

  private static Bytes part(ByteBuffer buffer) {
    int length = buffer.getInt();
    if (length < 0 || length > buffer.remaining()) {
      throw new IllegalArgumentException("a length of " + length);
    }
    byte[] part = new byte[length];
    buffer.get(part);
    return Bytes.wrap(part);
  }

  private static InvalidRequestException damaged(int number, Bytes stored, Throwable cause) {
    return new InvalidRequestException(
        ErrorCode.CORRUPT_DATA, "part " + number + " of a filling is " + stored, cause);
  }
}
