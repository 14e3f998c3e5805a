package io.arrowraft.server.raw;

import io.arrowraft.runtime.Bytes;
import io.arrowraft.server.region.QueryKind;
import io.arrowraft.server.region.RegionSnapshot;
import io.arrowraft.server.txn.KeyBounds;
import io.arrowraft.server.txn.WriteCommand;
import io.arrowraft.server.txn.WriteOutcome;
import io.arrowraft.storage.txn.RawValue;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Changes a raw key if it holds what the caller expects.
 *
 * @param expected empty if the key must be absent
 * @param change what to do if so
 * @param nowSeconds decides which values have expired
 */
public record RawCompareAndSwap(Optional<Bytes> expected, RawWrite.Change change, long nowSeconds)
    implements WriteCommand<RawCompareAndSwap.Answer> {

  /**
   * @param swapped whether the change was made
   * @param previous the value found; empty if there was none
   */
  public record Answer(boolean swapped, Optional<Bytes> previous) {}

  public RawCompareAndSwap {
    Objects.requireNonNull(expected, "expected");
    Objects.requireNonNull(change, "change");
  }

  @Override
  public Optional<QueryKind> kind() {
    return Optional.of(QueryKind.PUT);
  }

  @Override
  public List<Bytes> latchKeys() {
    return List.of(Bytes.wrap(change.key()));
  }

  @Override
  public long byteSize() {
    return change.byteSize() + expected.map(Bytes::length).orElse(0);
  }

  @Override
  public boolean addsData() {
    return change.value() != null;
  }

  @Override
  public WriteOutcome<Answer> evaluate(RegionSnapshot snapshot) {
    KeyBounds.of(snapshot.region()).requireContains(change.key());
    Optional<Bytes> found = RawReads.read(snapshot, change.key(), nowSeconds).map(RawValue::value);
    if (!found.equals(expected)) {
      return WriteOutcome.unchanged(new Answer(false, found));
    }
    return new WriteOutcome<>(new Answer(true, found), List.of(change.operation()));
  }
}
