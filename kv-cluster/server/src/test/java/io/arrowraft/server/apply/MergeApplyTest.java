package io.arrowraft.server.apply;

import static io.arrowraft.server.apply.RegionFixture.PEER;
import static io.arrowraft.server.apply.RegionFixture.STORE;
import static io.arrowraft.server.apply.RegionFixture.bytes;
import static io.arrowraft.server.apply.RegionFixture.data;
import static io.arrowraft.server.apply.RegionFixture.put;
import static io.arrowraft.server.apply.RegionFixture.region;
import static io.arrowraft.server.apply.RegionFixture.split;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.store.ApplyState;
import io.arrowraft.proto.store.CommitMergeCommand;
import io.arrowraft.proto.store.LoggedEntry;
import io.arrowraft.proto.store.PrepareMergeCommand;
import io.arrowraft.proto.store.RegionPhase;
import io.arrowraft.proto.store.RegionState;
import io.arrowraft.raft.core.Entry;
import io.arrowraft.server.region.RegionEvent;
import io.arrowraft.server.region.RegionObservers;
import io.arrowraft.server.state.MergedRegions;
import io.arrowraft.server.state.RegionRecords;
import io.arrowraft.storage.engine.ColumnFamily;
import io.arrowraft.storage.memory.MemoryEngine;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The left region, 2, becomes part of the right one, 1. */
class MergeApplyTest {
  private final Region target = region(1, "m", "");
  private final Region source = region(2, "", "m");
  private final RegionObservers observers = new RegionObservers();
  private final List<RegionEvent> events = new ArrayList<>();
  private MemoryEngine engine = new MemoryEngine();
  private RegionApplier left;
  private RegionApplier right;

  private void open() {
    observers.register(events::add);
    RegionFixture.create(engine, source, PEER);
    RegionFixture.create(engine, target, PEER);
    left = applier(source);
    right = applier(target);
  }

  private RegionApplier applier(Region region) {
    ApplyState applied =
        RegionRecords.applyState(engine, region.getId()).orElseGet(ApplyState::getDefaultInstance);
    Region now =
        RegionRecords.regionState(engine, region.getId()).map(RegionState::getRegion).orElseThrow();
    return new RegionApplier(engine, observers, STORE, PEER, now, applied);
  }

  private Entry prepare(long index) {
    return Entry.normal(
        6,
        index,
        CommandCodec.prepareMerge(
            source.getRegionEpoch(),
            PrepareMergeCommand.newBuilder().setMinIndex(6).setTarget(target).build()));
  }

  /** Carries the source's entries 6 and 7: a write and the preparation. */
  private CommitMergeCommand merge() {
    Region prepared = MergeApply.prepared(source);
    return CommitMergeCommand.newBuilder()
        .setSource(prepared)
        .setMinIndex(6)
        .setCommit(7)
        .setCommitTerm(6)
        .addEntries(logged(data(6, source.getRegionEpoch(), put("a", "1"))))
        .addEntries(logged(prepare(7)))
        .build();
  }

  private static LoggedEntry logged(Entry entry) {
    return LoggedEntry.newBuilder()
        .setTerm(entry.term())
        .setData(ByteString.copyFrom(entry.data()))
        .build();
  }

  private Entry commit(long index) {
    return Entry.normal(6, index, CommandCodec.commitMerge(target.getRegionEpoch(), merge()));
  }

  private ApplyResult mergeWhole() {
    left.apply(left.missing(merge()));
    right.sourceIsReady(left.asMergeSource());
    return right.apply(List.of(commit(6)));
  }

  @Test
  void preparedSourceRefusesWhateverComesAfterwards() {
    open();
    Region now = left.apply(List.of(prepare(6))).region();

    ApplyResult refused =
        left.apply(
            List.of(
                data(7, source.getRegionEpoch(), put("a", "1")),
                data(8, now.getRegionEpoch(), put("a", "1")),
                split(9, source, "c"),
                prepare(10)));

    assertThat(now.getRegionEpoch().getVersion()).isEqualTo(2);
    assertThat(now.getRegionEpoch().getConfVer()).isEqualTo(2);
    assertThat(refused.outcomes()).allMatch(outcome -> outcome.refusal().isPresent());
    assertThat(refused.merging()).isPresent();
    assertThat(phase(2)).isEqualTo(RegionPhase.MERGING);
    assertThat(applier(source).merging()).isPresent();
  }

  @Test
  void targetWaitsForItsSourceAndThenHasBothRanges() {
    open();
    ApplyResult waiting =
        right.apply(List.of(data(6, target.getRegionEpoch(), put("z", "2")), commit(7)));
    assertThat(waiting.outcomes()).hasSize(1);
    assertThat(waiting.awaited()).containsInstanceOf(Awaited.Source.class);
    assertThat(waiting.appliedIndex()).isEqualTo(6);

    left.apply(left.missing(merge()));
    right.sourceIsReady(left.asMergeSource());
    ApplyResult merged = right.apply(List.of(commit(7)));

    assertThat(merged.region().getStartKey().isEmpty()).isTrue();
    assertThat(merged.region().getEndKey().isEmpty()).isTrue();
    assertThat(merged.region().getRegionEpoch().getVersion()).isEqualTo(3);
    assertThat(merged.counts().keys()).isEqualTo(2);
    assertThat(merged.absorbed()).hasSize(1);
    assertThat(engine.get(ColumnFamily.RAW, bytes("a"))).isEqualTo(bytes("1"));
    RegionState end = RegionRecords.regionState(engine, 2).orElseThrow();
    assertThat(end.getPhase()).isEqualTo(RegionPhase.TOMBSTONE);
    assertThat(end.getMergedInto()).isEqualTo(1);
    assertThat(
            MergedRegions.contains(
                RegionRecords.regionState(engine, 1).orElseThrow().getMergedList(), 2))
        .isTrue();
    assertThat(engine.unsyncedBatches()).isZero();
    assertThat(events.get(events.size() - 1)).isInstanceOf(RegionEvent.Merged.class);
  }

  @Test
  void mergeAtAnotherEpochOfTheTargetIsRefusedWithoutWaiting() {
    open();
    right.childrenAreReserved();
    right.apply(List.of(split(6, target, "t")));

    ApplyResult late = right.apply(List.of(commit(7)));

    assertThat(late.awaited()).isEmpty();
    assertThat(late.outcomes().get(0).refusal()).isPresent();
  }

  @Test
  void rollbackGivesTheSourceBackAtALaterVersion() {
    open();
    Region prepared = left.apply(List.of(prepare(6))).region();

    ApplyResult back =
        left.apply(
            List.of(
                Entry.normal(6, 7, CommandCodec.rollbackMerge(prepared.getRegionEpoch(), 5)),
                Entry.normal(6, 8, CommandCodec.rollbackMerge(prepared.getRegionEpoch(), 6))));

    assertThat(back.outcomes().get(0).refusal()).isPresent();
    assertThat(back.merging()).isEmpty();
    assertThat(back.region().getRegionEpoch().getVersion()).isEqualTo(3);
    assertThat(phase(2)).isEqualTo(RegionPhase.NORMAL);
    ApplyResult written =
        left.apply(List.of(data(9, back.region().getRegionEpoch(), put("a", "1"))));
    assertThat(written.outcomes().get(0).refusal()).isEmpty();
  }

  @Test
  void powerLossAtEveryWriteLeavesARowOfTheCrashTable() {
    for (int seed = 0; seed < 60; seed++) {
      engine = new MemoryEngine();
      open();
      int writes = seed % 4;
      if (writes > 0) {
        left.apply(List.of(data(6, source.getRegionEpoch(), put("a", "1"))));
      }
      if (writes > 1) {
        left.apply(List.of(prepare(7)));
      }
      if (writes > 2) {
        mergeWhole();
      }
      engine = engine.crash(new Random(seed));

      boolean merged = phase(2) == RegionPhase.TOMBSTONE;
      Region right2 = RegionRecords.regionState(engine, 1).orElseThrow().getRegion();
      assertThat(right2.getStartKey().isEmpty()).isEqualTo(merged);
      assertThat(merged).isEqualTo(writes > 2);
      if (!merged) {
        // What is not there is applied again, from the log or from what the merge carries.
        left = applier(source);
        right = applier(target);
        assertThat(left.merging().isPresent()).isEqualTo(phase(2) == RegionPhase.MERGING);
        mergeWhole();
      }
      assertThat(engine.get(ColumnFamily.RAW, bytes("a"))).isEqualTo(bytes("1"));
      assertThat(phase(2)).isEqualTo(RegionPhase.TOMBSTONE);
      assertThat(RegionRecords.applyState(engine, 2)).isEmpty();
    }
  }

  private RegionPhase phase(long regionId) {
    return RegionRecords.regionState(engine, regionId).orElseThrow().getPhase();
  }
}
