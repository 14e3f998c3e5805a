package io.arrowraft.storage.mvcc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arrowraft.runtime.Bytes;
import io.arrowraft.storage.engine.EngineException;
import java.util.Arrays;
import java.util.HexFormat;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class MvccKeysTest {
  @Test
  void keysAreGroupsOfEightWithMarkers() {
    assertThat(encoded("")).isEqualTo("0000000000000000f7");
    assertThat(encoded("01 02 03")).isEqualTo("0102030000000000fa");
    assertThat(encoded("01 02 03 04 05 06 07 08"))
        .isEqualTo("0102030405060708ff0000000000000000f7");
    assertThat(encoded("01 02 03 04 05 06 07 08 09"))
        .isEqualTo("0102030405060708ff0900000000000000f8");
  }

  @Test
  void versionsCarryTheInvertedTimestampBigEndian() {
    byte[] key = MvccKeys.withTimestamp(MvccKeys.encode(Bytes.ofUtf8("a")), 0x0102030405060708L);

    assertThat(hex(key)).isEqualTo("6100000000000000f8" + "fefdfcfbfaf9f8f7");
    assertThat(MvccKeys.timestamp(key)).isEqualTo(0x0102030405060708L);
    assertThat(hex(MvccKeys.withoutTimestamp(key))).isEqualTo("6100000000000000f8");
  }

  @Test
  void anEmptyBoundStaysNone() {
    assertThat(MvccKeys.encodeBound(Bytes.EMPTY)).isEmpty();
    assertThat(EncodedRange.ofUserKeys(Bytes.EMPTY, Bytes.EMPTY)).isEqualTo(EncodedRange.ALL);
  }

  @Test
  void malformedKeysAreCorruption() {
    for (String malformed :
        new String[] {
          "",
          "01",
          "0102030000000000ff",
          "0102030000000000f6",
          "0102030000000001fa",
          "0102030000000000fa0102030000000000fa"
        }) {
      assertThatThrownBy(() -> MvccKeys.decode(HexFormat.of().parseHex(malformed)))
          .as(malformed)
          .isInstanceOfSatisfying(
              EngineException.class,
              e -> assertThat(e.kind()).isEqualTo(EngineException.Kind.CORRUPTION));
    }
  }

  @Property
  void encodingKeepsTheOrderAndDecodes(
      @ForAll @Size(max = 20) byte[] left, @ForAll @Size(max = 20) byte[] right) {
    byte[] encodedLeft = MvccKeys.encode(Bytes.copyOf(left));
    byte[] encodedRight = MvccKeys.encode(Bytes.copyOf(right));

    assertThat(MvccKeys.decode(encodedLeft)).isEqualTo(Bytes.copyOf(left));
    assertThat(Integer.signum(Arrays.compareUnsigned(encodedLeft, encodedRight)))
        .isEqualTo(Integer.signum(Arrays.compareUnsigned(left, right)));
  }

  @Property
  void newerVersionsSortFirstAndStayBetweenTheirNeighbours(
      @ForAll @Size(max = 10) byte[] key, @ForAll long one, @ForAll long other) {
    Bytes userKey = Bytes.copyOf(key);
    byte[] encoded = MvccKeys.encode(userKey);
    byte[] first = MvccKeys.withTimestamp(encoded, one);
    byte[] second = MvccKeys.withTimestamp(encoded, other);

    assertThat(Integer.signum(Arrays.compareUnsigned(first, second)))
        .isEqualTo(Integer.signum(Long.compareUnsigned(other, one)));
    assertThat(Arrays.compareUnsigned(first, MvccKeys.encode(userKey.next()))).isNegative();
    assertThat(EncodedRange.ofUserKeys(userKey, userKey.next()).contains(first)).isTrue();
  }

  private static String encoded(String userKey) {
    return hex(MvccKeys.encode(Bytes.wrap(HexFormat.of().parseHex(userKey.replace(" ", "")))));
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }
}
