package io.arrowraft.coprocessor.read;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.apache.arrow.flatbuf.Message;
import org.apache.arrow.flatbuf.MessageHeader;
import org.apache.arrow.flatbuf.RecordBatch;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorLoader;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.message.ArrowRecordBatch;
import org.apache.arrow.vector.ipc.message.MessageSerializer;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * Lays vectors over the bytes of an Arrow IPC record batch message, without a copy: each vector's
 * buffers are slices of the one buffer that the message came in. Belongs to one thread.
 */
final class BatchDecoder implements AutoCloseable {
  /** Stands before the metadata length since version 0.15 of the format. */
  private static final int CONTINUATION = -1;

  private final VectorSchemaRoot root;
  private final VectorLoader loader;

  BatchDecoder(Schema schema, BufferAllocator allocator) {
    this.root = VectorSchemaRoot.create(schema, allocator);
    this.loader = new VectorLoader(root);
  }

  /**
   * The batch that {@code message} holds. Takes the buffer over; the vectors of the batch before
   * are freed.
   *
   * @throws ReadFailedException if the bytes are no record batch of this schema
   */
  ReadBatch decode(ArrowBuf message) {
    clear();
    try (message) {
      long size = message.capacity();
      long prefix = size >= 8 && message.getInt(0) == CONTINUATION ? 8 : 4;
      int metadataBytes = size < prefix ? -1 : message.getInt(prefix - 4);
      if (metadataBytes < 4 || prefix + metadataBytes > size) {
        throw ReadFailedException.malformed(
            "metadata of " + metadataBytes + " bytes in a message of " + size);
      }
      ByteBuffer metadata = message.nioBuffer(prefix, metadataBytes).order(ByteOrder.LITTLE_ENDIAN);
      Message header = Message.getRootAsMessage(metadata);
      if (header.headerType() != MessageHeader.RecordBatch) {
        throw ReadFailedException.malformed("message of type " + header.headerType());
      }
      long bodyStart = prefix + metadataBytes;
      if (header.bodyLength() < 0 || bodyStart + header.bodyLength() > size) {
        throw ReadFailedException.malformed(
            "body of " + header.bodyLength() + " bytes in a message of " + size);
      }
      RecordBatch recordBatch = (RecordBatch) header.header(new RecordBatch());
      load(recordBatch, message.slice(bodyStart, header.bodyLength()));
    }
    return new ReadBatch(List.copyOf(root.getFieldVectors()), root.getRowCount());
  }

  /** Rows of a record batch message, 0 if it is none: only {@link #decode} judges messages. */
  static long rows(ArrowBuf message) {
    long size = message.capacity();
    int prefix = size >= 8 && message.getInt(0) == CONTINUATION ? 8 : 4;
    int metadataBytes = size < prefix ? -1 : message.getInt(prefix - 4);
    if (metadataBytes < 4 || prefix + metadataBytes > size) {
      return 0;
    }
    Message header =
        Message.getRootAsMessage(
            message.nioBuffer(prefix, metadataBytes).order(ByteOrder.LITTLE_ENDIAN));
    return header.headerType() == MessageHeader.RecordBatch
        ? ((RecordBatch) header.header(new RecordBatch())).length()
        : 0;
  }

  private void load(RecordBatch recordBatch, ArrowBuf body) {
    if (recordBatch.nodesLength() != root.getFieldVectors().size()) {
      throw ReadFailedException.malformed(
          recordBatch.nodesLength()
              + " columns where the plan has "
              + root.getFieldVectors().size());
    }
    // The call gives back one reference of the body, which is shared with the message.
    body.getReferenceManager().retain();
    try (ArrowRecordBatch batch = deserialize(recordBatch, body)) {
      loader.load(batch);
    }
  }

  private static ArrowRecordBatch deserialize(RecordBatch recordBatch, ArrowBuf body) {
    try {
      return MessageSerializer.deserializeRecordBatch(recordBatch, body);
    } catch (java.io.IOException malformed) {
      throw ReadFailedException.malformed(malformed.getMessage());
    }
  }

  /** Frees the vectors of the last batch. */
  void clear() {
    root.clear();
  }

  @Override
  public void close() {
    root.close();
  }
}
