package io.arrowraft.coprocessor.engine;

import com.google.flatbuffers.FlatBufferBuilder;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.flatbuf.Buffer;
import org.apache.arrow.flatbuf.FieldNode;
import org.apache.arrow.flatbuf.Message;
import org.apache.arrow.flatbuf.MessageHeader;
import org.apache.arrow.flatbuf.MetadataVersion;
import org.apache.arrow.flatbuf.RecordBatch;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.OutOfMemoryException;

/**
 * Writes record batches as encapsulated Arrow IPC messages: a marker, the length of the metadata,
 * the metadata, then the buffers of all columns, each begun at a multiple of eight bytes. One
 * buffer of the allocator takes message after message.
 */
final class BatchEncoder implements AutoCloseable {
  private static final int ALIGNMENT = 8;
  private static final int CONTINUATION = -1;
  private static final int PREFIX_BYTES = 8;

  private final BufferAllocator allocator;
  private ArrowBuf target;

  BatchEncoder(BufferAllocator allocator) {
    this.allocator = allocator;
  }

  private record Segment(byte[] bytes, int length) {}

  /** A message of {@code rows} rows, in a buffer that the next call writes over. */
  ByteBuffer encode(List<OutputColumn> columns, int rows) {
    List<Segment> body = new ArrayList<>();
    for (OutputColumn column : columns) {
      body.add(new Segment(column.validity(), (rows + 7) / 8));
      if (column.hasOffsets()) {
        body.add(new Segment(column.offsets(), (rows + 1) * Integer.BYTES));
      }
      body.add(new Segment(column.data(), column.dataBytes()));
    }
    long bodyBytes = 0;
    for (Segment segment : body) {
      bodyBytes += aligned(segment.length());
    }
    ByteBuffer metadata = metadata(columns, body, rows, bodyBytes);
    int metadataBytes = (int) aligned(PREFIX_BYTES + metadata.remaining()) - PREFIX_BYTES;
    int total = Math.toIntExact(PREFIX_BYTES + metadataBytes + bodyBytes);
    ByteBuffer message = reserve(total);
    message.putInt(CONTINUATION).putInt(metadataBytes).put(metadata);
    pad(message, PREFIX_BYTES + metadataBytes);
    for (Segment segment : body) {
      message.put(segment.bytes(), 0, segment.length());
      pad(message, (int) aligned(message.position()));
    }
    return message.flip();
  }

  private static long aligned(long bytes) {
    return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }

  private static void pad(ByteBuffer message, int until) {
    while (message.position() < until) {
      message.put((byte) 0);
    }
  }

  private static ByteBuffer metadata(
      List<OutputColumn> columns, List<Segment> body, int rows, long bodyBytes) {
    FlatBufferBuilder builder = new FlatBufferBuilder(512);
    // Vectors of structs are written back to front.
    RecordBatch.startBuffersVector(builder, body.size());
    long end = bodyBytes;
    for (int i = body.size() - 1; i >= 0; i--) {
      end -= aligned(body.get(i).length());
      Buffer.createBuffer(builder, end, body.get(i).length());
    }
    int buffers = builder.endVector();
    RecordBatch.startNodesVector(builder, columns.size());
    for (int i = columns.size() - 1; i >= 0; i--) {
      FieldNode.createFieldNode(builder, rows, columns.get(i).nullCount());
    }
    int nodes = builder.endVector();
    RecordBatch.startRecordBatch(builder);
    RecordBatch.addLength(builder, rows);
    RecordBatch.addNodes(builder, nodes);
    RecordBatch.addBuffers(builder, buffers);
    int batch = RecordBatch.endRecordBatch(builder);
    Message.startMessage(builder);
    Message.addHeaderType(builder, MessageHeader.RecordBatch);
    Message.addHeader(builder, batch);
    Message.addVersion(builder, MetadataVersion.V5);
    Message.addBodyLength(builder, bodyBytes);
    builder.finish(Message.endMessage(builder));
    return builder.dataBuffer();
  }

  private ByteBuffer reserve(int bytes) {
    if (target == null || target.capacity() < bytes) {
      close();
      try {
        target = allocator.buffer(bytes);
      } catch (OutOfMemoryException e) {
        MemoryLimitExceeded exceeded =
            new MemoryLimitExceeded(
                MemoryBudget.LIMIT_NAME, allocator.getLimit(), MemoryBudget.REMEDY);
        exceeded.initCause(e);
        throw exceeded;
      }
    }
    return target.nioBuffer(0, bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  @Override
  public void close() {
    if (target != null) {
      target.close();
      target = null;
    }
  }
}
