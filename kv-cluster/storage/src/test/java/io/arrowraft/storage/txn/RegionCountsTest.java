package io.arrowraft.storage.txn;

import static io.arrowraft.storage.txn.TestStore.bytes;
import static io.arrowraft.storage.txn.TestStore.commit;
import static io.arrowraft.storage.txn.TestStore.prewrite;
import static io.arrowraft.storage.txn.TestStore.put;
import static io.arrowraft.storage.txn.TestStore.rollback;
import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.runtime.Bytes;
import io.arrowraft.storage.engine.ColumnFamily;
import io.arrowraft.storage.memory.MemoryEngine;
import java.util.List;
import org.junit.jupiter.api.Test;

class RegionCountsTest {
  private final TestStore store = new TestStore(new MemoryEngine());
  private RegionCounts counts = RegionCounts.NONE;

  @Test
  void countsFollowTheWriteRecordsThatAreThere() {
    count(put("a", "1", "a", 10));
    assertThat(counts).isEqualTo(RegionCounts.NONE);
    count(commit(10, 20, "a"));
    count(prewrite("a", 30, PrewriteMutation.delete(bytes("a"))));
    count(commit(30, 40, "a"));
    count(rollback(50, "a"));
    count(rollback(60, "a"));

    assertThat(counts).isEqualTo(new RegionCounts(1, 1, 2, 1, 0));
    assertThat(counts.versions()).isEqualTo(store.count(ColumnFamily.WRITE));
  }

  @Test
  void rawPutsAreCountedApart() {
    Modification put =
        new Modification.Put(
            ColumnFamily.RAW, new byte[] {1}, RawValue.lasting(Bytes.EMPTY).encode());

    assertThat(
            RegionCounts.of(List.of(put, new Modification.Delete(ColumnFamily.RAW, new byte[1]))))
        .isEqualTo(new RegionCounts(0, 0, 0, 0, 1));
  }

  private void count(Command<?> command) {
    counts = counts.plus(RegionCounts.of(store.evaluate(command).modifications()));
    store.run(command);
  }
}
