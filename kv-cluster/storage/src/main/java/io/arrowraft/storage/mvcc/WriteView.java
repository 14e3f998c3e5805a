package io.arrowraft.storage.mvcc;

import io.arrowraft.runtime.Bytes;
import java.util.Arrays;
import java.util.OptionalLong;

/** A write record read in place: scans look at millions, so nothing is allocated per record. */
final class WriteView {
  private final RecordReader in = new RecordReader("write");
  private byte[] source;
  private WriteType type;
  private long startTs;
  private int valueAt;
  private int valueLength;
  private boolean overlappedRollback;
  private boolean fenced;
  private long gcFence;
  private long txnSource;
  private int tailAt;
  private int end;

  /** Reads the first {@code length} bytes, which must stay unchanged while the view is used. */
  WriteView parse(byte[] stored, int length) {
    source = stored;
    end = length;
    in.open(stored, 0, length);
    type = WriteType.ofTag(in.raw());
    if (type == null) {
      throw in.malformed();
    }
    startTs = in.varint();
    valueLength = -1;
    overlappedRollback = false;
    fenced = false;
    gcFence = 0;
    txnSource = 0;
    tailAt = length;
    while (tailAt == length && in.hasMore()) {
      optionalField();
    }
    return this;
  }

  private void optionalField() {
    switch (in.raw()) {
      case Lock.SHORT_VALUE_TAG -> {
        valueLength = in.raw();
        valueAt = in.position();
        in.skip(valueLength);
      }
      case Write.OVERLAPPED_ROLLBACK_TAG -> overlappedRollback = true;
      case Write.GC_FENCE_TAG -> {
        fenced = true;
        gcFence = in.fixed();
      }
      case Lock.LAST_CHANGE_TAG -> {
        in.fixed();
        in.varint();
      }
      case Write.TXN_SOURCE_TAG -> txnSource = in.varint();
      default -> tailAt = in.position() - 1;
    }
  }

  WriteType type() {
    return type;
  }

  long startTs() {
    return startTs;
  }

  boolean hasShortValue() {
    return valueLength >= 0;
  }

  byte[] source() {
    return source;
  }

  /** How many bytes of the source the record takes. */
  int end() {
    return end;
  }

  int valueAt() {
    return valueAt;
  }

  int valueLength() {
    return valueLength;
  }

  /**
   * Whether the record still counts, given that it is the newest PUT or DELETE at or below {@code
   * readTs}: if it is fenced at or below that, the version of the fence was garbage-collected, and
   * this record should have gone with it.
   */
  boolean countsAt(long readTs) {
    return gcFence == 0 || Timestamps.isAfter(gcFence, readTs);
  }

  Write toWrite() {
    return new Write(
        type,
        startTs,
        hasShortValue() ? slice(valueAt, valueAt + valueLength) : null,
        overlappedRollback,
        fenced ? OptionalLong.of(gcFence) : OptionalLong.empty(),
        txnSource,
        slice(tailAt, end));
  }

  private Bytes slice(int from, int to) {
    return Bytes.wrap(Arrays.copyOfRange(source, from, to));
  }
}
