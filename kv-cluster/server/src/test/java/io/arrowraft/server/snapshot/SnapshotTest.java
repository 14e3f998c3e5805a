package io.arrowraft.server.snapshot;

import static io.arrowraft.server.apply.RegionFixture.bytes;
import static io.arrowraft.server.apply.RegionFixture.region;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.store.RegionPhase;
import io.arrowraft.proto.store.RegionState;
import io.arrowraft.server.apply.RegionFixture;
import io.arrowraft.server.region.RegionHash;
import io.arrowraft.server.state.HeldSafePoint;
import io.arrowraft.server.state.RegionRecords;
import io.arrowraft.storage.engine.ColumnFamily;
import io.arrowraft.storage.engine.CorruptDataException;
import io.arrowraft.storage.engine.EngineSnapshot;
import io.arrowraft.storage.engine.WriteBatch;
import io.arrowraft.storage.memory.MemoryEngine;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SnapshotTest {
  private static final long CHUNK_BYTES = 200;

  private final Region region = region(1, "b", "y");
  private final MemoryEngine sender = new MemoryEngine();
  private MemoryEngine receiver = new MemoryEngine();

  @Test
  void installedRegionEqualsTheSourceAndNothingOutsideIsTouched() {
    fill(sender, 100);
    put(sender, "a", "outside");
    put(receiver, "a", "mine");
    put(receiver, "z", "mine too");

    transfer();

    RegionHash expected = RegionHasher.hash(sender, 1);
    assertThat(RegionHasher.hash(receiver, 1)).isEqualTo(expected);
    assertThat(expected.keys()).isEqualTo(100);
    assertThat(receiver.get(ColumnFamily.RAW, bytes("a"))).isEqualTo(bytes("mine"));
    assertThat(receiver.get(ColumnFamily.RAW, bytes("z"))).isEqualTo(bytes("mine too"));
    assertThat(RegionRecords.regionsWithChunks(receiver)).isEmpty();
  }

  @Test
  void theManifestSaysBelowWhichVersionsMayBeMissing() {
    fill(sender, 10);
    HeldSafePoint.of(sender).raise(42, sender);
    try (FrozenRegion source = FrozenRegion.open(sender, 1, 1, CHUNK_BYTES).orElseThrow()) {
      assertThat(source.manifest().getSafePoint()).isEqualTo(42);
    }
  }

  @Test
  void hashOfPiecesIsTheHashOfAll() {
    fill(sender, 100);
    put(sender, "x", "");
    RegionHash whole = RegionHasher.hash(sender, 1);
    for (long pieceBytes : new long[] {1, 7, 100, 1 << 20}) {
      int pieces = 0;
      try (EngineSnapshot data = sender.snapshot();
          RegionHasher hasher = RegionHasher.open(data, 1)) {
        while (hasher.step(pieceBytes)) {
          pieces++;
        }
        assertThat(hasher.result()).isEqualTo(whole);
        assertThat(pieces).isBetween((int) (hasher.bytes() / (pieceBytes + 20)), 101);
      }
    }
  }

  @Test
  void sourceIsFrozenWhenOpened() {
    fill(sender, 10);
    RegionHash before = RegionHasher.hash(sender, 1);
    try (FrozenRegion source = FrozenRegion.open(sender, 1, 1, CHUNK_BYTES).orElseThrow()) {
      put(sender, "c-later", "x");
      finish(stage(source), Optional.empty());
    }

    assertThat(RegionHasher.hash(receiver, 1).hash()).isEqualTo(before.hash());
  }

  @Test
  void lostOrDamagedChunkIsNoticed() {
    fill(sender, 50);
    List<byte[]> chunks = chunks();
    assertThat(chunks.size()).isGreaterThan(3);

    List<byte[]> missing = new ArrayList<>(chunks);
    missing.remove(1);
    List<byte[]> damaged = new ArrayList<>(chunks);
    byte[] flipped = damaged.get(1).clone();
    flipped[flipped.length - 1] ^= 1;
    damaged.set(1, flipped);

    assertThat(stageAll(chunks)).isEqualTo(SnapshotStaging.Progress.COMPLETE);
    assertThat(stageAll(missing)).isEqualTo(SnapshotStaging.Progress.DAMAGED);
    assertThat(stageAll(damaged)).isEqualTo(SnapshotStaging.Progress.DAMAGED);
  }

  @Test
  void chunksAreDurableOnceTheApplyingStateIs() {
    fill(sender, 50);
    try (FrozenRegion source = FrozenRegion.open(sender, 1, 1, CHUNK_BYTES).orElseThrow()) {
      new SnapshotInstaller(receiver).begin(stage(source), 11, Optional.empty(), List.of());
    }

    MemoryEngine after = receiver.crash(new Random(3));

    RegionState applying = RegionRecords.regionState(after, 1).orElseThrow();
    assertThat(applying.getPhase()).isEqualTo(RegionPhase.APPLYING);
    new SnapshotInstaller(after).finish(applying);
    assertThat(RegionHasher.hash(after, 1)).isEqualTo(RegionHasher.hash(sender, 1));
  }

  @Test
  void chunkThatIsGoneAfterTheApplyingStateIsDamageAndNoEmptyRegion() {
    fill(sender, 50);
    RegionState applying;
    try (FrozenRegion source = FrozenRegion.open(sender, 1, 1, CHUNK_BYTES).orElseThrow()) {
      applying =
          new SnapshotInstaller(receiver).begin(stage(source), 11, Optional.empty(), List.of());
    }
    WriteBatch loss = new WriteBatch();
    RegionRecords.deleteChunks(loss, 1);
    receiver.write(loss, true);

    assertThatThrownBy(() -> new SnapshotInstaller(receiver).finish(applying))
        .isInstanceOf(CorruptDataException.class)
        .hasMessageContaining("chunk 0");
    assertThat(RegionRecords.regionState(receiver, 1).orElseThrow().getPhase())
        .isEqualTo(RegionPhase.APPLYING);
  }

  @Test
  void crashWhileInstallingIsRepairedByInstallingAgain() {
    fill(sender, 50);
    put(receiver, "c-old", "stale");
    RegionState applying;
    try (FrozenRegion source = FrozenRegion.open(sender, 1, 1, CHUNK_BYTES).orElseThrow()) {
      applying =
          new SnapshotInstaller(receiver).begin(stage(source), 11, Optional.empty(), List.of());
    }
    // Half of an installation, and rubbish in the range.
    put(receiver, "k7", "half-written");

    new SnapshotInstaller(receiver).finish(applying);

    assertThat(RegionHasher.hash(receiver, 1)).isEqualTo(RegionHasher.hash(sender, 1));
    assertThat(receiver.get(ColumnFamily.RAW, bytes("c-old"))).isNull();
  }

  /** Rules 19, 20 and 23: whatever a crash leaves, the start makes one of two states of it. */
  @Test
  void crashAtAnyStepLeavesTheOldStateOrTheNewOne() {
    fill(sender, 50);
    RegionHash expected = RegionHasher.hash(sender, 1);
    int steps = 0;
    boolean done = false;
    for (int crashAfter = 0; !done; crashAfter++) {
      for (int seed = 0; seed < 5; seed++) {
        receiver = new MemoryEngine();
        put(receiver, "c-old", "stale");
        done = !cutOff(crashAfter);
        MemoryEngine after = receiver.crash(new Random(seed));
        RegionState state = RegionRecords.regionState(after, 1).orElseThrow();
        if (state.getPhase() == RegionPhase.APPLYING) {
          new SnapshotInstaller(after).finish(state);
        }
        assertThat(RegionHasher.hash(after, 1)).as("after step %s", crashAfter).isEqualTo(expected);
        assertThat(RegionRecords.regionsWithChunks(after)).isEmpty();
        assertThat(after.get(ColumnFamily.RAW, bytes("c-old"))).isNull();
      }
      steps = crashAfter;
    }
    assertThat(steps).as("one for clearing, one for each chunk").isGreaterThan(4);
  }

  /** Stages, begins and does so many steps of the installation; false if that was all of it. */
  private boolean cutOff(int steps) {
    try (FrozenRegion source = FrozenRegion.open(sender, 1, 1, CHUNK_BYTES).orElseThrow()) {
      SnapshotInstaller installer = new SnapshotInstaller(receiver);
      SnapshotInstaller.Installation installation =
          installer.install(installer.begin(stage(source), 11, Optional.empty(), List.of()));
      for (int i = 0; i < steps; i++) {
        if (!installation.step()) {
          installation.complete();
          return false;
        }
      }
      return true;
    }
  }

  @Test
  void rangeThatTheReplicaNoLongerCoversIsCleared() {
    fill(sender, 10);
    Region old = region(1, "a", "zz");
    put(receiver, "z", "was mine before the split");

    transfer(Optional.of(old));

    assertThat(receiver.get(ColumnFamily.RAW, bytes("z"))).isNull();
  }

  @Test
  void replicaWithoutDataHasNoSnapshotToGive() {
    assertThat(FrozenRegion.open(sender, 1, 1, CHUNK_BYTES)).isEmpty();
  }

  private void fill(MemoryEngine engine, int keys) {
    RegionFixture.create(engine, region, 11);
    for (int i = 0; i < keys; i++) {
      put(engine, "k" + i, "value " + i);
    }
  }

  private static void put(MemoryEngine engine, String key, String value) {
    engine.write(new WriteBatch().put(ColumnFamily.RAW, bytes(key), bytes(value)), false);
  }

  private List<byte[]> chunks() {
    List<byte[]> chunks = new ArrayList<>();
    try (FrozenRegion source = FrozenRegion.open(sender, 1, 1, CHUNK_BYTES).orElseThrow()) {
      Optional<byte[]> chunk;
      while ((chunk = source.next()).isPresent()) {
        chunks.add(chunk.get());
      }
    }
    return chunks;
  }

  private SnapshotStaging.Progress stageAll(List<byte[]> chunks) {
    try (FrozenRegion source = FrozenRegion.open(sender, 1, 1, CHUNK_BYTES).orElseThrow()) {
      SnapshotStaging staging = new SnapshotStaging(receiver, source.manifest());
      SnapshotStaging.Progress progress = staging.progress();
      for (byte[] chunk : chunks) {
        progress = staging.add(chunk);
      }
      return progress;
    }
  }

  private SnapshotStaging stage(FrozenRegion source) {
    SnapshotStaging staging = new SnapshotStaging(receiver, source.manifest());
    Optional<byte[]> chunk;
    while ((chunk = source.next()).isPresent()) {
      staging.add(chunk.get());
    }
    assertThat(staging.progress()).isEqualTo(SnapshotStaging.Progress.COMPLETE);
    return staging;
  }

  private void transfer() {
    transfer(Optional.empty());
  }

  private void transfer(Optional<Region> replaced) {
    try (FrozenRegion source = FrozenRegion.open(sender, 1, 1, CHUNK_BYTES).orElseThrow()) {
      finish(stage(source), replaced);
    }
  }

  private void finish(SnapshotStaging staged, Optional<Region> replaced) {
    SnapshotInstaller installer = new SnapshotInstaller(receiver);
    installer.finish(installer.begin(staged, 11, replaced, List.of()));
  }
}
