package io.arrowraft.server.txn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arrowraft.runtime.Bytes;
import io.arrowraft.runtime.InvariantViolation;
import io.arrowraft.storage.mvcc.Lock;
import io.arrowraft.storage.mvcc.LockType;
import io.arrowraft.storage.mvcc.ReadView;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class MemoryLocksTest {
  private static final Bytes KEY = Bytes.ofUtf8("k");

  private final MemoryLocks locks = new MemoryLocks();

  @Test
  void theGreatestReadTimestampNeverFalls() {
    locks.observeRead(5);
    locks.observeRead(3);
    assertThat(locks.maxTimestamp()).isEqualTo(5);
    locks.observeRead(-1L);
    assertThat(locks.maxTimestamp()).isEqualTo(5);
    locks.observeRead(Long.MIN_VALUE);
    assertThat(locks.maxTimestamp()).isEqualTo(Long.MIN_VALUE);
  }

  /** Correctness rule 36: a leader knows nothing of earlier reads of what a merge brings in. */
  @Test
  void whatIsSynchronisedHoldsForOneTermAndOneVersion() {
    locks.synced(1, 6, 3);
    assertThat(locks.isSynced(1, 6, 3)).isTrue();
    assertThat(locks.isSynced(1, 6, 4)).as("after a merge").isFalse();
    assertThat(locks.isSynced(1, 7, 3)).as("in the next term").isFalse();
    assertThat(locks.isSynced(2, 6, 3)).as("another region").isFalse();

    locks.synced(1, 6, 4);
    locks.synced(1, 6, 3);
    assertThat(locks.isSynced(1, 6, 4)).as("the answer to an earlier question comes late").isTrue();
  }

  @Test
  void aHeldKeyBlocksReadsAtOrAfterItsLeastCommit() {
    locks.observeRead(10);
    try (MemoryLocks.Held held = locks.hold(KEY, max -> lock(max + 1))) {
      assertThat(held.lock().minCommitTs()).isEqualTo(11);
      assertThat(locks.blocking(KEY, ReadView.at(10))).isEmpty();
      assertThat(locks.blocking(KEY, ReadView.at(11))).isPresent();
      assertThat(locks.blocking(Bytes.EMPTY, Bytes.EMPTY, ReadView.at(11))).isPresent();
      assertThat(locks.blocking(KEY.next(), Bytes.EMPTY, ReadView.at(11))).isEmpty();
      assertThat(locks.blocking(Bytes.EMPTY, KEY, ReadView.at(11))).isEmpty();
    }
    assertThat(locks.blocking(KEY, ReadView.at(11))).isEmpty();
  }

  @Test
  void aLockThatMayCommitBelowAReadIsABug() {
    locks.observeRead(10);
    assertThatThrownBy(() -> locks.hold(KEY, max -> lock(max)))
        .isInstanceOf(InvariantViolation.class);
  }

  @Test
  void aReaderAndAWriterNeverMissEachOther() throws InterruptedException {
    for (int round = 1; round <= 300; round++) {
      long readTs = 100L * round;
      CountDownLatch ready = new CountDownLatch(2);
      AtomicBoolean passed = new AtomicBoolean();
      MemoryLocks.Held[] held = new MemoryLocks.Held[1];
      Thread reader =
          new Thread(
              () -> {
                meet(ready);
                locks.observeRead(readTs);
                passed.set(locks.blocking(KEY, ReadView.at(readTs)).isEmpty());
              });
      Thread writer =
          new Thread(
              () -> {
                meet(ready);
                held[0] = locks.hold(KEY, max -> lock(max + 1));
              });
      reader.start();
      writer.start();
      reader.join();
      writer.join();
      assertThat(passed.get() && held[0].lock().minCommitTs() <= readTs)
          .as("the read at %s passed a lock that commits from %s", readTs, held[0].lock())
          .isFalse();
      held[0].close();
    }
  }

  private static void meet(CountDownLatch ready) {
    ready.countDown();
    while (ready.getCount() > 0) {
      Thread.onSpinWait();
    }
  }

  private static Lock lock(long minCommitTs) {
    return Lock.twoPhase(LockType.PUT, KEY, 1, 3_000, Bytes.ofUtf8("v"), 1, minCommitTs);
  }
}
