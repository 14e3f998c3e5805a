package io.arrowraft.coprocessor.read.grpc;

import io.arrowraft.proto.coprocessor.Response;
import java.util.Optional;
import org.apache.arrow.memory.ArrowBuf;

/**
 * One message of a coprocessor stream. Whoever receives it owns the buffer.
 *
 * @param data the bytes of {@code Response.data}, if there are any
 * @param envelope the message without its data
 */
public record BatchFrame(Optional<ArrowBuf> data, Response envelope) implements AutoCloseable {

  /** Frees the data. */
  @Override
  public void close() {
    data.ifPresent(ArrowBuf::close);
  }
}
