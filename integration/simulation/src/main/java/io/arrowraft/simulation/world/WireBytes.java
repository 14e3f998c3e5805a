package io.arrowraft.simulation.world;

import io.arrowraft.runtime.rpc.RpcCodec;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** Messages as the bytes that cross the network. */
final class WireBytes {
  private WireBytes() {}

  static <T> byte[] encode(RpcCodec<T> codec, T message) {
    try (InputStream bytes = codec.encode(message)) {
      return bytes.readAllBytes();
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }

  static <T> T decode(RpcCodec<T> codec, byte[] bytes) {
    return codec.decode(new ByteArrayInputStream(bytes));
  }
}
