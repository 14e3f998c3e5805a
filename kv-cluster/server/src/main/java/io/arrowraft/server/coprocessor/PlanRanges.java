package io.arrowraft.server.coprocessor;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.arrowraft.proto.coprocessor.KeyRange;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.server.txn.KeyBounds;
import io.arrowraft.storage.mvcc.MvccKeys;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The ranges of a request, ascending and apart, in plain keys.
 *
 * @param ranges each with an inclusive start and an exclusive end; the end of the last may be empty
 *     for the region's end
 */
record PlanRanges(List<Range> ranges) {

  /** One range of plain keys. */
  record Range(Bytes start, Bytes end) {}

  PlanRanges {
    ranges = List.copyOf(ranges);
  }

  /** The ranges of a request; empty if they are not ascending and apart, or none. */
  static Optional<PlanRanges> of(List<KeyRange> wanted) {
    List<Range> ranges = new ArrayList<>(wanted.size());
    Bytes last = Bytes.EMPTY;
    for (int i = 0; i < wanted.size(); i++) {
      Bytes start = Bytes.wrap(wanted.get(i).getStart().toByteArray());
      Bytes end = Bytes.wrap(wanted.get(i).getEnd().toByteArray());
      boolean open = end.isEmpty();
      if (start.compareTo(last) < 0
          || (open && i + 1 < wanted.size())
          || (!open && start.compareTo(end) > 0)) {
        return Optional.empty();
      }
      ranges.add(new Range(start, end));
      last = end;
    }
    return ranges.isEmpty() ? Optional.empty() : Optional.of(new PlanRanges(ranges));
  }

  /** Refuses ranges that are not inside the region. */
  void requireInside(KeyBounds bounds) {
    for (Range range : ranges) {
      if (range.start().equals(range.end()) && !range.end().isEmpty()) {
        continue;
      }
      bounds.requireContains(MvccKeys.encode(range.start()));
      if (!range.end().isEmpty()) {
        bounds.requireContainsAsEnd(MvccKeys.encode(range.end()));
      }
    }
  }

  /**
   * What a scan has answered that goes on at {@code resume}: ascending everything below it,
   * descending everything from it on.
   */
  KeyRange coveredUntil(Bytes resume, boolean descending) {
    return descending
        ? covered(resume, ranges.get(ranges.size() - 1).end())
        : covered(ranges.get(0).start(), resume);
  }

  /** Everything that was asked for. */
  KeyRange coveredWhole() {
    return covered(ranges.get(0).start(), ranges.get(ranges.size() - 1).end());
  }

  private static KeyRange covered(Bytes start, Bytes end) {
    return KeyRange.newBuilder().setStart(wrap(start)).setEnd(wrap(end)).build();
  }

  private static ByteString wrap(Bytes bytes) {
    return UnsafeByteOperations.unsafeWrap(bytes.unsafeArray());
  }
}
