package io.arrowraft.server.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.store.RegionPhase;
import io.arrowraft.proto.store.RegionState;
import io.arrowraft.storage.engine.EngineSnapshot;
import io.arrowraft.storage.engine.WriteBatch;
import io.arrowraft.storage.memory.MemoryEngine;
import org.junit.jupiter.api.Test;

class RecentRegionStateTest {
  private final MemoryEngine engine = new MemoryEngine();
  private final RecentRegionState recent = new RecentRegionState(7);

  @Test
  void eachViewShowsItsOwnState() {
    assertThat(recent.in(engine)).isEmpty();
    RegionState normal = write(RegionPhase.NORMAL);
    try (EngineSnapshot before = engine.snapshot()) {
      assertThat(recent.in(before)).contains(normal);
      RegionState merging = write(RegionPhase.MERGING);
      assertThat(recent.in(engine)).contains(merging);
      assertThat(recent.in(before)).contains(normal);
    }
  }

  @Test
  void aStateThatHasNotChangedIsDecodedOnce() {
    write(RegionPhase.NORMAL);
    assertThat(recent.in(engine).orElseThrow()).isSameAs(recent.in(engine).orElseThrow());
  }

  private RegionState write(RegionPhase phase) {
    RegionState state =
        RegionState.newBuilder().setRegion(Region.newBuilder().setId(7)).setPhase(phase).build();
    WriteBatch batch = new WriteBatch();
    RegionRecords.putRegionState(batch, state);
    engine.write(batch, false);
    return state;
  }
}
