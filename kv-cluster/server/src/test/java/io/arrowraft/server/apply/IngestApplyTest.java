package io.arrowraft.server.apply;

import static io.arrowraft.server.apply.RegionFixture.PEER;
import static io.arrowraft.server.apply.RegionFixture.STORE;
import static io.arrowraft.server.apply.RegionFixture.bytes;
import static io.arrowraft.server.apply.RegionFixture.data;
import static io.arrowraft.server.apply.RegionFixture.put;
import static io.arrowraft.server.apply.RegionFixture.region;
import static io.arrowraft.server.apply.RegionFixture.split;
import static io.arrowraft.storage.engine.ColumnFamily.RAW;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.store.Family;
import io.arrowraft.proto.store.StagedFile;
import io.arrowraft.raft.core.Entry;
import io.arrowraft.server.region.RegionEvent;
import io.arrowraft.server.region.RegionObservers;
import io.arrowraft.server.state.RegionRecords;
import io.arrowraft.storage.engine.Engine;
import io.arrowraft.storage.engine.EngineException;
import io.arrowraft.storage.engine.SortedFiles;
import io.arrowraft.storage.engine.WriteBatch;
import io.arrowraft.storage.memory.FaultyEngine;
import io.arrowraft.storage.memory.MemoryEngine;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;

class IngestApplyTest {
  private final Region region = region(1, "", "");
  private final MemoryEngine engine = created();
  private final List<RegionEvent> events = new ArrayList<>();

  private MemoryEngine created() {
    MemoryEngine made = new MemoryEngine();
    RegionFixture.create(made, region, PEER);
    return made;
  }

  @Test
  void ingestedPairsCountAndTheirFilesGo() {
    StagedFile file = stage(engine, "f1", "a", "b", "c");

    ApplyResult result = applier(engine).apply(List.of(ingest(6, file)));

    assertThat(result.outcomes().get(0).refusal()).isEmpty();
    assertThat(engine.get(RAW, bytes("b"))).isEqualTo(bytes("vb"));
    assertThat(result.counts()).isEqualTo(new Counts(9, 3, 0));
    assertThat(result.keysWritten()).isEqualTo(3);
    assertThat(RegionRecords.stagedFiles(engine)).isEmpty();
    assertThat(engine.sortedFiles().names()).isEmpty();
    assertThat(events)
        .containsExactly(
            new RegionEvent.Applied(1, 6, 6, List.of()), new RegionEvent.Ingested(region, 6));
  }

  /** Power is lost before, within and after every write of the entries around an ingest. */
  @Test
  void applyingAgainAfterACrashAnywhereGivesTheSame() {
    for (int failing = 0; failing < 3; failing++) {
      for (int seed = 0; seed < 8; seed++) {
        MemoryEngine disk = created();
        StagedFile file = stage(disk, "f1", "a", "b");
        List<Entry> log =
            List.of(
                data(6, region.getRegionEpoch(), put("a", "old"), put("z", "1")),
                ingest(7, file),
                data(8, region.getRegionEpoch(), put("b", "new")));
        MemoryEngine survivor =
            crashAt(disk, log, failing)
                .crash(RandomGeneratorFactory.of("L64X128MixRandom").create(seed));

        long from = appliedIndex(survivor);
        ApplyResult result = applier(survivor).apply(log.subList((int) from - 5, log.size()));

        assertThat(result.appliedIndex()).isEqualTo(8);
        assertThat(survivor.get(RAW, bytes("a"))).isEqualTo(bytes("va"));
        assertThat(survivor.get(RAW, bytes("b"))).isEqualTo(bytes("new"));
        assertThat(survivor.get(RAW, bytes("z"))).isEqualTo(bytes("1"));
        assertThat(result.counts().keys()).isEqualTo(5);
        assertThat(RegionRecords.stagedFiles(survivor)).isEmpty();
      }
    }
  }

  /** Runs the log on a disk that breaks at the {@code failing}th write, sync or ingest. */
  private MemoryEngine crashAt(MemoryEngine disk, List<Entry> log, int failing) {
    FaultyEngine faulty = new FaultyEngine(disk);
    int[] left = {failing};
    faulty.beforeSync(
        () -> {
          if (left[0]-- == 0) {
            throw new EngineException(EngineException.Kind.IO, "power is lost");
          }
        });
    RegionApplier applier = applier(faulty);
    try {
      for (Entry entry : log) {
        applier.apply(List.of(entry));
      }
    } catch (EngineException lost) {
      assertThat(lost.kind()).isEqualTo(EngineException.Kind.IO);
    }
    return disk;
  }

  @Test
  void theEntriesBeforeAnIngestAreDurableWithTheirIndexBeforeItsPairs() {
    StagedFile file = stage(engine, "f1", "a");
    FaultyEngine faulty = new FaultyEngine(engine);
    RegionApplier applier = applier(faulty);
    int[] syncs = {0};
    faulty.beforeSync(
        () -> {
          if (syncs[0]++ == 1) {
            throw new EngineException(EngineException.Kind.IO, "power is lost");
          }
        });

    assertThatThrownBy(
            () ->
                applier.apply(
                    List.of(data(6, region.getRegionEpoch(), put("z", "1")), ingest(7, file))))
        .isInstanceOf(EngineException.class);

    MemoryEngine survivor = engine.crash(new Random(1));
    assertThat(appliedIndex(survivor)).isEqualTo(6);
    assertThat(survivor.get(RAW, bytes("a"))).isEqualTo(bytes("va"));
    assertThat(survivor.sortedFiles().names()).containsExactly("f1");
  }

  @Test
  void aReplicaWithoutTheFileAppliesNothingMore() {
    StagedFile elsewhere = stage(new MemoryEngine(), "f1", "a");

    ApplyResult result =
        applier(engine)
            .apply(
                List.of(
                    data(6, region.getRegionEpoch(), put("z", "1")),
                    ingest(7, elsewhere),
                    data(8, region.getRegionEpoch(), put("y", "1"))));

    assertThat(result.appliedIndex()).isEqualTo(6);
    assertThat(result.awaited())
        .hasValueSatisfying(
            awaited ->
                assertThat(awaited.toString()).contains("f1").contains("was not staged here"));
    assertThat(engine.get(RAW, bytes("z"))).isEqualTo(bytes("1"));
    assertThat(engine.get(RAW, bytes("y"))).isNull();
  }

  @Test
  void aFileWithOtherContentThanTheLeadersIsNotTakenIn() {
    stage(engine, "f1", "a");
    StagedFile leaders = stage(new MemoryEngine(), "f1", "b");

    ApplyResult result = applier(engine).apply(List.of(ingest(6, leaders)));

    assertThat(result.awaited()).containsInstanceOf(Awaited.Replacement.class);
    assertThat(engine.get(RAW, bytes("a"))).isNull();
  }

  @Test
  void aRecordWhoseFileIsGoneIsAsGoodAsNone() {
    StagedFile file = stage(engine, "f1", "a");
    engine.sortedFiles().delete("f1");

    ApplyResult result = applier(engine).apply(List.of(ingest(6, file)));

    assertThat(result.awaited()).containsInstanceOf(Awaited.Replacement.class);
    assertThat(appliedIndex(engine)).isEqualTo(5);
  }

  @Test
  void aFileOfAnOlderEpochIsRefusedOnAllReplicasWhetherTheyHaveItOrNot() {
    StagedFile file = stage(engine, "f1", "a");

    ApplyResult result = applier(engine).apply(List.of(split(6, region, "m"), ingest(7, file)));
    if (result.awaited().isPresent()) {
      RegionApplier again = applier(engine);
      again.childrenAreReserved();
      result = again.apply(List.of(split(6, region, "m"), ingest(7, file)));
    }

    assertThat(result.outcomes().get(1).refusal()).isPresent();
    assertThat(engine.get(RAW, bytes("a"))).isNull();
    assertThat(result.appliedIndex()).isEqualTo(7);
  }

  private Entry ingest(long index, StagedFile file) {
    return Entry.normal(6, index, CommandCodec.ingest(region.getRegionEpoch(), List.of(file)));
  }

  private RegionApplier applier(Engine on) {
    RegionObservers observers = new RegionObservers();
    observers.register(events::add);
    return new RegionApplier(
        on, observers, STORE, PEER, region, RegionRecords.applyState(on, 1).orElseThrow());
  }

  private static long appliedIndex(Engine on) {
    return RegionRecords.applyState(on, 1).orElseThrow().getAppliedIndex();
  }

  private StagedFile stage(MemoryEngine on, String name, String... keys) {
    try (SortedFiles.Writer writer = on.sortedFiles().create(new SortedFiles.Name(name, RAW))) {
      for (String key : keys) {
        writer.put(bytes(key), bytes("v" + key));
      }
      writer.finish();
    }
    StagedFile file =
        StagedFile.newBuilder()
            .setName(name)
            .setFamily(Family.RAW)
            .setRegionId(1)
            .setEpoch(region.getRegionEpoch())
            .setFirstKey(ByteString.copyFromUtf8(keys[0]))
            .setLastKey(ByteString.copyFromUtf8(keys[keys.length - 1]))
            .setPairs(keys.length)
            .setBytes(3L * keys.length)
            .setChecksum(keys[0].hashCode())
            .build();
    WriteBatch batch = new WriteBatch();
    RegionRecords.putStagedFile(batch, file);
    on.write(batch, true);
    return file;
  }
}
