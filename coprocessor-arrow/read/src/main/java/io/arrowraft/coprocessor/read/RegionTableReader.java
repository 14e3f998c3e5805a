package io.arrowraft.coprocessor.read;

import io.arrowraft.client.coprocessor.CoprocessorCalls;
import io.arrowraft.client.coprocessor.CoprocessorCalls.Resumption;
import io.arrowraft.client.coprocessor.CoprocessorRequest;
import io.arrowraft.client.coprocessor.CoprocessorSession;
import io.arrowraft.client.coprocessor.Interruption;
import io.arrowraft.client.coprocessor.RegionRanges;
import io.arrowraft.coprocessor.plan.PlanCodec;
import io.arrowraft.coprocessor.plan.PlanRequest;
import io.arrowraft.coprocessor.plan.ResultColumns;
import io.arrowraft.coprocessor.read.ReadFailedException.Code;
import io.arrowraft.coprocessor.read.grpc.BatchFrame;
import io.arrowraft.proto.coprocessor.Request;
import io.arrowraft.proto.coprocessor.Response;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.runtime.TimeSource;
import io.arrowraft.runtime.rpc.RpcMethod;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the regions of its ranges in key order, a few at a time. What a region's stream sent counts
 * once the store has said what it covers; whatever ends a stream early, the rest is asked for again
 * from there, of whichever region holds it by then.
 */
final class RegionTableReader implements TableReader {
  private static final Logger LOG = LoggerFactory.getLogger(RegionTableReader.class);

  private final CoprocessorCalls calls;
  private final RpcMethod<Request, BatchFrame> method;
  private final ReadLimits limits;
  private final TimeSource time;
  private final Waiting waiting;
  private final BatchDecoder decoder;
  private final CoprocessorSession session;

  /** First the region whose result is handed out next; the first few are open. */
  private final ArrayDeque<RegionRead> regions = new ArrayDeque<>();

  private final ArrayDeque<ArrowBuf> deliverable = new ArrayDeque<>();
  private CoprocessorRequest request;
  private ReadStatistics statistics = ReadStatistics.NONE;
  private long waitedNanos;
  private boolean closed;

  RegionTableReader(
      CoprocessorCalls calls,
      RpcMethod<Request, BatchFrame> method,
      ReadRequest read,
      TimeSource time,
      Waiting waiting,
      BufferAllocator allocator) {
    this.calls = calls;
    this.method = method;
    this.limits = read.limits();
    this.time = time;
    this.waiting = waiting;
    this.request =
        new CoprocessorRequest(
            PlanRequest.REQUEST_TYPE,
            Bytes.wrap(PlanCodec.encode(read.plan())),
            read.timestamp(),
            Set.of());
    this.session = await(calls.session(limits.retryTimeout()));
    for (RegionRanges target : await(calls.regionsOf(read.ranges(), session))) {
      regions.add(new RegionRead(target));
    }
    this.decoder =
        new BatchDecoder(ArrowSchemas.of(ResultColumns.of(read.plan().plan())), allocator);
    try {
      openStreams();
    } catch (RuntimeException refused) {
      close();
      throw refused;
    }
  }

  @Override
  public Optional<ReadBatch> next() {
    if (closed) {
      throw new ReadFailedException(Code.CANCELLED, "the reader is closed");
    }
    decoder.clear();
    while (deliverable.isEmpty() && !regions.isEmpty()) {
      openStreams();
      advance(regions.element());
    }
    ArrowBuf batch = deliverable.poll();
    return batch == null ? Optional.empty() : Optional.of(decoder.decode(batch));
  }

  private void openStreams() {
    Iterator<RegionRead> upcoming = regions.iterator();
    for (int i = 0; i < limits.streamsMax() && upcoming.hasNext(); i++) {
      RegionRead region = upcoming.next();
      if (!region.isOpen()) {
        RegionStream stream = new RegionStream();
        region.opened(stream);
        stream.start(
            calls.stream(method, region.target(), request, limits.streamTimeout(), stream),
            limits.prefetchBatches());
      }
    }
  }

  private void advance(RegionRead region) {
    RegionStream.Event event = take(region);
    if (event instanceof RegionStream.Event.Arrived arrived) {
      arrived(region, arrived.frame());
    } else if (event instanceof RegionStream.Event.Broken broken) {
      interrupted(region, new Interruption.StreamBroken(broken.failure()));
    } else {
      region.covered(io.arrowraft.table.Bytes.EMPTY, deliverable);
      finished(region);
    }
  }

  private RegionStream.Event take(RegionRead region) {
    long started = time.nanos();
    try {
      return region.stream()
          .take(limits.batchTimeout(), waiting)
          .orElseThrow(
              () ->
                  new ReadFailedException(
                      Code.TIMED_OUT,
                      "no batch came within "
                          + limits.batchTimeout()
                          + " from "
                          + region.target().region()
                          + " at "
                          + region.target().storeAddress()));
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new ReadFailedException(
          Code.CANCELLED, "interrupted while waiting for a batch", interrupted);
    } finally {
      waitedNanos += time.nanos() - started;
    }
  }

  private void arrived(RegionRead region, BatchFrame frame) {
    Response envelope = frame.envelope();
    long held = frame.data().map(region::hold).orElse(0L);
    if (held > limits.heldBytesMax()) {
      throw new ReadFailedException(
          Code.RESULT_TOO_LARGE,
          region.target().region()
              + " sent more than "
              + limits.heldBytesMax()
              + " bytes before it was complete");
    }
    if (envelope.hasRegionError()) {
      interrupted(region, new Interruption.RegionFailed(envelope.getRegionError()));
    } else if (envelope.hasLocked()) {
      interrupted(region, new Interruption.Locked(List.of(envelope.getLocked())));
    } else if (!envelope.getOtherError().isEmpty()) {
      throw new ReadFailedException(Code.PLAN_FAILED, envelope.getOtherError());
    } else {
      count(envelope, frame);
      if (envelope.hasRange()) {
        region.covered(
            io.arrowraft.table.Bytes.copyOf(envelope.getRange().getEnd().toByteArray()),
            deliverable);
      }
    }
  }

  private void count(Response envelope, BatchFrame frame) {
    long scanned = envelope.getExecDetailsV2().getScanDetailV2().getProcessedVersions();
    statistics =
        statistics.plus(
            new ReadStatistics(
                scanned,
                frame.data().map(BatchDecoder::rows).orElse(0L),
                frame.data().isPresent() ? 1 : 0,
                frame.data().map(ArrowBuf::capacity).orElse(0L),
                0,
                0,
                Duration.ZERO));
  }

  private void finished(RegionRead region) {
    region.close();
    regions.remove();
    statistics = statistics.plus(new ReadStatistics(0, 0, 0, 0, 1, 0, Duration.ZERO));
  }

  private void interrupted(RegionRead region, Interruption interruption) {
    region.close();
    if (region.left().isEmpty()) {
      finished(region);
      return;
    }
    LOG.debug(
        "region read again: region={}, store={}, reason={}",
        region.target().regionId(),
        region.target().storeAddress(),
        interruption);
    statistics = statistics.plus(new ReadStatistics(0, 0, 0, 0, 0, 1, Duration.ZERO));
    long started = time.nanos();
    Resumption resumption =
        await(calls.recover(region.target(), region.left(), request, interruption, session));
    waitedNanos += time.nanos() - started;
    request = resumption.request();
    regions.remove();
    List<RegionRanges> targets = new ArrayList<>(resumption.targets());
    for (int i = targets.size() - 1; i >= 0; i--) {
      regions.addFirst(new RegionRead(targets.get(i)));
    }
  }

  private <T> T await(CompletionStage<T> stage) {
    Duration bound = limits.retryTimeout().plus(limits.batchTimeout());
    return waiting.await(
        stage,
        bound,
        () -> new ReadFailedException(Code.TIMED_OUT, "no route to the data within " + bound));
  }

  @Override
  public ReadStatistics statistics() {
    return statistics.plus(new ReadStatistics(0, 0, 0, 0, 0, 0, Duration.ofNanos(waitedNanos)));
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      regions.forEach(RegionRead::close);
      regions.clear();
      deliverable.forEach(ArrowBuf::close);
      deliverable.clear();
      decoder.close();
    }
  }
}
