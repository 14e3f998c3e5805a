package io.arrowraft.server.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.proto.kvrpcpb.RawGetRequest;
import io.arrowraft.proto.kvrpcpb.RawGetResponse;
import io.arrowraft.proto.tikvpb.TikvGrpc;
import io.arrowraft.rpc.RpcMethods;
import io.arrowraft.runtime.TimeSource;
import io.arrowraft.runtime.rpc.RpcCall;
import io.arrowraft.runtime.rpc.RpcMethod;
import io.arrowraft.runtime.rpc.RpcService;
import io.arrowraft.server.fakes.TestCall;
import io.arrowraft.server.region.RequestTimes;
import io.arrowraft.server.region.RequestTimes.Stage;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class SlowLogTest {
  private static final RpcMethod<RawGetRequest, RawGetResponse> GET =
      RpcMethods.of(TikvGrpc.getRawGetMethod());

  private final AtomicLong nanos = new AtomicLong(1_000);
  private final TimeSource time =
      new TimeSource() {
        @Override
        public long nanos() {
          return nanos.get();
        }

        @Override
        public long wallMillis() {
          return nanos.get() / 1_000_000;
        }
      };
  private final MeterRegistry meters = new SimpleMeterRegistry();
  private final CompletableFuture<RawGetResponse> answer = new CompletableFuture<>();
  private RequestTimes seen;

  @Test
  void aRequestLongerThanTheThresholdIsLogged() {
    call();
    pass(Duration.ofSeconds(1));
    answer.complete(RawGetResponse.getDefaultInstance());

    assertThat(slow()).isEqualTo(1);
  }

  @Test
  void aQuickRequestIsNot() {
    call();
    pass(Duration.ofMillis(999));
    answer.complete(RawGetResponse.getDefaultInstance());

    assertThat(slow()).isZero();
  }

  @Test
  void aSlowFailureIsLoggedToo() {
    call();
    pass(Duration.ofSeconds(5));
    answer.completeExceptionally(new IllegalStateException("no"));

    assertThat(slow()).isEqualTo(1);
  }

  @Test
  void theHandlerMarksTheStagesThatTheRequestPasses() {
    call();
    pass(Duration.ofMillis(3));
    seen.mark(Stage.BEGUN);
    seen.mark(Stage.PROPOSED);
    pass(Duration.ofMillis(5));
    seen.mark(Stage.COMMITTED);

    assertThat(seen.between(Stage.ARRIVED, Stage.BEGUN)).isEqualTo(3_000_000);
    assertThat(seen.between(Stage.PROPOSED, Stage.COMMITTED)).isEqualTo(5_000_000);
    assertThat(seen.between(Stage.COMMITTED, Stage.APPLIED)).isEqualTo(-1);
  }

  @Test
  void whereEveryRequestIsSlowOnlyAFewAreWrittenDown() {
    LineBudget lines = new LineBudget(2, time);

    assertThat(lines.take()).contains(0L);
    assertThat(lines.take()).contains(0L);
    assertThat(lines.take()).isEmpty();
    assertThat(lines.take()).isEmpty();
    pass(Duration.ofMillis(999));
    assertThat(lines.take()).isEmpty();
    pass(Duration.ofMillis(1));
    assertThat(lines.take()).contains(3L);
    assertThat(lines.take()).contains(0L);
    assertThat(lines.take()).isEmpty();
  }

  private void call() {
    RpcService plain = RpcService.named(TikvGrpc.SERVICE_NAME).unary(GET, this::handle).build();
    RpcService watched = new SlowLog(Duration.ofSeconds(1), time, meters).watch(plain);
    @SuppressWarnings("unchecked") // bound above
    RpcService.Binding<RawGetRequest, RawGetResponse> binding =
        (RpcService.Binding<RawGetRequest, RawGetResponse>) watched.bindings().get(GET.name());
    assertThat(binding.unary().handle(RawGetRequest.getDefaultInstance(), new TestCall()))
        .isNotNull();
  }

  private CompletionStage<RawGetResponse> handle(RawGetRequest request, RpcCall call) {
    seen = WatchedCall.times(call);
    return answer;
  }

  private void pass(Duration duration) {
    nanos.addAndGet(duration.toNanos());
  }

  private double slow() {
    return meters.get("arrowraft_server_slow_requests_total").counter().count();
  }
}
