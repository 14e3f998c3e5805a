package io.arrowraft.storage.mvcc;

import static io.arrowraft.storage.txn.TestStore.bytes;
import static io.arrowraft.storage.txn.TestStore.commit;
import static io.arrowraft.storage.txn.TestStore.prewrite;
import static io.arrowraft.storage.txn.TestStore.put;
import static io.arrowraft.storage.txn.TestStore.rollback;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arrowraft.runtime.Bytes;
import io.arrowraft.storage.engine.ColumnFamily;
import io.arrowraft.storage.engine.EngineException;
import io.arrowraft.storage.engine.WriteBatch;
import io.arrowraft.storage.memory.MemoryEngine;
import io.arrowraft.storage.txn.PrewriteMutation;
import io.arrowraft.storage.txn.TestStore;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class MvccReaderTest {
  private final TestStore store = new TestStore(new MemoryEngine());

  @Test
  void readsTheNewestVersionAtOrBelowTheTimestamp() {
    store.write("k", "v1", 10, 20);
    store.write("k", "v2", 30, 40);
    store.delete("k", 50, 60);

    assertThat(store.value("k", 19)).isNull();
    assertThat(store.value("k", 20)).isEqualTo("v1");
    assertThat(store.value("k", 39)).isEqualTo("v1");
    assertThat(store.value("k", 40)).isEqualTo("v2");
    assertThat(store.value("k", 60)).isNull();
    assertThat(store.value("k", Timestamps.MAX)).isNull();
    assertThat(store.value("j", 100)).isNull();
    assertThat(store.value("kk", 100)).isNull();
  }

  @Test
  void longValuesComeFromTheirOwnFamily() {
    String longValue = "x".repeat(256);
    store.write("k", longValue, 10, 20);

    assertThat(store.value("k", 20)).isEqualTo(longValue);
    assertThat(store.count(ColumnFamily.DEFAULT)).isEqualTo(1);
    store.write("s", "y".repeat(255), 10, 20);
    assertThat(store.count(ColumnFamily.DEFAULT)).isEqualTo(1);
  }

  @Test
  void aMissingLongValueIsCorruptionAndNotAbsence() {
    store.write("k", "x".repeat(256), 10, 20);
    store
        .engine()
        .write(
            new WriteBatch()
                .delete(
                    ColumnFamily.DEFAULT, MvccKeys.withTimestamp(MvccKeys.encode(bytes("k")), 10)),
            false);

    assertThatThrownBy(() -> store.value("k", 20))
        .isInstanceOfSatisfying(
            EngineException.class,
            e -> assertThat(e.kind()).isEqualTo(EngineException.Kind.CORRUPTION))
        .hasMessageContaining("not the value it refers to");
  }

  @Test
  void lockAndRollbackRecordsAreReadPast() {
    store.write("k", "v", 10, 20);
    for (long ts = 30; ts < 130; ts += 10) {
      store.succeed(prewrite("k", ts, PrewriteMutation.lock(bytes("k"))));
      store.succeed(commit(ts, ts + 5, "k"));
    }
    store.succeed(rollback(140, "k"));

    assertThat(store.value("k", 200)).isEqualTo("v");
  }

  @Test
  void aLockAtOrBelowTheTimestampBlocksASnapshotReadOnly() {
    store.write("k", "old", 10, 20);
    store.succeed(put("k", "new", "p", 30));

    assertThat(store.get("k", ReadView.at(29))).isInstanceOf(GetResult.Found.class);
    // The prewrite says it commits at 31 at the earliest.
    assertThat(store.get("k", ReadView.at(30))).isInstanceOf(GetResult.Found.class);
    GetResult blocked = store.get("k", ReadView.at(31));
    assertThat(blocked)
        .isInstanceOfSatisfying(
            GetResult.Locked.class,
            result -> {
              assertThat(result.locked().key()).isEqualTo(bytes("k"));
              assertThat(result.locked().lock().startTs()).isEqualTo(30);
              assertThat(result.locked().lock().primary()).isEqualTo(bytes("p"));
            });
    assertThat(store.get("k", view(31, ReadView.Isolation.READ_COMMITTED, Set.of(), Set.of())))
        .isEqualTo(new GetResult.Found(bytes("old"), 20));
  }

  @Test
  void resolvedLocksAreBypassedAndCommittedOnesReadThrough() {
    store.write("k", "old", 10, 20);
    store.succeed(put("k", "new", "p", 30));
    ReadView bypass = view(50, ReadView.Isolation.SNAPSHOT, Set.of(30L), Set.of());
    ReadView access = view(50, ReadView.Isolation.SNAPSHOT, Set.of(), Set.of(30L));

    assertThat(store.get("k", bypass)).isEqualTo(new GetResult.Found(bytes("old"), 20));
    assertThat(store.get("k", access)).isEqualTo(new GetResult.Found(bytes("new"), 0));
  }

  @Test
  void readingThroughALockKnowsDeletesAndLongValues() {
    String longValue = "x".repeat(300);
    store.write("d", "old", 10, 20);
    store.succeed(
        prewrite(
            "p",
            30,
            PrewriteMutation.delete(bytes("d")),
            PrewriteMutation.put(bytes("l"), bytes(longValue))));
    ReadView access = view(50, ReadView.Isolation.SNAPSHOT, Set.of(), Set.of(30L));

    assertThat(store.get("d", access)).isInstanceOf(GetResult.Absent.class);
    assertThat(store.get("l", access)).isEqualTo(new GetResult.Found(bytes(longValue), 0));
  }

  @Test
  void locksThatChangeNothingDoNotBlock() {
    store.write("k", "v", 10, 20);
    store.succeed(prewrite("p", 30, PrewriteMutation.lock(bytes("k"))));

    assertThat(store.value("k", 50)).isEqualTo("v");
  }

  @Test
  void aReadOfTheLatestPassesAnUncommittedPrimaryOnly() {
    store.write("p", "old", 10, 20);
    store.succeed(
        prewrite(
            "p",
            30,
            PrewriteMutation.put(bytes("p"), bytes("new")),
            PrewriteMutation.put(bytes("s"), bytes("new"))));

    assertThat(store.value("p", Timestamps.MAX)).isEqualTo("old");
    assertThat(store.get("s", ReadView.at(Timestamps.MAX))).isInstanceOf(GetResult.Locked.class);
  }

  /** Rule 38: an asynchronous commit may have happened with only the lock to show for it. */
  @Test
  void aReadOfTheLatestDoesNotPassAnAsynchronousPrimary() {
    Lock lock = Lock.twoPhase(LockType.PUT, bytes("p"), 30, 1, bytes("v"), 1, 31);
    Lock async =
        new Lock(
            lock.type(),
            lock.primary(),
            lock.startTs(),
            lock.ttlMillis(),
            lock.shortValue(),
            0,
            1,
            31,
            true,
            List.of(),
            List.of(),
            0,
            false,
            0,
            Bytes.EMPTY);
    ReadView latest = ReadView.at(Timestamps.MAX);

    assertThat(latest.judge(bytes("p"), lock)).isEqualTo(ReadView.Verdict.IGNORE);
    assertThat(latest.judge(bytes("p"), async)).isEqualTo(ReadView.Verdict.BLOCKED);
  }

  /** Rule 34: the fence of a rewritten record says that it should be gone with its successor. */
  @Test
  void aFencedRecordWhoseSuccessorIsGoneIsNotSeen() {
    store.write("k", "v", 10, 20);
    Write put = store.records("k").get(20L);
    byte[] stored = MvccKeys.withTimestamp(MvccKeys.encode(bytes("k")), 20);
    store
        .engine()
        .write(
            new WriteBatch()
                .put(ColumnFamily.WRITE, stored, put.withOverlappedRollback(40).encode()),
            false);

    assertThat(store.value("k", 39)).isEqualTo("v");
    assertThat(store.value("k", 40)).isNull();
  }

  @Test
  void oneReaderServesManyKeysAndCountsItsWork() {
    for (int i = 0; i < 20; i++) {
      store.write("k" + i, "v" + i, 10, 20);
    }
    ReadStatistics statistics =
        store.read(
            reader -> {
              for (int i = 19; i >= 0; i--) {
                assertThat(reader.get(bytes("k" + i), ReadView.at(30)))
                    .isEqualTo(new GetResult.Found(bytes("v" + i), 20));
              }
              return reader.statistics();
            });

    assertThat(statistics.processedKeys()).isEqualTo(20);
    assertThat(statistics.scannedVersions()).isEqualTo(20);
  }

  private static ReadView view(
      long ts, ReadView.Isolation isolation, Set<Long> bypass, Set<Long> access) {
    return new ReadView(ts, isolation, bypass, access);
  }
}
