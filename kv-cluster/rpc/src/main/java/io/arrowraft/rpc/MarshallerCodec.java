package io.arrowraft.rpc;

import io.arrowraft.runtime.rpc.RpcCodec;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor.Marshaller;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.InputStream;

/**
 * A gRPC marshaller seen as a codec; unwrapped again by the gRPC adapter, so that the bridge costs
 * nothing.
 */
record MarshallerCodec<T>(Marshaller<T> marshaller) implements RpcCodec<T> {
  @Override
  public InputStream encode(T message) {
    return marshaller.stream(message);
  }

  @Override
  public T decode(InputStream bytes) {
    return marshaller.parse(
        bytes instanceof ByteArrayInputStream whole ? new WholeMessage(whole) : bytes);
  }

  static <T> Marshaller<T> marshallerOf(RpcCodec<T> codec) {
    return codec instanceof MarshallerCodec<T> wrapped
        ? wrapped.marshaller()
        : new CodecMarshaller<>(codec);
  }

  /** Bytes that are all there: told so, a marshaller parses them without a buffer of its own. */
  private static final class WholeMessage extends FilterInputStream implements KnownLength {
    WholeMessage(ByteArrayInputStream bytes) {
      super(bytes);
    }
  }

  private record CodecMarshaller<T>(RpcCodec<T> codec) implements Marshaller<T> {
    @Override
    public InputStream stream(T message) {
      return codec.encode(message);
    }

    @Override
    public T parse(InputStream bytes) {
      return codec.decode(bytes);
    }
  }
}
