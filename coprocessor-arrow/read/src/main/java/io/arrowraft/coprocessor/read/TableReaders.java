package io.arrowraft.coprocessor.read;

import io.arrowraft.client.coprocessor.CoprocessorCalls;
import io.arrowraft.client.coprocessor.RegionRanges;
import io.arrowraft.coprocessor.read.grpc.BatchFrame;
import io.arrowraft.coprocessor.read.grpc.BatchFrameCodec;
import io.arrowraft.pd.client.RangeStatistics;
import io.arrowraft.proto.coprocessor.Request;
import io.arrowraft.runtime.TimeSource;
import io.arrowraft.runtime.rpc.RpcMethod;
import io.arrowraft.table.KeyRange;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;

/**
 * Opens readers of one cluster. One for each client: the transport remembers the method that is
 * called here. Safe for use by any thread.
 */
public final class TableReaders {
  private final CoprocessorCalls calls;
  private final TimeSource time;
  private final Waiting waiting;
  private final BufferAllocator allocator;
  private final RpcMethod<Request, BatchFrame> method;

  /**
   * @param allocator of every buffer of every reader; must outlive them and the client
   */
  public TableReaders(CoprocessorCalls calls, TimeSource time, BufferAllocator allocator) {
    this(calls, time, Waiting.ASLEEP, allocator);
  }

  /** The same for readers that do not sleep while they wait. */
  public TableReaders(
      CoprocessorCalls calls, TimeSource time, Waiting waiting, BufferAllocator allocator) {
    this.calls = calls;
    this.time = time;
    this.waiting = waiting;
    this.allocator = allocator;
    this.method =
        new RpcMethod<>(
            CoprocessorCalls.STREAM.service(),
            CoprocessorCalls.STREAM.name(),
            CoprocessorCalls.STREAM.kind(),
            CoprocessorCalls.STREAM.requests(),
            new BatchFrameCodec(allocator));
  }

  /** Starts to read; waits until the first regions are found. */
  public TableReader open(ReadRequest request) {
    return new RegionTableReader(calls, method, request, time, waiting, allocator);
  }

  /**
   * What each region holds of ranges, to plan tasks by.
   *
   * @param targets as {@link CoprocessorCalls#regionsOf(List)} found them
   * @param whole how much data all those regions hold; spread evenly over them
   */
  public static List<RegionShare> shares(List<RegionRanges> targets, RangeStatistics whole) {
    long regions = Math.max(1, Math.max(targets.size(), whole.regions()));
    List<RegionShare> shares = new ArrayList<>();
    for (RegionRanges target : targets) {
      List<KeyRange> ranges = target.ranges();
      shares.add(
          new RegionShare(
              target.regionId(),
              ranges,
              target.storeAddress(),
              whole.approximateBytes() / regions,
              whole.approximateKeys() / regions));
    }
    return shares;
  }
}
