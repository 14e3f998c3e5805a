package io.arrowraft.storage.mvcc;

import io.arrowraft.runtime.Bytes;
import io.arrowraft.storage.engine.ColumnFamily;
import io.arrowraft.storage.engine.EngineReader;
import io.arrowraft.storage.engine.IterateOptions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Finds the versions in a range that no read at or above a safe point can see, page by page.
 *
 * <p>Of the records of a key at or below the safe point the newest PUT stays, unless a newer DELETE
 * at or below it hides that; LOCK and ROLLBACK records are passed over in the search, and go. A
 * DELETE goes last, after everything that it hides, so that a page which is never applied cannot
 * bring anything back to life. A PUT whose fence says that a newer version was removed already
 * counts as removed with it (rule 34).
 *
 * <p>This relies on what is true below a safe point: no transaction that started at or before it
 * has a lock, takes one, or commits there any more, and nobody reads below.
 */
public final class GarbageScan {
  /**
   * How much one page does.
   *
   * @param removalsMax records found, at most
   * @param recordsMax records looked at; the page ends with the key at which it is reached
   */
  public record Limits(int removalsMax, int recordsMax) {
    public Limits {
      if (removalsMax < 1 || recordsMax < 1) {
        throw new IllegalArgumentException(
            "a page needs room: removalsMax=" + removalsMax + ", recordsMax=" + recordsMax);
      }
    }
  }

  /**
   * Where a page begins.
   *
   * @param from a stored key
   * @param newerChange of a key in whose midst it begins: there is a PUT or DELETE above the safe
   *     point
   * @param counted of such a key: its PUT that stays has been counted
   */
  public record Position(Bytes from, boolean newerChange, boolean counted) {
    public Position {
      Objects.requireNonNull(from, "from");
    }

    /** The beginning of a range. */
    public static Position startOf(EncodedRange range) {
      return new Position(range.lower(), false, false);
    }
  }

  /**
   * What was found.
   *
   * @param writes stored keys of records to remove, in an order in which any prefix may be applied
   * @param values stored keys of the long values that belong to them
   * @param left records that stay beside the newest PUT of each key: garbage of a later safe point,
   *     perhaps
   * @param scanned records looked at
   * @param rest where the next page begins, once this one is applied; empty at the end
   */
  public record Page(
      List<byte[]> writes, List<byte[]> values, long left, long scanned, Optional<Position> rest) {
    public Page {
      writes = List.copyOf(writes);
      values = List.copyOf(values);
      Objects.requireNonNull(rest, "rest");
    }
  }

  private final long safePoint;
  private final Limits limits;
  private final WriteView view = new WriteView();
  private final List<byte[]> writes = new ArrayList<>();
  private final List<byte[]> values = new ArrayList<>();
  private long left;
  private long scanned;

  // Of the key at which the scan stands.
  private byte[] key;
  private boolean newerChange;
  private boolean counted;
  private boolean settled;
  private byte[] hiding;
  private byte[] hidingValue;

  private GarbageScan(long safePoint, Limits limits) {
    this.safePoint = safePoint;
    this.limits = limits;
  }

  /** One page over one state of an engine. */
  public static Page run(
      EngineReader engine, EncodedRange range, long safePoint, Position from, Limits limits) {
    IterateOptions options =
        IterateOptions.range(from.from().unsafeArray(), range.upper().unsafeArray())
            .withoutFillingCache();
    try (RecordCursor records =
        new RecordCursor(engine.iterator(ColumnFamily.WRITE, options), new ReadCounters())) {
      return new GarbageScan(safePoint, limits).page(records, from);
    }
  }

  private Page page(RecordCursor records, Position from) {
    newerChange = from.newerChange();
    counted = from.counted();
    boolean first = true;
    for (boolean on = records.seekToFirst(); on; on = records.next()) {
      if (first) {
        key = Arrays.copyOf(records.key(), records.userLength());
        boolean midway = from.from().length() == key.length + MvccKeys.TIMESTAMP_BYTES;
        if (!midway || !from.from().startsWith(Bytes.wrap(key))) {
          newerChange = false; // the key in whose midst the scan was to go on has no more records
          counted = false;
        }
        first = false;
      } else if (!records.isVersionOf(key, key.length)) {
        endKey();
        byte[] next = Arrays.copyOf(records.key(), records.userLength());
        if (isFull() || scanned >= limits.recordsMax()) {
          return result(Optional.of(new Position(Bytes.wrap(next), false, false)));
        }
        beginKey(next);
      } else if (isFull()) {
        // What hides the rest of the key stays until the rest is gone.
        byte[] midway = MvccKeys.withTimestamp(key, safePoint);
        return result(Optional.of(new Position(Bytes.wrap(midway), newerChange, counted)));
      }
      look(records);
    }
    if (key != null) {
      endKey();
    }
    return result(Optional.empty());
  }

  private boolean isFull() {
    return writes.size() >= limits.removalsMax();
  }

  private void beginKey(byte[] encoded) {
    key = encoded;
    newerChange = false;
    counted = false;
    settled = false;
  }

  private void look(RecordCursor records) {
    scanned++;
    records.parse(view);
    if (Timestamps.isAfter(records.timestamp(), safePoint)) {
      left++;
      if (!newerChange && view.type().changesData()) {
        newerChange = true;
        left -= view.type() == WriteType.PUT ? 1 : 0;
      }
    } else if (settled) {
      remove(records);
    } else {
      switch (view.type()) {
        case LOCK, ROLLBACK -> remove(records);
        case DELETE -> hideRest(records);
        case PUT -> {
          if (view.countsAt(safePoint)) {
            keep();
          } else {
            hideRest(records);
          }
        }
      }
    }
  }

  private void keep() {
    settled = true;
    if (!counted) {
      counted = true;
      left += newerChange ? 1 : 0;
    }
  }

  private void hideRest(RecordCursor records) {
    settled = true;
    hiding = storedKey(records);
    hidingValue = valueKey();
  }

  private void remove(RecordCursor records) {
    writes.add(storedKey(records));
    byte[] value = valueKey();
    if (value != null) {
      values.add(value);
    }
  }

  private void endKey() {
    if (hiding != null) {
      writes.add(hiding);
      if (hidingValue != null) {
        values.add(hidingValue);
      }
      hiding = null;
      hidingValue = null;
    }
  }

  private static byte[] storedKey(RecordCursor records) {
    return Arrays.copyOf(records.key(), records.keyLength());
  }

  /** Null if the record has no value, or holds it itself. */
  private byte[] valueKey() {
    return view.type() == WriteType.PUT && !view.hasShortValue()
        ? MvccKeys.withTimestamp(key, view.startTs())
        : null;
  }

  private Page result(Optional<Position> rest) {
    return new Page(writes, values, left, scanned, rest);
  }
}
