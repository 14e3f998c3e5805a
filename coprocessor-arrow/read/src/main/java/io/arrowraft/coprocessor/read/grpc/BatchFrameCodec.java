package io.arrowraft.coprocessor.read.grpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.UnsafeByteOperations;
import com.google.protobuf.WireFormat;
import io.arrowraft.proto.coprocessor.Response;
import io.arrowraft.runtime.rpc.RpcCodec;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcStatus;
import io.grpc.HasByteBuffer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;

/**
 * Reads {@code coprocessor.Response} with its data in an Arrow buffer instead of a byte string. The
 * bytes on the wire are those of the protobuf message. A message comes in fragments of at most 16
 * KiB; its data is gathered from them by one copy into one buffer, so that vectors can lie over it.
 */
public final class BatchFrameCodec implements RpcCodec<BatchFrame> {
  private static final int CHUNK_BYTES = 16 << 10;

  private final BufferAllocator allocator;

  /**
   * @param allocator owns every buffer handed out; may be used from any thread
   */
  public BatchFrameCodec(BufferAllocator allocator) {
    this.allocator = allocator;
  }

  @Override
  public InputStream encode(BatchFrame frame) {
    Response.Builder response = frame.envelope().toBuilder();
    frame.data().ifPresent(data -> response.setData(bytesOf(data)));
    return new ByteArrayInputStream(response.build().toByteArray());
  }

  private static ByteString bytesOf(ArrowBuf data) {
    byte[] bytes = new byte[Math.toIntExact(data.capacity())];
    data.getBytes(0, bytes);
    return UnsafeByteOperations.unsafeWrap(bytes);
  }

  @Override
  public BatchFrame decode(InputStream bytes) {
    ByteArrayOutputStream envelope = new ByteArrayOutputStream();
    ArrowBuf data = null;
    boolean complete = false;
    try {
      CodedOutputStream rest = CodedOutputStream.newInstance(envelope);
      while (true) {
        int first = bytes.read();
        if (first < 0) {
          break;
        }
        int tag = (int) varint(first, bytes);
        if (tag == tagOf(Response.DATA_FIELD_NUMBER)) {
          int length = (int) varint(required(bytes), bytes);
          if (data != null) {
            data.close();
          }
          data = gather(bytes, length);
        } else {
          copyField(tag, bytes, rest);
        }
      }
      rest.flush();
      BatchFrame frame =
          new BatchFrame(Optional.ofNullable(data), Response.parseFrom(envelope.toByteArray()));
      complete = true;
      return frame;
    } catch (IOException malformed) {
      throw new RpcException(
          RpcStatus.INTERNAL,
          "malformed coprocessor response: " + malformed.getMessage(),
          malformed);
    } finally {
      if (!complete && data != null) {
        data.close();
      }
    }
  }

  private static int tagOf(int fieldNumber) {
    return fieldNumber << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED;
  }

  private static void copyField(int tag, InputStream bytes, CodedOutputStream rest)
      throws IOException {
    rest.writeUInt32NoTag(tag);
    switch (WireFormat.getTagWireType(tag)) {
      case WireFormat.WIRETYPE_VARINT -> rest.writeUInt64NoTag(varint(required(bytes), bytes));
      case WireFormat.WIRETYPE_FIXED64 -> rest.writeRawBytes(exactly(bytes, 8));
      case WireFormat.WIRETYPE_FIXED32 -> rest.writeRawBytes(exactly(bytes, 4));
      case WireFormat.WIRETYPE_LENGTH_DELIMITED -> {
        int length = (int) varint(required(bytes), bytes);
        rest.writeUInt32NoTag(length);
        rest.writeRawBytes(exactly(bytes, length));
      }
      default -> throw new IOException("field tag " + tag + " has an unknown wire type");
    }
  }

  private static byte[] exactly(InputStream bytes, int length) throws IOException {
    if (length < 0 || length > bytes.available()) {
      throw new IOException("field of " + length + " bytes with " + bytes.available() + " left");
    }
    byte[] result = bytes.readNBytes(length);
    if (result.length != length) {
      throw new IOException("message ends inside a field");
    }
    return result;
  }

  private static int required(InputStream bytes) throws IOException {
    int value = bytes.read();
    if (value < 0) {
      throw new IOException("message ends inside a field");
    }
    return value;
  }

  private static long varint(int first, InputStream bytes) throws IOException {
    long result = first & 0x7F;
    int current = first;
    for (int shift = 7; (current & 0x80) != 0; shift += 7) {
      if (shift > 63) {
        throw new IOException("number of more than ten bytes");
      }
      current = required(bytes);
      result |= (long) (current & 0x7F) << shift;
    }
    return result;
  }

  private ArrowBuf gather(InputStream bytes, int length) throws IOException {
    if (length < 0 || length > bytes.available()) {
      throw new IOException("data of " + length + " bytes with " + bytes.available() + " left");
    }
    ArrowBuf target = allocator.buffer(length);
    boolean complete = false;
    try {
      if (bytes instanceof HasByteBuffer fragments && fragments.byteBufferSupported()) {
        copyFragments(bytes, fragments, target, length);
      } else {
        copyChunks(bytes, target, length);
      }
      complete = true;
      return target;
    } finally {
      if (!complete) {
        target.close();
      }
    }
  }

  private static void copyFragments(
      InputStream bytes, HasByteBuffer fragments, ArrowBuf target, int length) throws IOException {
    int done = 0;
    while (done < length) {
      ByteBuffer fragment = fragments.getByteBuffer();
      if (fragment == null || !fragment.hasRemaining()) {
        throw new IOException("message ends after " + done + " of " + length + " bytes of data");
      }
      ByteBuffer part = fragment.duplicate();
      part.limit(part.position() + Math.min(part.remaining(), length - done));
      int size = part.remaining();
      target.setBytes(done, part);
      bytes.skipNBytes(size);
      done += size;
    }
  }

  private static void copyChunks(InputStream bytes, ArrowBuf target, int length)
      throws IOException {
    byte[] chunk = new byte[Math.min(length, CHUNK_BYTES)];
    int done = 0;
    while (done < length) {
      int size = bytes.readNBytes(chunk, 0, Math.min(chunk.length, length - done));
      if (size == 0) {
        throw new IOException("message ends after " + done + " of " + length + " bytes of data");
      }
      target.setBytes(done, chunk, 0, size);
      done += size;
    }
  }
}
