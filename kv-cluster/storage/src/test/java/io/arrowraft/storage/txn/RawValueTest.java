package io.arrowraft.storage.txn;

import static io.arrowraft.storage.txn.TestStore.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arrowraft.runtime.Bytes;
import io.arrowraft.storage.engine.EngineException;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class RawValueTest {
  @Test
  void envelopesHaveAVersionByteAndMaybeAnExpiry() {
    assertThat(hex(RawValue.lasting(bytes("v")).encode())).isEqualTo("1076");
    assertThat(hex(RawValue.lasting(Bytes.EMPTY).encode())).isEqualTo("10");
    assertThat(hex(RawValue.withTtl(bytes("v"), 10, 0x100).encode()))
        .isEqualTo("11000000000000010a76");
    for (RawValue value :
        new RawValue[] {RawValue.lasting(bytes("v")), RawValue.withTtl(Bytes.EMPTY, 5, 7)}) {
      assertThat(RawValue.decode(value.encode())).isEqualTo(value);
    }
  }

  @Test
  void valuesLiveUntilTheirSecondComes() {
    RawValue value = RawValue.withTtl(bytes("v"), 10, 100);

    assertThat(value.isExpiredAt(109)).isFalse();
    assertThat(value.ttlSeconds(109)).isEqualTo(1);
    assertThat(value.isExpiredAt(110)).isTrue();
    assertThat(value.ttlSeconds(111)).isZero();
    assertThat(RawValue.withTtl(bytes("v"), 0, 100).isExpiredAt(Long.MAX_VALUE)).isFalse();
  }

  @Test
  void otherVersionsAndTornEnvelopesAreCorruption() {
    for (String malformed : new String[] {"", "00", "1200", "1100000000", "11ffffffffffffffff"}) {
      assertThatThrownBy(() -> RawValue.decode(HexFormat.of().parseHex(malformed)))
          .as(malformed)
          .isInstanceOfSatisfying(
              EngineException.class,
              e -> assertThat(e.kind()).isEqualTo(EngineException.Kind.CORRUPTION));
    }
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }
}
