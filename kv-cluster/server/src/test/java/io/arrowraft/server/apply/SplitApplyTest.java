package io.arrowraft.server.apply;

import static io.arrowraft.server.apply.RegionFixture.PEER;
import static io.arrowraft.server.apply.RegionFixture.STORE;
import static io.arrowraft.server.apply.RegionFixture.bytes;
import static io.arrowraft.server.apply.RegionFixture.data;
import static io.arrowraft.server.apply.RegionFixture.put;
import static io.arrowraft.server.apply.RegionFixture.region;
import static io.arrowraft.server.apply.RegionFixture.split;
import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.proto.metapb.Region;
import io.arrowraft.raft.core.Entry;
import io.arrowraft.server.region.RegionObservers;
import io.arrowraft.server.state.RegionRecords;
import io.arrowraft.storage.engine.ColumnFamily;
import io.arrowraft.storage.engine.WriteBatch;
import io.arrowraft.storage.memory.MemoryEngine;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Correctness rule 16, as far as one store's data engine goes. */
class SplitApplyTest {
  private final MemoryEngine engine = new MemoryEngine();
  private final Region region = region(1, "", "");
  private final RegionApplier applier = newApplier();

  private RegionApplier newApplier() {
    RegionFixture.create(engine, region, PEER);
    return new RegionApplier(
        engine, new RegionObservers(), STORE, PEER, region, InitialLog.applyState(Counts.ZERO));
  }

  @Test
  void splitIsDurableBeforeItsNewReplicaIsHandedOut() {
    apply(data(6, region.getRegionEpoch(), put("a", "1")));
    assertThat(engine.unsyncedBatches()).as("data alone needs no sync").isPositive();

    assertThat(apply(split(7, region, "m")).children()).hasSize(1);

    MemoryEngine after = engine.crash(() -> 0);
    assertThat(RegionRecords.regionState(after, 100)).isPresent();
    assertThat(RegionRecords.applyState(after, 1).orElseThrow().getAppliedIndex()).isEqualTo(7);
    assertThat(after.get(ColumnFamily.RAW, bytes("a"))).isEqualTo(bytes("1"));
  }

  @Test
  void splitLeavesTheRecordsAndTheDataThatASnapshotBroughtFirst() {
    Region newer =
        region(100, "", "m").toBuilder().setPeers(0, RegionFixture.peer(1000, 1)).build();
    RegionFixture.create(engine, newer, 1000);
    WriteBatch brought = new WriteBatch().put(ColumnFamily.RAW, bytes("a"), bytes("newer"));
    RegionRecords.putApplyState(
        brought, 100, InitialLog.applyState(Counts.ZERO).toBuilder().setAppliedIndex(40).build());
    engine.write(brought, false);

    assertThat(apply(split(6, region, "m")).children()).isEmpty();

    assertThat(RegionRecords.regionState(engine, 100).orElseThrow().getRegion()).isEqualTo(newer);
    assertThat(RegionRecords.applyState(engine, 100).orElseThrow().getAppliedIndex()).isEqualTo(40);
    assertThat(engine.get(ColumnFamily.RAW, bytes("a"))).isEqualTo(bytes("newer"));
  }

  private ApplyResult apply(Entry entry) {
    applier.childrenAreReserved();
    return applier.apply(List.of(entry));
  }
}
