package io.arrowraft.server.coprocessor;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.arrowraft.proto.coprocessor.KeyRange;
import io.arrowraft.proto.coprocessor.Response;
import io.arrowraft.runtime.Deadline;
import io.arrowraft.runtime.WorkerPool;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcStatus;
import io.arrowraft.server.fakes.InMemoryRegions;
import io.arrowraft.server.fakes.TikvFixture;
import io.arrowraft.server.region.RegionErrorException;
import io.arrowraft.server.region.RegionRequest;
import io.arrowraft.server.region.RegionSnapshot;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PlanExecutionTest {
  private final InMemoryRegions regions = new InMemoryRegions();
  private final CoprocessorCounters counters = new CoprocessorCounters(new SimpleMeterRegistry());
  private final QueuedPool pool = new QueuedPool();
  private final RecordingSink sink = new RecordingSink();
  private int ends;
  private int closes;
  private int made;

  @AfterEach
  void nothingIsLeftOpen() {
    assertThat(regions.openSnapshots()).isZero();
  }

  @Test
  void noBatchIsMadeWhileTheReceiverCannotTakeIt() {
    PlanExecution execution = execution(5);
    sink.room = 2;
    execution.signal();
    pool.runAll();
    assertThat(made).isEqualTo(2);
    assertThat(pool.tasks).isEmpty();

    sink.room = 1;
    execution.signal();
    pool.runAll();
    assertThat(made).isEqualTo(3);

    sink.room = 100;
    execution.signal();
    pool.runAll();
    assertThat(made).isEqualTo(5);
    assertThat(sink.completed).isTrue();
    Response last = sink.sent.get(sink.sent.size() - 1);
    assertThat(last.getData().isEmpty()).isTrue();
    assertThat(last.hasRange()).isTrue();
    assertThat(last.getExecDetailsV2().getScanDetailV2().getProcessedVersions()).isEqualTo(50);
    assertThat(closes).isEqualTo(1);
    assertThat(ends).isEqualTo(1);
    assertThat(counters.values()).isEqualTo(new CoprocessorCounters.Values(1, 50, 25, 5, 5, 1, 0));
  }

  @Test
  void aLongPlanGivesItsWorkerBackNowAndThen() {
    PlanExecution execution = execution(20);
    execution.signal();
    pool.runOne();
    assertThat(made).isEqualTo(8);
    assertThat(pool.tasks).hasSize(1);
    pool.runAll();
    assertThat(sink.completed).isTrue();
  }

  @Test
  void cancellingAStalledPlanFreesEverything() {
    PlanExecution execution = execution(5);
    sink.room = 1;
    execution.signal();
    pool.runAll();
    execution.cancel(new RpcException(RpcStatus.CANCELLED, "gone"));
    execution.cancel(new RpcException(RpcStatus.DEADLINE_EXCEEDED, "late"));
    pool.runAll();
    assertThat(sink.failure.status()).isEqualTo(RpcStatus.CANCELLED);
    assertThat(closes).isEqualTo(1);
    assertThat(ends).isEqualTo(1);
  }

  @Test
  void aFailureIsTheLastResponse() {
    PlanExecution execution = execution(-1);
    execution.signal();
    pool.runAll();
    assertThat(sink.sent).hasSize(1);
    assertThat(sink.sent.get(0).getOtherError()).isEqualTo("broken");
    assertThat(sink.completed).isTrue();
    assertThat(closes).isEqualTo(1);
  }

  @Test
  void aPlanThatFindsNoWorkerIsRefusedAsBusy() {
    PlanExecution execution = execution(5);
    pool.full = true;
    execution.signal();
    assertThat(sink.sent.get(0).getRegionError().hasServerIsBusy()).isTrue();
    assertThat(ends).isEqualTo(1);
    pool.full = false;
    execution.signal();
    pool.runAll();
    assertThat(sink.sent).hasSize(1);
  }

  private PlanExecution execution(int batches) {
    RegionRequest request =
        RegionRequest.of(TikvFixture.context(), new Deadline(Long.MAX_VALUE / 4));
    RegionSnapshot snapshot = regions.snapshot(request).toCompletableFuture().join();
    return new PlanExecution(
        new PlanExecution.Surroundings(
            pool,
            failure ->
                failure instanceof RegionErrorException refused
                    ? Response.newBuilder().setRegionError(refused.error()).build()
                    : Response.newBuilder().setOtherError(failure.getMessage()).build(),
            counters,
            () -> ends++),
        sink,
        snapshot,
        new PlanShape(true, false),
        () -> new CountedCursor(batches));
  }

  private final class CountedCursor implements PlanCursor {
    private final int batches;

    CountedCursor(int batches) {
      this.batches = batches;
    }

    @Override
    public Piece next() {
      if (batches < 0) {
        throw new IllegalStateException("broken");
      }
      if (made == batches) {
        return new Piece.End(KeyRange.getDefaultInstance());
      }
      made++;
      return new Piece.Batch(ByteString.copyFromUtf8("x"), 5);
    }

    @Override
    public Cost cost() {
      return new Cost(10L * made, 0, 0);
    }

    @Override
    public void close() {
      closes++;
    }
  }

  private static final class RecordingSink implements ResponseSink {
    private final List<Response> sent = new ArrayList<>();
    private int room = 1_000;
    private boolean completed;
    private RpcException failure;

    @Override
    public boolean isReady() {
      return room > 0;
    }

    @Override
    public void send(Response response) {
      room--;
      sent.add(response);
    }

    @Override
    public void complete() {
      completed = true;
    }

    @Override
    public void fail(RpcException cause) {
      failure = cause;
    }
  }

  /** Runs tasks when the test says so. */
  private static final class QueuedPool implements WorkerPool {
    private final Deque<Runnable> tasks = new ArrayDeque<>();
    private boolean full;

    @Override
    public String name() {
      return "queued";
    }

    @Override
    public void execute(Runnable task) {
      if (full) {
        throw new RejectedExecutionException("full");
      }
      tasks.add(task);
    }

    void runOne() {
      tasks.remove().run();
    }

    void runAll() {
      while (!tasks.isEmpty()) {
        runOne();
      }
    }
  }
}
