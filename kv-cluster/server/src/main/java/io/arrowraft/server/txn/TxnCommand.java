package io.arrowraft.server.txn;

import io.arrowraft.runtime.Bytes;
import io.arrowraft.server.region.QueryKind;
import io.arrowraft.server.region.RegionSnapshot;
import io.arrowraft.storage.engine.ColumnFamily;
import io.arrowraft.storage.engine.WriteBatch;
import io.arrowraft.storage.mvcc.MvccKeys;
import io.arrowraft.storage.mvcc.MvccReader;
import io.arrowraft.storage.txn.AcquirePessimisticLocks;
import io.arrowraft.storage.txn.Cleanup;
import io.arrowraft.storage.txn.Command;
import io.arrowraft.storage.txn.Commit;
import io.arrowraft.storage.txn.Modification;
import io.arrowraft.storage.txn.Outcome;
import io.arrowraft.storage.txn.PessimisticRollback;
import io.arrowraft.storage.txn.Prewrite;
import io.arrowraft.storage.txn.Rollback;
import io.arrowraft.storage.txn.TxnResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * A transaction command on its way through the scheduler.
 *
 * @param memoryLocks told of the timestamps that the command reads at, while its latches are held
 * @param unlocked told of the keys that the command has unlocked
 */
record TxnCommand<V>(
    Command<V> command, long byteSize, MemoryLocks memoryLocks, Consumer<List<Bytes>> unlocked)
    implements WriteCommand<TxnResult<V>> {
  TxnCommand {
    Objects.requireNonNull(command, "command");
    Objects.requireNonNull(memoryLocks, "memoryLocks");
  }

  @Override
  public Optional<QueryKind> kind() {
    if (command instanceof Prewrite) {
      return Optional.of(QueryKind.PREWRITE);
    }
    if (command instanceof Commit) {
      return Optional.of(QueryKind.COMMIT);
    }
    if (command instanceof AcquirePessimisticLocks) {
      return Optional.of(QueryKind.ACQUIRE_PESSIMISTIC_LOCK);
    }
    return command instanceof Rollback
            || command instanceof Cleanup
            || command instanceof PessimisticRollback
        ? Optional.of(QueryKind.ROLLBACK)
        : Optional.empty();
  }

  @Override
  public List<Bytes> latchKeys() {
    return command.latchKeys();
  }

  /** A prewrite brings values; all others are small, and most of them end something. */
  @Override
  public boolean addsData() {
    return command instanceof Prewrite;
  }

  @Override
  public WriteOutcome<TxnResult<V>> evaluate(RegionSnapshot snapshot) {
    KeyBounds bounds = KeyBounds.of(snapshot.region());
    for (Bytes key : command.latchKeys()) {
      bounds.requireContains(MvccKeys.encode(key));
    }
    lockingStartTs().ifPresent(snapshot::requireWritable);
    HeldLocks held =
        new HeldLocks(
            memoryLocks,
            snapshot.region().getId(),
            snapshot.term(),
            snapshot.region().getRegionEpoch().getVersion());
    try (MvccReader reader = TxnReads.reader(snapshot)) {
      Outcome<V> outcome = command.evaluate(reader, held);
      memoryLocks.observeRead(outcome.observedTs());
      WriteBatch batch = Modification.batchOf(outcome.modifications());
      List<Bytes> gone = unlockedBy(outcome.modifications());
      return new WriteOutcome<>(
          outcome.result(),
          batch.operations(),
          () -> {
            held.release();
            unlocked.accept(gone);
          });
    } catch (RuntimeException failure) {
      held.release();
      throw failure;
    }
  }

  /** Commands that take locks must find the records of earlier rollbacks and conflicts. */
  private OptionalLong lockingStartTs() {
    if (command instanceof Prewrite prewrite) {
      return OptionalLong.of(prewrite.startTs());
    }
    return command instanceof AcquirePessimisticLocks locks
        ? OptionalLong.of(locks.startTs())
        : OptionalLong.empty();
  }

  private static List<Bytes> unlockedBy(List<Modification> modifications) {
    List<Bytes> keys = new ArrayList<>();
    for (Modification modification : modifications) {
      if (modification instanceof Modification.Delete delete
          && delete.family() == ColumnFamily.LOCK) {
        keys.add(MvccKeys.decode(delete.key()));
      }
    }
    return keys;
  }
}
