package io.arrowraft.runtime.rpc;

import java.io.InputStream;

/**
 * Turns a message into bytes and back, in the shape of gRPC's marshaller so that an adapter adds no
 * copy.
 *
 * @param <T> an immutable message
 */
public interface RpcCodec<T> {
  /** The bytes of {@code message}, as a stream that may be drained lazily. */
  InputStream encode(T message);

  /** The message that {@code bytes} hold. */
  T decode(InputStream bytes);
}
