package io.arrowraft.client.region;

import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.runtime.Bytes;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;

class MemcomparableKeysTest {
  @Example
  void theEncodingIsThePublishedOne() {
    assertThat(MemcomparableKeys.encode(Bytes.EMPTY)).isEqualTo(hex("0000000000000000F7"));
    assertThat(MemcomparableKeys.encode(hex("010203"))).isEqualTo(hex("0102030000000000FA"));
    assertThat(MemcomparableKeys.encode(hex("0102030405060708")))
        .isEqualTo(hex("0102030405060708FF0000000000000000F7"));
  }

  @Property(tries = 300)
  void decodingGivesBackWhatWasEncoded(@ForAll @Size(max = 40) byte[] key) {
    Bytes plain = Bytes.copyOf(key);
    assertThat(MemcomparableKeys.lowerBound(MemcomparableKeys.encode(plain))).isEqualTo(plain);
  }

  @Property(tries = 300)
  void orderIsKept(@ForAll @Size(max = 20) byte[] a, @ForAll @Size(max = 20) byte[] b) {
    Bytes left = Bytes.copyOf(a);
    Bytes right = Bytes.copyOf(b);
    assertThat(
            Integer.signum(
                MemcomparableKeys.encode(left).compareTo(MemcomparableKeys.encode(right))))
        .isEqualTo(Integer.signum(left.compareTo(right)));
  }

  /** Bytes near the markers, and zeros, which look like padding. */
  private static Bytes mixed(Random random, int lengthMax) {
    byte[] bytes = new byte[random.nextInt(lengthMax + 1)];
    int[] likely = {0, 0, 0, 1, 0x61, 0xF6, 0xF7, 0xF9, 0xFE, 0xFF};
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) likely[random.nextInt(likely.length)];
    }
    return Bytes.wrap(bytes);
  }

  @Property(tries = 2000)
  void aBoundOfAnyBytesGivesTheFirstKeyFromItOn(@ForAll long seed) {
    Random random = new Random(seed);
    Bytes bound = mixed(random, 22);
    if (random.nextBoolean()) {
      // A part of an encoding, or one with something behind it.
      byte[] whole = MemcomparableKeys.encode(mixed(random, 12)).unsafeArray();
      bound = Bytes.wrap(Arrays.copyOf(whole, 1 + random.nextInt(whole.length + 2)));
    }
    Bytes first = MemcomparableKeys.lowerBound(bound);
    assertThat(MemcomparableKeys.encode(first)).isGreaterThanOrEqualTo(bound);
    if (!first.isEmpty()) {
      // The keys just below it: without its last byte, or with a smaller one and much behind.
      byte[] shorter = Arrays.copyOf(first.unsafeArray(), first.length() - 1);
      assertThat(MemcomparableKeys.encode(Bytes.wrap(shorter))).isLessThan(bound);
      byte last = first.unsafeArray()[first.length() - 1];
      if (last != 0) {
        byte[] below = Arrays.copyOf(first.unsafeArray(), first.length() + 20);
        Arrays.fill(below, first.length(), below.length, (byte) 0xFF);
        below[first.length() - 1] = (byte) (last - 1);
        assertThat(MemcomparableKeys.encode(Bytes.wrap(below))).isLessThan(bound);
      }
    }
  }

  private static Bytes hex(String hex) {
    return Bytes.wrap(HexFormat.of().parseHex(hex));
  }
}
