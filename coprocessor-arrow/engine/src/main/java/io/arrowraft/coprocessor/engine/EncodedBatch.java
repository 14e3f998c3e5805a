package io.arrowraft.coprocessor.engine;

import java.nio.ByteBuffer;

/**
 * One encapsulated Arrow IPC record-batch message.
 *
 * @param message little endian, from position to limit; belongs to the executor and is written over
 *     by its next call
 * @param rows of the batch
 */
public record EncodedBatch(ByteBuffer message, int rows) {

  /** A copy that outlives the executor. */
  public byte[] toByteArray() {
    byte[] bytes = new byte[message.remaining()];
    message.get(message.position(), bytes);
    return bytes;
  }
}
