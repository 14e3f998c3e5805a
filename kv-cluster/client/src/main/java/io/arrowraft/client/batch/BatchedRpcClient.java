package io.arrowraft.client.batch;

import com.google.protobuf.Message;
import io.arrowraft.runtime.Async;
import io.arrowraft.runtime.Deadline;
import io.arrowraft.runtime.EventLoop;
import io.arrowraft.runtime.TimeSource;
import io.arrowraft.runtime.rpc.RpcClient;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcMethod;
import io.arrowraft.runtime.rpc.RpcReceiver;
import io.arrowraft.runtime.rpc.RpcStatus;
import io.arrowraft.runtime.rpc.RpcStream;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Calls stores over one stream each, as far as TiKV's {@code BatchCommands} allows, and directly
 * otherwise. Deadlines of batched calls are looked at every {@value BatchLane#SWEEP_MILLIS} ms.
 * Safe for use by any thread.
 */
public final class BatchedRpcClient implements RpcClient {
  /** Larger ones would hold up those behind them. */
  private static final int REQUEST_BYTES_MAX = 128 << 10;

  private final RpcClient direct;
  private final EventLoop loop;
  private final TimeSource time;
  private final BatchMeters meters;

  /** By address. On the loop. */
  private final Map<String, BatchLane> lanes = new LinkedHashMap<>();

  private boolean closed;

  /**
   * @param direct carries the streams and all that is not batched
   * @param loop the client's own
   */
  public BatchedRpcClient(
      RpcClient direct, EventLoop loop, TimeSource time, MeterRegistry registry) {
    this.direct = direct;
    this.loop = loop;
    this.time = time;
    this.meters = BatchMeters.register(registry);
  }

  @Override
  public <Q, R> CompletableFuture<R> call(
      String address, RpcMethod<Q, R> method, Q request, Duration timeout) {
    Optional<BatchKind> kind = BatchKind.of(method);
    if (kind.isEmpty()
        || !(request instanceof Message message)
        || message.getSerializedSize() > REQUEST_BYTES_MAX) {
      return direct.call(address, method, request, timeout);
    }
    Deadline deadline = Deadline.after(timeout, time);
    CompletableFuture<R> answer = new CompletableFuture<>();
    BatchEntry entry =
        new BatchEntry(
            kind.get(),
            message,
            deadline,
            method + " at " + address,
            received -> answer.complete(typed(received)),
            answer::completeExceptionally,
            () -> sendAlone(address, method, request, deadline, answer),
            answer::isDone);
    loop.run(() -> enter(address, entry));
    return answer;
  }

  private void enter(String address, BatchEntry entry) {
    if (closed) {
      entry.failed().accept(new RpcException(RpcStatus.CANCELLED, "the RPC client is closed"));
    } else {
      lanes
          .computeIfAbsent(address, to -> new BatchLane(to, direct, loop, time, meters))
          .enter(entry);
    }
  }

  private <Q, R> void sendAlone(
      String address,
      RpcMethod<Q, R> method,
      Q request,
      Deadline deadline,
      CompletableFuture<R> answer) {
    Duration left = deadline.remaining(time);
    if (left.isZero()) {
      answer.completeExceptionally(
          new RpcException(
              RpcStatus.DEADLINE_EXCEEDED, method + " at " + address + ": no time was left"));
      return;
    }
    CompletableFuture<R> call = direct.call(address, method, request, left);
    call.whenComplete((value, failure) -> Async.settle(answer, value, failure));
    answer.whenComplete(
        (value, failure) -> {
          if (answer.isCancelled()) {
            call.cancel(false);
          }
        });
  }

  @SuppressWarnings("unchecked") // The answer comes from the field that belongs to the method.
  private static <R> R typed(Message answer) {
    return (R) answer;
  }

  @Override
  public <Q, R> RpcStream<Q> open(
      String address, RpcMethod<Q, R> method, Duration timeout, RpcReceiver<R> responses) {
    return direct.open(address, method, timeout, responses);
  }

  /** Ends the streams; what is under way on them fails. On the loop. */
  public void close() {
    loop.requireInLoop();
    closed = true;
    lanes.values().forEach(BatchLane::close);
    lanes.clear();
  }
}
