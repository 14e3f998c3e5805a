package io.arrowraft.storage.mvcc;

import java.util.Arrays;

/** Walks the user keys of a range and finds the version of each that a view sees. */
abstract sealed class RowCursor implements AutoCloseable permits ForwardRows, BackwardRows {
  /** Appended to an encoded key, this is greater than every version of it and of no other key. */
  private static final int BEYOND_VERSIONS_BYTES = MvccKeys.TIMESTAMP_BYTES + 1;

  final RecordCursor cursor;
  final long readTs;
  private byte[] row = new byte[256];
  private int rowLength;

  RowCursor(RecordCursor cursor, long readTs) {
    this.cursor = cursor;
    this.readTs = readTs;
  }

  /** Whether the cursor stands on the first version, in its direction, of a user key. */
  final boolean valid() {
    return cursor.valid();
  }

  /**
   * The array with the current version's key; its first {@link #keyLength()} are the encoded key.
   */
  final byte[] key() {
    return cursor.key();
  }

  final int keyLength() {
    return cursor.userLength();
  }

  /** A place to {@link #returnTo}; null past the end of the range. */
  final byte[] standing() {
    return cursor.valid() ? Arrays.copyOf(cursor.key(), cursor.keyLength()) : null;
  }

  /** Goes back to where the cursor stood before. */
  abstract void returnTo(byte[] standing);

  /** The encoded key that {@link #takeRow} dealt with last. */
  final byte[] row() {
    return row;
  }

  final int rowLength() {
    return rowLength;
  }

  /**
   * Finds the visible version of the current user key and moves on to the next user key.
   *
   * @return the visible PUT, valid until the next call, or null if the view sees no value
   */
  abstract WriteView takeRow();

  /** Moves on to the next user key without looking at the current one. */
  abstract void skipRow();

  final void markRow() {
    rowLength = cursor.userLength();
    if (row.length < rowLength) {
      row = new byte[rowLength * 2];
    }
    System.arraycopy(cursor.key(), 0, row, 0, rowLength);
  }

  final boolean inRow() {
    return cursor.isVersionOf(row, rowLength);
  }

  final byte[] rowAt(long timestamp) {
    byte[] target = Arrays.copyOf(row, rowLength + MvccKeys.TIMESTAMP_BYTES);
    MvccKeys.putTimestamp(target, rowLength, timestamp);
    return target;
  }

  final byte[] beforeRow() {
    return Arrays.copyOf(row, rowLength);
  }

  final byte[] afterRow() {
    byte[] target = Arrays.copyOf(row, rowLength + BEYOND_VERSIONS_BYTES);
    Arrays.fill(target, rowLength, target.length, (byte) 0xff);
    return target;
  }

  @Override
  public final void close() {
    cursor.close();
  }
}
