package io.arrowraft.client.region;

import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.runtime.Bytes;
import java.util.HexFormat;
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

  @Example
  void aBoundThatIsNoEncodingGivesTheKeysFromItOn() {
    Bytes bound = Bytes.ofUtf8("raw-split-key");
    Bytes key = MemcomparableKeys.lowerBound(bound);
    assertThat(MemcomparableKeys.encode(key)).isGreaterThanOrEqualTo(bound);
  }

  private static Bytes hex(String hex) {
    return Bytes.wrap(HexFormat.of().parseHex(hex));
  }
}
