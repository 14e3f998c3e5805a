package io.arrowraft.simulation.world;

import io.arrowraft.runtime.Invariant;
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
      // What a message says is available is all of it, so that it is written here in one piece.
      byte[] whole = new byte[bytes.available()];
      int read = bytes.readNBytes(whole, 0, whole.length);
      Invariant.check(
          read == whole.length && bytes.read() < 0, "a message of another length", "read", read);
      return whole;
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }

  static <T> T decode(RpcCodec<T> codec, byte[] bytes) {
    return codec.decode(new ByteArrayInputStream(bytes));
  }
}
