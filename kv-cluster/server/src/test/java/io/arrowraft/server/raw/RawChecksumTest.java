package io.arrowraft.server.raw;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RawChecksumTest {
  @Test
  void isTheCrcThatXzHas() {
    // The check value of CRC-64/XZ in the catalogue of CRC algorithms.
    assertThat(RawChecksum.crc64("123456789".getBytes(UTF_8))).isEqualTo(0x995DC9BBDF1939FAL);
    assertThat(RawChecksum.crc64(new byte[0])).isZero();
  }
}
