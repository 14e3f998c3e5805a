package io.arrowraft.server.merge;

import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.store.MergeState;
import io.arrowraft.proto.store.MergedRegion;
import io.arrowraft.proto.store.RegionPhase;
import io.arrowraft.proto.store.RegionState;
import io.arrowraft.server.apply.RegionFixture;
import io.arrowraft.server.state.RegionRecords;
import io.arrowraft.storage.engine.WriteBatch;
import io.arrowraft.storage.memory.MemoryEngine;
import org.junit.jupiter.api.Test;

class MergeOutlookTest {
  private static final long SOURCE = 2;

  private final Region target = RegionFixture.region(1, "m", "");
  private final MergeState merge = MergeState.newBuilder().setTarget(target).setCommit(9).build();

  @Test
  void targetAtTheEpochOfThePreparationOrBeforeCanStillTakeTheSourceIn() {
    assertThat(outlook(state(RegionPhase.NORMAL, 1))).isEqualTo(MergeOutlook.OPEN);
    assertThat(outlook(state(RegionPhase.NORMAL, 0))).isEqualTo(MergeOutlook.OPEN);
    assertThat(outlook(state(RegionPhase.APPLYING, 5))).isEqualTo(MergeOutlook.OPEN);
  }

  @Test
  void laterTargetThatDoesNotRememberTheSourceNeverWill() {
    assertThat(outlook(state(RegionPhase.NORMAL, 2))).isEqualTo(MergeOutlook.IMPOSSIBLE);
    assertThat(outlook(state(RegionPhase.TOMBSTONE, 2).setMergedInto(7)))
        .isEqualTo(MergeOutlook.IMPOSSIBLE);
    assertThat(outlook(state(RegionPhase.TOMBSTONE, 2).setRemovedIndex(7)))
        .isEqualTo(MergeOutlook.IMPOSSIBLE);
  }

  @Test
  void targetThatRemembersTheSourceHasTakenItIn() {
    MergedRegion remembered = MergedRegion.newBuilder().setRegionId(SOURCE).setVersion(2).build();
    assertThat(outlook(state(RegionPhase.NORMAL, 4).addMerged(remembered)))
        .isEqualTo(MergeOutlook.DONE);
  }

  @Test
  void targetThatIsMergingAtThatEpochCannotTakeAnythingIn() {
    assertThat(outlook(state(RegionPhase.MERGING, 1))).isEqualTo(MergeOutlook.IMPOSSIBLE);
    assertThat(outlook(state(RegionPhase.TOMBSTONE, 1).setMergedInto(7)))
        .isEqualTo(MergeOutlook.IMPOSSIBLE);
  }

  @Test
  void targetThatIsGoneOrHasForgottenTellsNothing() {
    assertThat(MergeOutlook.of(new MemoryEngine(), SOURCE, merge)).isEqualTo(MergeOutlook.UNKNOWN);
    assertThat(outlook(state(RegionPhase.TOMBSTONE, 2))).isEqualTo(MergeOutlook.UNKNOWN);
    RegionState.Builder full = state(RegionPhase.NORMAL, 4);
    for (int i = 0; i < 256; i++) {
      full.addMerged(MergedRegion.newBuilder().setRegionId(100 + i));
    }
    assertThat(outlook(full)).isEqualTo(MergeOutlook.UNKNOWN);
  }

  private RegionState.Builder state(RegionPhase phase, long version) {
    Region.Builder region = target.toBuilder();
    region.getRegionEpochBuilder().setVersion(version);
    return RegionState.newBuilder().setPhase(phase).setRegion(region).setPeerId(11);
  }

  private MergeOutlook outlook(RegionState.Builder state) {
    MemoryEngine engine = new MemoryEngine();
    WriteBatch batch = new WriteBatch();
    RegionRecords.putRegionState(batch, state.build());
    engine.write(batch, true);
    return MergeOutlook.of(engine, SOURCE, merge);
  }
}
