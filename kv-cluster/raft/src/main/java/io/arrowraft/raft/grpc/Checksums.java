package io.arrowraft.raft.grpc;

import java.util.zip.CRC32C;

final class Checksums {
  private Checksums() {}

  static int crc32c(byte[] data) {
    CRC32C crc = new CRC32C();
    crc.update(data, 0, data.length);
    return (int) crc.getValue();
  }
}
