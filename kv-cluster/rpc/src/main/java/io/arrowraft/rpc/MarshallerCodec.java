package io.arrowraft.rpc;

import io.arrowraft.runtime.rpc.RpcCodec;
import io.grpc.MethodDescriptor.Marshaller;
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
    return marshaller.parse(bytes);
  }

  static <T> Marshaller<T> marshallerOf(RpcCodec<T> codec) {
    return codec instanceof MarshallerCodec<T> wrapped
        ? wrapped.marshaller()
        : new CodecMarshaller<>(codec);
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
