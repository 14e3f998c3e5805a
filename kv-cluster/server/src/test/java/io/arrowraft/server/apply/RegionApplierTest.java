package io.arrowraft.server.apply;

import static io.arrowraft.server.apply.RegionFixture.PEER;
import static io.arrowraft.server.apply.RegionFixture.STORE;
import static io.arrowraft.server.apply.RegionFixture.bytes;
import static io.arrowraft.server.apply.RegionFixture.data;
import static io.arrowraft.server.apply.RegionFixture.peer;
import static io.arrowraft.server.apply.RegionFixture.put;
import static io.arrowraft.server.apply.RegionFixture.region;
import static io.arrowraft.server.apply.RegionFixture.split;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.metapb.PeerRole;
import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.metapb.RegionEpoch;
import io.arrowraft.proto.store.ApplyState;
import io.arrowraft.proto.store.ChangePeersCommand;
import io.arrowraft.proto.store.PeerChange;
import io.arrowraft.proto.store.RegionPhase;
import io.arrowraft.proto.store.RegionState;
import io.arrowraft.raft.core.Entry;
import io.arrowraft.raft.core.EntryType;
import io.arrowraft.raft.core.MembershipChange;
import io.arrowraft.runtime.InvariantViolation;
import io.arrowraft.server.region.CollectStep;
import io.arrowraft.server.region.RegionEvent;
import io.arrowraft.server.region.RegionObservers;
import io.arrowraft.server.state.HeldSafePoint;
import io.arrowraft.server.state.RegionRecords;
import io.arrowraft.storage.engine.ColumnFamily;
import io.arrowraft.storage.engine.WriteBatch;
import io.arrowraft.storage.memory.MemoryEngine;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RegionApplierTest {
  private final MemoryEngine engine = new MemoryEngine();
  private final RegionObservers observers = new RegionObservers();
  private final List<RegionEvent> events = new ArrayList<>();
  private final Region region = region(1, "", "");
  private final RegionApplier applier = newApplier();

  private RegionApplier newApplier() {
    observers.register(events::add);
    RegionFixture.create(engine, region, PEER);
    return new RegionApplier(
        engine, observers, STORE, PEER, region, InitialLog.applyState(Counts.ZERO));
  }

  @Test
  void dataAndAppliedIndexAreInOneBatch() {
    int before = engine.unsyncedBatches();

    ApplyResult result =
        apply(
            List.of(
                data(6, region.getRegionEpoch(), put("a", "1")),
                data(7, region.getRegionEpoch(), put("b", "2"))));

    assertThat(engine.unsyncedBatches() - before).isEqualTo(1);
    assertThat(result.appliedIndex()).isEqualTo(7);
    assertThat(applied(1).getAppliedIndex()).isEqualTo(7);
    assertThat(applied(1).getAppliedTerm()).isEqualTo(6);
    assertThat(engine.get(ColumnFamily.RAW, bytes("b"))).isEqualTo(bytes("2"));
  }

  @Test
  void crashNeverSeparatesDataFromAppliedIndex() {
    for (int i = 0; i < 20; i++) {
      apply(List.of(data(6 + i, region.getRegionEpoch(), put("k" + i, "v"))));
    }
    for (int seed = 0; seed < 1; seed++) {
      MemoryEngine after = engine.crash(new Random(seed));
      long index = RegionRecords.applyState(after, 1).orElseThrow().getAppliedIndex();
      for (int i = 0; i < 20; i++) {
        boolean present = after.get(ColumnFamily.RAW, bytes("k" + i)) != null;
        assertThat(present).isEqualTo(6 + i <= index);
      }
    }
  }

  @Test
  void entriesMustBeConsecutive() {
    assertThatThrownBy(() -> apply(List.of(data(7, region.getRegionEpoch(), put("a", "1")))))
        .isInstanceOf(InvariantViolation.class)
        .hasMessageContaining("applied=5");
  }

  @Test
  void commandOfAnOlderVersionChangesNothingButTheAppliedIndex() {
    apply(List.of(split(6, region, "m")));

    ApplyResult result = apply(List.of(data(7, region.getRegionEpoch(), put("x", "late"))));

    assertThat(result.outcomes().get(0).refusal()).isPresent();
    assertThat(result.outcomes().get(0).refusal().get().error().hasEpochNotMatch()).isTrue();
    assertThat(engine.get(ColumnFamily.RAW, bytes("x"))).isNull();
    assertThat(applied(1).getAppliedIndex()).isEqualTo(7);
  }

  @Test
  void splitAfterAMembershipChangeIsRefused() {
    Entry lateSplit = split(7, region, "m");
    apply(List.of(addPeer(6, region, peer(14, 4))));

    ApplyResult result = apply(List.of(lateSplit));

    assertThat(result.outcomes().get(0).refusal()).isPresent();
    assertThat(result.children()).isEmpty();
    assertThat(RegionRecords.regionState(engine, 100)).isEmpty();
  }

  @Test
  void splitWritesBothRangesAndTheNewApplyStateInOneSyncedBatch() {
    ApplyResult result = apply(List.of(split(6, region, "g", "p")));

    MemoryEngine after = engine.crash(new Random(1));
    Region left = RegionRecords.regionState(after, 100).orElseThrow().getRegion();
    Region middle = RegionRecords.regionState(after, 101).orElseThrow().getRegion();
    Region right = RegionRecords.regionState(after, 1).orElseThrow().getRegion();
    assertThat(left.getStartKey().isEmpty()).isTrue();
    assertThat(left.getEndKey().toStringUtf8()).isEqualTo("g");
    assertThat(middle.getEndKey().toStringUtf8()).isEqualTo("p");
    assertThat(right.getStartKey().toStringUtf8()).isEqualTo("p");
    assertThat(List.of(left, middle, right))
        .allSatisfy(part -> assertThat(part.getRegionEpoch().getVersion()).isEqualTo(3));
    assertThat(left.getPeersList()).extracting(Peer::getId).containsExactly(1000L, 1001L, 1002L);
    assertThat(RegionRecords.applyState(after, 101).orElseThrow().getAppliedIndex())
        .isEqualTo(InitialLog.INDEX);
    assertThat(RegionRecords.applyState(after, 1).orElseThrow().getAppliedIndex()).isEqualTo(6);
    assertThat(result.outcomes().get(0).parts()).containsExactly(left, middle, right);
    assertThat(result.children())
        .extracting(ApplyResult.NewReplica::peerId)
        .containsExactly(1000L, 1010L);
  }

  @Test
  void splitLeavesAReplicaThatASnapshotBroughtFirst() {
    Region newer = region(100, "", "c");
    RegionFixture.create(engine, newer, 1000);

    ApplyResult result = apply(List.of(split(6, region, "g")));

    assertThat(result.children()).isEmpty();
    assertThat(RegionRecords.regionState(engine, 100).orElseThrow().getRegion()).isEqualTo(newer);
  }

  @Test
  void splitDoesNotReviveAReplicaThatHasComeAndGone() {
    apply(List.of(data(6, region.getRegionEpoch(), put("a", "1"), put("z", "2"))));
    WriteBatch tombstone = new WriteBatch();
    Tombstones.write(tombstone, region(100, "", "g"), 1000);
    engine.write(tombstone, true);

    ApplyResult result = apply(List.of(split(7, region, "g")));

    assertThat(result.children()).isEmpty();
    assertThat(phase(100)).isEqualTo(RegionPhase.TOMBSTONE);
    assertThat(engine.get(ColumnFamily.RAW, bytes("a"))).isNull();
    assertThat(engine.get(ColumnFamily.RAW, bytes("z"))).isNotNull();
  }

  @Test
  void splitRevivesATombstoneOfAnOlderPeer() {
    WriteBatch tombstone = new WriteBatch();
    Tombstones.write(tombstone, region(100, "", "g"), 999);
    engine.write(tombstone, true);

    assertThat(apply(List.of(split(6, region, "g"))).children()).hasSize(1);
    assertThat(phase(100)).isEqualTo(RegionPhase.NORMAL);
  }

  @Test
  void membershipChangeMovesTheConfVersionWithTheAppliedIndex() {
    Peer learner = peer(14, 4).toBuilder().setRole(PeerRole.Learner).build();

    ApplyResult added = apply(List.of(addPeer(6, region, learner)));
    ApplyResult promoted = apply(List.of(addPeer(7, added.region(), peer(14, 4))));

    assertThat(added.memberships()).hasSize(1);
    assertThat(PeerChanges.membership(added.region()).learners()).containsExactly(14L);
    assertThat(PeerChanges.membership(promoted.region()).voters())
        .containsExactly(11L, 12L, 13L, 14L);
    assertThat(promoted.region().getRegionEpoch().getConfVer()).isEqualTo(3);
    assertThat(RegionRecords.regionState(engine, 1).orElseThrow().getRegion())
        .isEqualTo(promoted.region());
  }

  @Test
  void removedReplicaLeavesADurableTombstoneAndNoData() {
    apply(List.of(data(6, region.getRegionEpoch(), put("a", "1"))));

    ApplyResult result =
        apply(
            List.of(
                change(7, region, peer(11, 1), PeerChange.Kind.REMOVE),
                data(8, region.getRegionEpoch(), put("b", "1"))));

    MemoryEngine after = engine.crash(new Random(1));
    RegionState state = RegionRecords.regionState(after, 1).orElseThrow();
    assertThat(result.removed()).isTrue();
    assertThat(state.getPhase()).isEqualTo(RegionPhase.TOMBSTONE);
    assertThat(state.getPeerId()).isEqualTo(PEER);
    assertThat(state.getRegion().getRegionEpoch().getConfVer()).isEqualTo(2);
    assertThat(after.get(ColumnFamily.RAW, bytes("a"))).isNull();
    assertThat(after.get(ColumnFamily.RAW, bytes("b"))).isNull();
    assertThat(events.get(events.size() - 1)).isInstanceOf(RegionEvent.Destroyed.class);
  }

  @Test
  void observersSeeEntriesInLogOrderWithLifecycleEventsBetween() {
    apply(
        List.of(
            Entry.normal(6, 6, new byte[0]),
            data(7, region.getRegionEpoch(), put("a", "1")),
            split(8, region, "m"),
            data(9, region.getRegionEpoch(), put("b", "refused"))));

    assertThat(events)
        .extracting(event -> event.getClass().getSimpleName())
        .containsExactly("Applied", "Applied", "Applied", "Split", "Created", "Applied");
    assertThat(events)
        .filteredOn(RegionEvent.Applied.class::isInstance)
        .extracting(event -> ((RegionEvent.Applied) event).index())
        .containsExactly(6L, 7L, 8L, 9L);
    RegionEvent.Applied refused = (RegionEvent.Applied) events.get(5);
    assertThat(refused.mutations()).isEmpty();
  }

  @Test
  void observersAreToldOnlyWhatIsVisible() {
    observers.register(
        event -> {
          if (event instanceof RegionEvent.Applied applied && !applied.mutations().isEmpty()) {
            assertThat(engine.get(ColumnFamily.RAW, bytes("a"))).isNotNull();
          }
        });

    apply(List.of(data(6, region.getRegionEpoch(), put("a", "1"))));

    assertThat(events).hasSize(1);
  }

  @Test
  void countsFollowWhatIsWritten() {
    ApplyResult result =
        apply(
            List.of(
                data(
                    6,
                    region.getRegionEpoch(),
                    put("a", "1"),
                    new WriteBatch.Put(ColumnFamily.WRITE, bytes("k"), bytes("D")),
                    new WriteBatch.Put(ColumnFamily.LOCK, bytes("k"), bytes("L")))));

    assertThat(result.counts()).isEqualTo(new Counts(4, 2, 1, 1));
    assertThat(Counts.of(applied(1).getCounts())).isEqualTo(result.counts());
  }

  @Test
  void removalRaisesTheSafePointInItsBatchAndCorrectsTheCountOfGarbage() {
    WriteBatch.Operation record = new WriteBatch.Put(ColumnFamily.WRITE, bytes("k"), bytes("P"));
    apply(List.of(data(6, region.getRegionEpoch(), record)));
    int before = engine.unsyncedBatches();

    ApplyResult result =
        apply(
            List.of(
                new Entry(
                    6,
                    7,
                    EntryType.NORMAL,
                    CommandCodec.collect(
                        region.getRegionEpoch(),
                        new CollectStep(
                            99,
                            6,
                            List.of(new WriteBatch.Delete(ColumnFamily.WRITE, bytes("k"))),
                            -1)))));

    assertThat(engine.unsyncedBatches() - before).isEqualTo(1);
    assertThat(engine.get(ColumnFamily.WRITE, bytes("k"))).isNull();
    assertThat(result.counts().garbage()).isZero();
    assertThat(HeldSafePoint.of(engine).timestamp()).isEqualTo(99);
  }

  @Test
  void removalThatARegionRefusesRaisesNothing() {
    RegionEpoch old = region.getRegionEpoch().toBuilder().setVersion(0).build();
    apply(
        List.of(
            new Entry(
                6,
                6,
                EntryType.NORMAL,
                CommandCodec.collect(old, new CollectStep(99, 6, List.of(), 0)))));

    assertThat(HeldSafePoint.of(engine).timestamp()).isZero();
  }

  @Test
  void theHighestSafePointIsFoundAgainWhateverTheOrderOfItsWriters() {
    HeldSafePoint held = HeldSafePoint.of(engine);
    held.raise(5, engine);
    WriteBatch late = new WriteBatch();
    held.raise(7, late);
    held.raise(30, engine);
    held.raise(20, engine);
    engine.write(late, false);

    assertThat(held.timestamp()).isEqualTo(30);
    assertThat(HeldSafePoint.of(engine).timestamp()).isEqualTo(30);
  }

  private ApplyResult apply(List<Entry> entries) {
    applier.childrenAreReserved();
    return applier.apply(entries);
  }

  private Entry addPeer(long index, Region current, Peer peer) {
    return change(index, current, peer, PeerChange.Kind.ADD);
  }

  private static Entry change(long index, Region current, Peer peer, PeerChange.Kind kind) {
    ChangePeersCommand command =
        ChangePeersCommand.newBuilder()
            .setEpoch(current.getRegionEpoch())
            .addChanges(PeerChange.newBuilder().setKind(kind).setPeer(peer))
            .build();
    MembershipChange.StepKind step =
        kind == PeerChange.Kind.REMOVE
            ? MembershipChange.StepKind.REMOVE
            : peer.getRole() == PeerRole.Learner
                ? MembershipChange.StepKind.ADD_LEARNER
                : MembershipChange.StepKind.ADD_VOTER;
    return new Entry(
        6,
        index,
        EntryType.MEMBERSHIP,
        MembershipChange.simple(step, peer.getId(), CommandCodec.changePeers(command)).encode());
  }

  private ApplyState applied(long regionId) {
    return RegionRecords.applyState(engine, regionId).orElseThrow();
  }

  private RegionPhase phase(long regionId) {
    return RegionRecords.regionState(engine, regionId).orElseThrow().getPhase();
  }
}
