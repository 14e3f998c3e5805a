package io.arrowraft.server.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.store.StagedFile;
import io.arrowraft.runtime.TimeSource;
import io.arrowraft.server.fakes.InMemoryRegions;
import io.arrowraft.server.state.RegionRecords;
import io.arrowraft.storage.engine.ColumnFamily;
import io.arrowraft.storage.engine.WriteBatch;
import io.arrowraft.storage.memory.MemoryEngine;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class StagedFilesTest {
  private final InMemoryRegions regions = new InMemoryRegions();
  private final MemoryEngine engine = new MemoryEngine();
  private final Clock clock = new Clock();
  private final StagedFiles staged = new StagedFiles(engine, IngestConfig.defaults(), clock);

  private static final class Clock implements TimeSource {
    private long nanos = -5;

    @Override
    public long nanos() {
      return nanos;
    }

    @Override
    public long wallMillis() {
      return nanos / 1_000_000;
    }

    private void advance(Duration by) {
      nanos += by.toNanos();
    }
  }

  @Test
  void filesExpireUnlessALeaderAsksForThem() {
    StagedFile held = stage("held", 1);
    stage("forgotten", 1);
    clock.advance(Duration.ofHours(5));
    assertThat(staged.hold(List.of(held))).isEmpty();
    staged.sweep(regions);
    assertThat(names()).containsExactly(nameOf("forgotten"), nameOf("held"));

    clock.advance(Duration.ofHours(2));
    staged.sweep(regions);

    assertThat(names()).containsExactly(nameOf("held"));
    assertThat(RegionRecords.stagedFiles(engine)).containsExactly(held);
  }

  @Test
  void filesWhoseRegionHasMovedOnGoAtOnce() {
    StagedFile past = stage("past", 0);
    stage("present", 1);

    staged.sweep(regions);

    assertThat(names()).containsExactly(nameOf("present"));
    assertThat(staged.hold(List.of(past))).containsExactly(past.getName());
  }

  @Test
  void filesWithoutRecordsAndRecordsWithoutFilesGoAtStart() {
    StagedFile whole = stage("whole", 1);
    StagedFile bodiless = stage("bodiless", 1);
    StagedFile unrecorded = stage("unrecorded", 1);
    engine.sortedFiles().delete(bodiless.getName());
    WriteBatch batch = new WriteBatch();
    RegionRecords.deleteStagedFile(batch, unrecorded.getName());
    engine.write(batch, true);

    staged.open();

    assertThat(names()).containsExactly(whole.getName());
    assertThat(RegionRecords.stagedFiles(engine)).containsExactly(whole);
  }

  @Test
  void aFileWithOtherContentIsAsGoodAsMissing() {
    StagedFile file = stage("file", 1);

    assertThat(staged.hold(List.of(file.toBuilder().setChecksum(7).build())))
        .containsExactly(file.getName());
  }

  private List<String> names() {
    return new ArrayList<>(engine.sortedFiles().names());
  }

  private String nameOf(String id) {
    return FileNames.identity(ImportFixture.meta(id, region(1)), ColumnFamily.RAW).getName();
  }

  private Region region(long version) {
    Region region = regions.region(1).orElseThrow().region();
    return region.toBuilder()
        .setRegionEpoch(region.getRegionEpoch().toBuilder().setVersion(version))
        .build();
  }

  private StagedFile stage(String id, long version) {
    FamilyFile file =
        new FamilyFile(
            engine,
            ColumnFamily.RAW,
            FileNames.identity(ImportFixture.meta(id, region(version)), ColumnFamily.RAW));
    byte[] key = id.getBytes(StandardCharsets.UTF_8);
    file.put(key, key, key, false);
    StagedFile made = file.finish();
    staged.add(List.of(made));
    return made;
  }
}
