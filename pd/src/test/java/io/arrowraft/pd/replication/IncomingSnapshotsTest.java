package io.arrowraft.pd.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.arrowraft.pd.state.PdCommand;
import io.arrowraft.pd.state.PdState;
import io.arrowraft.pd.state.StatePieces;
import io.arrowraft.pd.state.StateWrite;
import io.arrowraft.pd.testing.ManualLoop;
import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.pd.MemberIdentity;
import io.arrowraft.raft.SnapshotSink;
import io.arrowraft.raft.core.Membership;
import io.arrowraft.raft.core.Snapshot;
import io.arrowraft.storage.memory.MemoryEngine;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A state that arrives in pieces takes over as a whole, or not at all. */
class IncomingSnapshotsTest {
  private static final Membership MEMBERS = Membership.ofVoters(1);
  private static final Duration MOMENT = Duration.ofMillis(1);

  private final ManualLoop loop = new ManualLoop();
  private final MemoryEngine engine = new MemoryEngine();
  private final StateRecordStore records = new StateRecordStore(engine);
  private final IncomingSnapshots incoming =
      new IncomingSnapshots(
          records,
          new StateWriter(
              records,
              loop,
              loop,
              (component, cause) -> {
                throw new AssertionError(component, cause);
              }));

  IncomingSnapshotsTest() {
    records.begin(
        MemberIdentity.newBuilder().setMemberId(1).build(),
        state(1, 10).records(),
        Optional.of(mark(5)));
  }

  @Test
  void eachPieceIsInTheEngineBeforeTheNextOneComesAndChangesNothing() {
    SnapshotSink sink = accept(9);
    for (byte[] piece : pieces(state(11, 30))) {
      long before = engine.written();
      CompletableFuture<Void> kept = sink.write(piece).toCompletableFuture();
      assertThat(kept).isNotDone();
      loop.advance(MOMENT);
      assertThat(kept).isCompleted();
      assertThat(engine.written()).isEqualTo(before + 1);
      assertHolds(engine, state(1, 10), 5);
    }
  }

  @Test
  void statesTakeOverOneAfterTheOther() {
    for (int round = 1; round <= 3; round++) {
      PdState next = state(20 * round, 20 * round + 5 * round);
      deliver(accept(10 * round), next);

      PdState installed = install(10 * round);

      assertThat(installed.records()).isEqualTo(next.records());
      assertHolds(engine, next, 10 * round);
      // What changes later goes to the same place.
      StateWrite more = state(900 + round, 900 + round).records().get(1);
      records.save(List.of(more), mark(10 * round + 1));
      assertThat(new StateRecordStore(engine).records()).contains(more);
      assertThat(new StateRecordStore(engine).records()).hasSize(next.records().size() + 1);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
  void aCrashBeforeItTakesOverLeavesTheOldState(int seed) {
    deliver(accept(9), state(11, 60));

    assertHolds(engine.crash(new SplittableRandom(seed)), state(1, 10), 5);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
  void aCrashAfterItHasTakenOverLeavesTheNewState(int seed) {
    deliver(accept(9), state(11, 60));
    install(9);

    assertHolds(engine.crash(new SplittableRandom(seed)), state(11, 60), 9);
  }

  @Test
  void nothingIsLeftOfATransferThatBroke() {
    SnapshotSink broken = accept(8);
    broken.write(pieces(state(500, 510)).get(0));
    broken.abort();
    PdState next = state(11, 30);
    deliver(accept(9), next);

    assertThat(install(9).records()).isEqualTo(next.records());
    assertHolds(engine, next, 9);
  }

  @Test
  void whileOneIsHereNoOtherIsTaken() {
    SnapshotSink sink = accept(9);
    assertThat(incoming.accept(snapshot(12))).isEmpty();
    deliver(sink, state(11, 30));
    assertThat(incoming.accept(snapshot(12))).isEmpty();
    assertThat(incoming.has(snapshot(9))).isTrue();

    // Not even once it is on its way to take over, whatever the group says of it then.
    incoming.install(snapshot(9), mark(9), state -> {});
    incoming.drop();
    assertThat(incoming.accept(snapshot(12))).isEmpty();
    loop.advance(MOMENT);
    assertHolds(engine, state(11, 30), 9);
    assertThat(incoming.accept(snapshot(12))).isPresent();
  }

  @Test
  void whatIsNotWantedMakesRoomForAnother() {
    deliver(accept(9), state(11, 30));
    incoming.drop();

    assertThat(incoming.has(snapshot(9))).isFalse();
    assertThat(incoming.accept(snapshot(12))).isPresent();
    assertThatThrownBy(() -> incoming.install(snapshot(9), mark(9), state -> {}))
        .hasMessageContaining("has not arrived");
  }

  @Test
  void aPieceThatCannotBeReadDoesNotReachTheEngine() {
    SnapshotSink sink = accept(9);
    long before = engine.written();
    ByteString unknown = ByteString.copyFromUtf8("p?1");
    byte[] foreign = StatePieces.encode(List.of(new StateWrite(unknown, unknown))).toByteArray();

    assertThat(sink.write(new byte[] {99, 1}).toCompletableFuture()).isCompletedExceptionally();
    assertThat(sink.write(foreign).toCompletableFuture()).isCompletedExceptionally();
    loop.advance(MOMENT);
    assertThat(engine.written()).isEqualTo(before);
  }

  private SnapshotSink accept(long index) {
    SnapshotSink sink = incoming.accept(snapshot(index)).orElseThrow();
    loop.advance(MOMENT);
    return sink;
  }

  private void deliver(SnapshotSink sink, PdState state) {
    for (byte[] piece : pieces(state)) {
      CompletableFuture<Void> kept = sink.write(piece).toCompletableFuture();
      loop.advance(MOMENT);
      kept.join();
    }
    sink.finish().toCompletableFuture().join();
  }

  private PdState install(long index) {
    AtomicReference<PdState> installed = new AtomicReference<>();
    incoming.install(snapshot(index), mark(index), installed::set);
    loop.advance(MOMENT);
    return installed.get();
  }

  private static void assertHolds(MemoryEngine engine, PdState state, long index) {
    StateRecordStore found = new StateRecordStore(engine);
    assertThat(found.records()).containsExactlyInAnyOrderElementsOf(state.records());
    assertThat(found.applied()).contains(new StateRecordStore.Position(index, 1));
  }

  private static Snapshot snapshot(long index) {
    return new Snapshot(index, 1, MEMBERS, new byte[8]);
  }

  private static StateRecordStore.Mark mark(long index) {
    return new StateRecordStore.Mark(new StateRecordStore.Position(index, 1), MEMBERS);
  }

  /** A cluster with regions of these ids. */
  private static PdState state(long first, long last) {
    PdState state = new PdState();
    state.apply(new PdCommand.InitialiseCluster(7));
    List<Region> regions = new ArrayList<>();
    for (long id = first; id <= last; id++) {
      regions.add(Region.newBuilder().setId(id).build());
    }
    state.apply(new PdCommand.PutRegions(regions, List.of()));
    return state;
  }

  private static List<byte[]> pieces(PdState state) {
    List<byte[]> pieces = new ArrayList<>();
    List<StateWrite> all = state.records();
    for (int i = 0; i < all.size(); i += 3) {
      pieces.add(StatePieces.encode(all.subList(i, Math.min(all.size(), i + 3))).toByteArray());
    }
    return pieces;
  }
}
