package io.arrowraft.coprocessor.read.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.arrowraft.proto.coprocessor.KeyRange;
import io.arrowraft.proto.coprocessor.Response;
import io.arrowraft.runtime.rpc.RpcException;
import io.grpc.HasByteBuffer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.apache.arrow.memory.AllocationListener;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.junit.jupiter.api.Test;

class BatchFrameCodecTest {
  private static final int DATA_BYTES = 1 << 20;

  private final byte[] data = new byte[DATA_BYTES];

  BatchFrameCodecTest() {
    new Random(7).nextBytes(data);
  }

  private Response response() {
    return Response.newBuilder()
        .setData(ByteString.copyFrom(data))
        .setRange(KeyRange.newBuilder().setEnd(ByteString.copyFromUtf8("end")))
        .setCacheLastVersion(1L << 60)
        .setCanBeCached(true)
        .build();
  }

  /** A message in pieces of 16 KiB, as gRPC hands it out; counts what is read in which way. */
  private static final class Fragments extends InputStream implements HasByteBuffer {
    private static final int FRAGMENT_BYTES = 16 << 10;

    private final byte[] message;
    private int position;
    long bytesByArray;
    long bytesSkipped;

    Fragments(byte[] message) {
      this.message = message;
    }

    @Override
    public boolean byteBufferSupported() {
      return true;
    }

    @Override
    public ByteBuffer getByteBuffer() {
      int end = Math.min(message.length, (position / FRAGMENT_BYTES + 1) * FRAGMENT_BYTES);
      return position == message.length
          ? null
          : ByteBuffer.wrap(message, position, end - position).asReadOnlyBuffer();
    }

    @Override
    public int read() {
      return position == message.length ? -1 : message[position++] & 0xFF;
    }

    @Override
    public int read(byte[] target, int from, int count) {
      int size = Math.min(count, message.length - position);
      if (size == 0 && count > 0) {
        return -1;
      }
      System.arraycopy(message, position, target, from, size);
      position += size;
      bytesByArray += size;
      return size;
    }

    @Override
    public long skip(long count) {
      position += (int) count;
      bytesSkipped += count;
      return count;
    }

    @Override
    public int available() {
      return message.length - position;
    }
  }

  @Test
  void gathersFragmentsIntoOneBufferByOneCopy() {
    long[] allocations = new long[2];
    AllocationListener counting =
        new AllocationListener() {
          @Override
          public void onAllocation(long size) {
            allocations[0]++;
            allocations[1] += size;
          }
        };
    Fragments fragments = new Fragments(response().toByteArray());
    try (BufferAllocator allocator = new RootAllocator(counting, Long.MAX_VALUE);
        BatchFrame frame = new BatchFrameCodec(allocator).decode(fragments)) {
      assertThat(allocations[0]).isEqualTo(1);
      assertThat(allocations[1]).isEqualTo(DATA_BYTES);
      // Each byte of data was taken from its fragment once; only the envelope went by the heap.
      assertThat(fragments.bytesSkipped).isEqualTo(DATA_BYTES);
      assertThat(fragments.bytesByArray).isLessThan(64);
      byte[] gathered = new byte[DATA_BYTES];
      frame.data().orElseThrow().getBytes(0, gathered);
      assertThat(gathered).isEqualTo(data);
      assertThat(frame.envelope()).isEqualTo(response().toBuilder().clearData().build());
    }
  }

  @Test
  void readsPlainStreamsToo() throws IOException {
    try (BufferAllocator allocator = new RootAllocator();
        BatchFrame frame =
            new BatchFrameCodec(allocator)
                .decode(new ByteArrayInputStream(response().toByteArray()))) {
      try (InputStream encoded = new BatchFrameCodec(allocator).encode(frame)) {
        assertThat(Response.parseFrom(encoded)).isEqualTo(response());
      }
    }
  }

  @Test
  void truncatedMessagesAreRefusedAndLeakNothing() {
    byte[] whole = response().toByteArray();
    try (BufferAllocator allocator = new RootAllocator()) {
      for (int length : new int[] {1, 3, 1_000, DATA_BYTES + 2, whole.length - 1}) {
        byte[] cut = Arrays.copyOf(whole, length);
        assertThatThrownBy(() -> new BatchFrameCodec(allocator).decode(new Fragments(cut)))
            .isInstanceOf(RpcException.class);
      }
      assertThat(allocator.getAllocatedMemory()).isZero();
    }
  }
}
