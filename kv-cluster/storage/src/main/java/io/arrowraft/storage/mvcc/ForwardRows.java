package io.arrowraft.storage.mvcc;

/** Forward, the versions of a key come newest first: the first one that is old enough decides. */
final class ForwardRows extends RowCursor {
  private final WriteView view = new WriteView();

  ForwardRows(RecordCursor cursor, long readTs) {
    super(cursor, readTs);
    cursor.seekToFirst();
  }

  @Override
  void returnTo(byte[] standing) {
    cursor.seek(standing);
  }

  @Override
  WriteView takeRow() {
    markRow();
    WriteView visible = find();
    leaveRow();
    return visible;
  }

  @Override
  void skipRow() {
    markRow();
    leaveRow();
  }

  private WriteView find() {
    int steps = 0;
    while (inRow()) {
      if (Timestamps.isAfter(cursor.timestamp(), readTs)) {
        if (steps++ < MvccReader.STEPS_BEFORE_SEEK) {
          cursor.next();
        } else {
          cursor.seek(rowAt(readTs));
        }
        continue;
      }
      cursor.parse(view);
      if (view.type().changesData()) {
        return view.type() == WriteType.PUT && view.countsAt(readTs) ? view : null;
      }
      cursor.next();
    }
    return null;
  }

  private void leaveRow() {
    int steps = 0;
    while (inRow()) {
      if (steps++ < MvccReader.STEPS_BEFORE_SEEK) {
        cursor.next();
      } else {
        cursor.seek(afterRow());
      }
    }
  }
}
