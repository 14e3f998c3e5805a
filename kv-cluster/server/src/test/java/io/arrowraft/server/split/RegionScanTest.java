package io.arrowraft.server.split;

import static io.arrowraft.server.apply.RegionFixture.bytes;
import static io.arrowraft.server.apply.RegionFixture.region;
import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.proto.metapb.Region;
import io.arrowraft.server.state.KeyRanges;
import io.arrowraft.storage.engine.ColumnFamily;
import io.arrowraft.storage.engine.WriteBatch;
import io.arrowraft.storage.memory.MemoryEngine;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class RegionScanTest {
  private final MemoryEngine engine = new MemoryEngine();
  private final Region whole = region(1, "", "");

  @Test
  void smallRegionIsNotCut() {
    fillRaw(10, 100);

    RegionScan.Result result = RegionScan.run(engine, whole, 10_000, 1 << 20);

    assertThat(result.splitKeys()).isEmpty();
    assertThat(result.counts().keys()).isEqualTo(10);
    assertThat(result.counts().bytes()).isEqualTo(10 * (4 + 100));
  }

  @Test
  void largeRegionIsCutIntoPartsOfEvenSize() {
    fillRaw(1000, 100);

    List<byte[]> cuts = RegionScan.run(engine, whole, 20_800, 1 << 20).splitKeys();

    assertThat(cuts).containsExactly(bytes("0200"), bytes("0400"), bytes("0600"), bytes("0800"));
  }

  @Test
  void smallRemainderIsNotCutOff() {
    fillRaw(450, 100);

    assertThat(RegionScan.run(engine, whole, 20_800, 1 << 20).splitKeys())
        .containsExactly(bytes("0200"));
  }

  @Test
  void regionWithManyKeysIsCutIntoPartsOfAsMany() {
    fillRaw(1000, 1);

    List<byte[]> cuts = RegionScan.run(engine, whole, 1 << 20, 400).splitKeys();

    assertThat(cuts).containsExactly(bytes("0400"), bytes("0800"));
  }

  @Test
  void onlyTheRegionsOwnRangeCounts() {
    fillRaw(1000, 100);

    RegionScan.Result result = RegionScan.run(engine, region(1, "0100", "0110"), 100_000, 1 << 20);

    assertThat(result.counts().keys()).isEqualTo(10);
  }

  @Test
  void versionsOfARowAreNeverDivided() {
    byte[] row = encoded("row-0001");
    for (long version = 0; version < 100; version++) {
      engine.write(
          new WriteBatch()
              .put(ColumnFamily.WRITE, withVersion(row, version), bytes("P" + "x".repeat(50))),
          false);
    }
    byte[] next = encoded("row-0002");
    engine.write(
        new WriteBatch()
            .put(ColumnFamily.WRITE, withVersion(next, 1), bytes("P" + "x".repeat(3000))),
        false);

    List<byte[]> cuts = RegionScan.run(engine, whole, 1000, 1 << 20).splitKeys();

    assertThat(cuts).allSatisfy(cut -> assertThat(cut.length).isEqualTo(row.length));
    assertThat(cuts).contains(next);
  }

  @Test
  void rowBoundaryOfAKeyThatIsNoRowIsTheKeyItself() {
    assertThat(KeyRanges.rowBoundary(bytes("plain"))).isEqualTo(bytes("plain"));
    byte[] row = encoded("a-key-of-more-than-one-group");
    assertThat(KeyRanges.rowBoundary(withVersion(row, 7))).isEqualTo(row);
    assertThat(KeyRanges.rowBoundary(row)).isEqualTo(row);
  }

  private void fillRaw(int keys, int valueBytes) {
    for (int i = 0; i < keys; i++) {
      engine.write(
          new WriteBatch()
              .put(ColumnFamily.RAW, bytes(String.format("%04d", i)), new byte[valueBytes]),
          false);
    }
  }

  /** Groups of eight bytes, each followed by 0xFF minus its padding. */
  private static byte[] encoded(String key) {
    byte[] plain = bytes(key);
    int groups = plain.length / 8 + 1;
    byte[] out = new byte[groups * 9];
    for (int group = 0; group < groups; group++) {
      int from = group * 8;
      int length = Math.min(8, plain.length - from);
      System.arraycopy(plain, from, out, group * 9, length);
      out[group * 9 + 8] = (byte) (0xFF - (8 - length));
    }
    return out;
  }

  private static byte[] withVersion(byte[] row, long version) {
    byte[] key = Arrays.copyOf(row, row.length + 8);
    ByteBuffer.wrap(key).putLong(row.length, ~version);
    return key;
  }
}
