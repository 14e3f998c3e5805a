package io.arrowraft.server.txn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.metapb.RegionEpoch;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.server.region.RegionSnapshot;
import io.arrowraft.storage.engine.ColumnFamily;
import io.arrowraft.storage.engine.CorruptDataException;
import io.arrowraft.storage.engine.WriteBatch;
import io.arrowraft.storage.memory.FaultyEngine;
import io.arrowraft.storage.memory.MemoryEngine;
import io.arrowraft.storage.mvcc.GetResult;
import io.arrowraft.storage.mvcc.MvccKeys;
import io.arrowraft.storage.mvcc.ReadView;
import io.arrowraft.storage.txn.Done;
import io.arrowraft.storage.txn.Rollback;
import io.arrowraft.storage.txn.TxnResult;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Damage ends the replica that it is found for (correctness rule 55), so a replica that is sound
 * must not come upon what is stored for the region after its own, where it looks for keys that it
 * does not have.
 */
class NeighbourDamageTest {
  private static final Bytes FIRST_OF_NEIGHBOUR = Bytes.ofUtf8("m");
  private static final Bytes ABSENT = Bytes.ofUtf8("l");
  private static final ReadView NOW = ReadView.at(100);

  private final FaultyEngine engine = new FaultyEngine(new MemoryEngine());

  NeighbourDamageTest() {
    byte[] record = MvccKeys.withTimestamp(MvccKeys.encode(FIRST_OF_NEIGHBOUR), 5);
    engine.write(new WriteBatch().put(ColumnFamily.WRITE, record, new byte[] {1}), true);
    engine.damage(ColumnFamily.WRITE, record, new byte[0]);
  }

  @Test
  void readsOfKeysWithoutVersionsEndAtTheirRegionsBound() {
    try (RegionSnapshot left = region("", "m")) {
      assertThat(TxnReads.get(left, ABSENT, NOW).answer()).isInstanceOf(GetResult.Absent.class);
      assertThat(TxnReads.batchGet(left, List.of(Bytes.ofUtf8("a"), ABSENT), NOW, 1000).answer())
          .isEmpty();
    }
  }

  @Test
  void commandsOnKeysWithoutVersionsEndAtTheirRegionsBound() {
    try (RegionSnapshot left = region("", "m")) {
      WriteOutcome<TxnResult<Done>> outcome =
          new TxnCommand<>(new Rollback(List.of(ABSENT), 50), 0, new MemoryLocks(), keys -> {})
              .evaluate(left);

      assertThat(outcome.mutations()).isNotEmpty();
      assertThat(MvccHistory.of(left, ABSENT, 1000).writes()).isEmpty();
    }
  }

  @Test
  void damageOfTheRegionItselfIsFound() {
    try (RegionSnapshot whole = region("", "")) {
      assertThatThrownBy(() -> TxnReads.get(whole, ABSENT, NOW))
          .isInstanceOf(CorruptDataException.class);
    }
  }

  private RegionSnapshot region(String start, String end) {
    Region region =
        Region.newBuilder()
            .setId(1)
            .setRegionEpoch(RegionEpoch.newBuilder().setConfVer(1).setVersion(1))
            .setStartKey(bound(start))
            .setEndKey(bound(end))
            .build();
    return new RegionSnapshot(region, 1, 1, engine.snapshot());
  }

  private static ByteString bound(String key) {
    return key.isEmpty()
        ? ByteString.EMPTY
        : ByteString.copyFrom(MvccKeys.encode(Bytes.ofUtf8(key)));
  }
}
