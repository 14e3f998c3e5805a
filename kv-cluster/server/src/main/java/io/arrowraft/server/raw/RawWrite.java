package io.arrowraft.server.raw;

import io.arrowraft.proto.metapb.Region;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.server.region.QueryKind;
import io.arrowraft.server.region.RegionSnapshot;
import io.arrowraft.server.txn.KeyBounds;
import io.arrowraft.server.txn.WriteCommand;
import io.arrowraft.server.txn.WriteOutcome;
import io.arrowraft.storage.engine.ColumnFamily;
import io.arrowraft.storage.engine.WriteBatch;
import io.arrowraft.storage.txn.RawValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Puts and deletes of raw keys that look at nothing.
 *
 * @param changes in order
 * @param besideCompareAndSwap whether they take turns with compare-and-swap on the same keys; blind
 *     writes do not and so cost less
 */
public record RawWrite(List<Change> changes, boolean besideCompareAndSwap)
    implements WriteCommand<Void> {
  private static final int INLINE_BYTES_MAX = 64 << 10;

  /**
   * One key's change.
   *
   * @param value null to delete
   */
  public record Change(byte[] key, RawValue value) {
    public Change {
      Objects.requireNonNull(key, "key");
    }

    long byteSize() {
      return key.length + (value == null ? 0L : value.value().length());
    }

    WriteBatch.Operation operation() {
      return value == null
          ? new WriteBatch.Delete(ColumnFamily.RAW, key)
          : new WriteBatch.Put(ColumnFamily.RAW, key, value.encode());
    }
  }

  public RawWrite {
    changes = List.copyOf(changes);
  }

  @Override
  public Optional<QueryKind> kind() {
    boolean deletes = !changes.isEmpty() && changes.get(0).value() == null;
    return Optional.of(deletes ? QueryKind.DELETE : QueryKind.PUT);
  }

  @Override
  public List<Bytes> latchKeys() {
    return besideCompareAndSwap
        ? changes.stream().map(change -> Bytes.wrap(change.key())).toList()
        : List.of();
  }

  @Override
  public long byteSize() {
    return changes.stream().mapToLong(Change::byteSize).sum();
  }

  @Override
  public boolean addsData() {
    return changes.stream().anyMatch(change -> change.value() != null);
  }

  @Override
  public boolean needsWorker() {
    return byteSize() > INLINE_BYTES_MAX;
  }

  @Override
  public WriteOutcome<Void> evaluate(RegionSnapshot snapshot) {
    return new WriteOutcome<>(null, operations(snapshot.region()));
  }

  @Override
  public Optional<WriteOutcome<Void>> evaluateBlindly(Region region) {
    return besideCompareAndSwap || needsWorker()
        ? Optional.empty()
        : Optional.of(new WriteOutcome<>(null, operations(region)));
  }

  private List<WriteBatch.Operation> operations(Region region) {
    KeyBounds bounds = KeyBounds.of(region);
    List<WriteBatch.Operation> operations = new ArrayList<>(changes.size());
    for (Change change : changes) {
      bounds.requireContains(change.key());
      operations.add(change.operation());
    }
    return operations;
  }
}
