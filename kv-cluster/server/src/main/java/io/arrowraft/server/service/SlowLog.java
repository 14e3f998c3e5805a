package io.arrowraft.server.service;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.arrowraft.proto.kvrpcpb.Context;
import io.arrowraft.runtime.Deadline;
import io.arrowraft.runtime.TimeSource;
import io.arrowraft.runtime.rpc.RpcMethod;
import io.arrowraft.runtime.rpc.RpcService;
import io.arrowraft.server.region.RequestTimes;
import io.arrowraft.server.region.RequestTimes.Stage;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs requests that took long, and where they spent the time, a few of them a second; all are
 * counted. Keys and values are never logged. Safe for use by any thread.
 */
final class SlowLog {
  private static final Logger LOG = LoggerFactory.getLogger(SlowLog.class);
  private static final int CONTEXT_FIELD = 1;

  /** In an overload every request is slow, and writing that down must not make them slower. */
  private static final int LINES_PER_SECOND = 10;

  private final Duration threshold;
  private final TimeSource time;
  private final Counter slow;
  private final LineBudget lines;

  /**
   * @param threshold requests that take longer are logged
   */
  SlowLog(Duration threshold, TimeSource time, MeterRegistry meters) {
    this.threshold = threshold;
    this.time = time;
    this.lines = new LineBudget(LINES_PER_SECOND, time);
    this.slow =
        Counter.builder("arrowraft_server_slow_requests_total")
            .description("Requests that took longer than the threshold of the slow log")
            .register(meters);
  }

  /** The same service, whose unary methods are watched. */
  RpcService watch(RpcService service) {
    RpcService.Builder watched = RpcService.named(service.name());
    service.bindings().values().forEach(binding -> add(watched, binding));
    return watched.build();
  }

  private <Q, R> void add(RpcService.Builder watched, RpcService.Binding<Q, R> binding) {
    if (binding.unary() == null) {
      watched.stream(binding.method(), binding.stream());
    } else {
      watched.unary(binding.method(), watch(binding.method(), binding.unary()));
    }
  }

  private <Q, R> RpcService.UnaryHandler<Q, R> watch(
      RpcMethod<Q, R> method, RpcService.UnaryHandler<Q, R> handler) {
    return (request, call) -> {
      RequestTimes times = RequestTimes.begin(time);
      CompletionStage<R> answer = handler.handle(request, new WatchedCall(call, times));
      answer.whenComplete(
          (value, failure) -> {
            if (times.total() >= threshold.toNanos()) {
              slow.increment();
              lines
                  .take()
                  .ifPresent(
                      leftOut -> log(method, request, call.deadline(), times, failure, leftOut));
            }
          });
      return answer;
    };
  }

  private void log(
      RpcMethod<?, ?> method,
      Object request,
      Optional<Deadline> deadline,
      RequestTimes times,
      Throwable failure,
      long leftOut) {
    Message message = request instanceof Message known ? known : null;
    LOG.atWarn()
        .addKeyValue("kind", method.name())
        .addKeyValue("region", message == null ? 0 : region(message))
        .addKeyValue("items", message == null ? 0 : items(message))
        .addKeyValue("requestBytes", message == null ? 0 : message.getSerializedSize())
        .addKeyValue("totalMs", TimeUnit.NANOSECONDS.toMillis(times.total()))
        .addKeyValue("queueMs", millis(times.between(Stage.ARRIVED, Stage.BEGUN)))
        .addKeyValue("raftMs", millis(times.between(Stage.PROPOSED, Stage.COMMITTED)))
        .addKeyValue("applyMs", millis(times.between(Stage.COMMITTED, Stage.APPLIED)))
        .addKeyValue(
            "deadlineLeftMs",
            deadline.map(end -> Long.toString(end.remaining(time).toMillis())).orElse("none"))
        .addKeyValue("outcome", failure == null ? "answered" : failure.getClass().getSimpleName())
        .addKeyValue("leftOutBefore", leftOut)
        .log("slow request");
  }

  /** A stage that was not reached, or that this kind of request does not have, shows as a dash. */
  private static String millis(long nanos) {
    return nanos < 0 ? "-" : Long.toString(TimeUnit.NANOSECONDS.toMillis(nanos));
  }

  private static long region(Message request) {
    FieldDescriptor field = request.getDescriptorForType().findFieldByNumber(CONTEXT_FIELD);
    return field != null
            && !field.isRepeated()
            && field.getJavaType() == FieldDescriptor.JavaType.MESSAGE
            && request.getField(field) instanceof Context context
        ? context.getRegionId()
        : 0;
  }

  /** Keys, pairs, mutations or ranges: whatever the request lists most of. */
  private static int items(Message request) {
    int most = 1;
    for (FieldDescriptor field : request.getDescriptorForType().getFields()) {
      if (field.isRepeated()) {
        most = Math.max(most, request.getRepeatedFieldCount(field));
      }
    }
    return most;
  }
}
