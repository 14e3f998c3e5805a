package io.arrowraft.storage.mvcc;

import java.nio.ByteBuffer;

/**
 * Backward, the versions of a key come oldest first: the last one that is old enough decides. A key
 * with many versions is searched instead of walked.
 */
final class BackwardRows extends RowCursor {
  private final WriteView view = new WriteView();
  private final WriteView candidate = new WriteView();
  private ByteBuffer spareValue = ByteBuffer.allocate(512);

  BackwardRows(RecordCursor cursor, long readTs) {
    super(cursor, readTs);
    cursor.seekToLast();
  }

  @Override
  void returnTo(byte[] standing) {
    cursor.seekForPrev(standing);
  }

  @Override
  WriteView takeRow() {
    markRow();
    boolean found = find();
    leaveRow();
    return found && candidate.type() == WriteType.PUT && candidate.countsAt(readTs)
        ? candidate
        : null;
  }

  @Override
  void skipRow() {
    markRow();
    leaveRow();
  }

  /** Leaves the newest visible PUT or DELETE in the candidate. */
  private boolean find() {
    boolean found = false;
    for (int steps = 0; inRow(); steps++) {
      if (Timestamps.isAfter(cursor.timestamp(), readTs)) {
        return found;
      }
      if (steps == MvccReader.STEPS_BEFORE_SEEK) {
        return search();
      }
      cursor.parse(view);
      if (view.type().changesData()) {
        keepCandidate();
        found = true;
      }
      cursor.prev();
    }
    return found;
  }

  private boolean search() {
    cursor.seek(rowAt(readTs));
    boolean found = false;
    while (!found && inRow()) {
      cursor.parse(view);
      if (view.type().changesData()) {
        keepCandidate();
        found = true;
      } else {
        cursor.next();
      }
    }
    cursor.seekForPrev(beforeRow());
    return found;
  }

  /** The candidate keeps the array it was parsed from; the cursor goes on with the spare one. */
  private void keepCandidate() {
    ByteBuffer kept = cursor.valueBuffer();
    cursor.exchangeValue(spareValue);
    spareValue = kept;
    candidate.parse(kept.array(), view.end());
  }

  private void leaveRow() {
    int steps = 0;
    while (inRow()) {
      if (steps++ < MvccReader.STEPS_BEFORE_SEEK) {
        cursor.prev();
      } else {
        cursor.seekForPrev(beforeRow());
      }
    }
  }
}
