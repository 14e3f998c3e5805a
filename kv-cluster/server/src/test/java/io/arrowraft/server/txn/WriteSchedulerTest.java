package io.arrowraft.server.txn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arrowraft.proto.metapb.RegionEpoch;
import io.arrowraft.runtime.Async;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.runtime.Deadline;
import io.arrowraft.runtime.EventLoop;
import io.arrowraft.runtime.Timer;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.threads.SystemTime;
import io.arrowraft.runtime.threads.ThreadLoopFactory;
import io.arrowraft.server.fakes.InMemoryRegions;
import io.arrowraft.server.fakes.TestCall;
import io.arrowraft.server.raw.RawWrite;
import io.arrowraft.server.region.RegionErrorException;
import io.arrowraft.server.region.RegionErrors;
import io.arrowraft.server.region.RegionRequest;
import io.arrowraft.server.region.RegionSnapshot;
import io.arrowraft.storage.engine.ColumnFamily;
import io.arrowraft.storage.engine.WriteBatch;
import io.arrowraft.storage.txn.RawValue;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class WriteSchedulerTest {
  private final AtomicReference<Throwable> fault = new AtomicReference<>();
  private final InMemoryRegions regions = new InMemoryRegions();
  private ThreadLoopFactory threads;
  private EventLoop loop;
  private WriteScheduler scheduler;

  @BeforeEach
  void start() {
    threads = new ThreadLoopFactory("test", (component, cause) -> fault.set(cause));
    loop = threads.newLoop("scheduler");
    scheduler = scheduler(SchedulerLimits.defaults());
  }

  private WriteScheduler scheduler(SchedulerLimits limits) {
    return new WriteScheduler(
        regions,
        loop,
        threads.newPool("workers", 3, 10_000),
        SystemTime.INSTANCE,
        limits,
        new SimpleMeterRegistry());
  }

  @AfterEach
  void stop() {
    threads.close();
    assertThat(fault.get()).isNull();
    assertThat(regions.openSnapshots()).isZero();
  }

  @Test
  void concurrentIncrementsAreNeverLost() {
    List<CompletableFuture<Long>> answers = new ArrayList<>();
    for (int i = 0; i < 2_000; i++) {
      answers.add(submit(new Increment("counter" + i % 7)));
    }
    answers.forEach(WriteSchedulerTest::join);
    long sum = 0;
    for (int i = 0; i < 7; i++) {
      sum += Increment.decode(regions.engine().get(ColumnFamily.RAW, key("counter" + i)));
    }
    assertThat(sum).isEqualTo(2_000);
  }

  @Test
  void aCommandKeepsItsLatchesUntilItsWriteIsApplied() {
    regions.holdWrites();
    CompletableFuture<Long> first = submit(new Increment("k"));
    await(() -> regions.heldWrites() == 1);
    CompletableFuture<Long> second = submit(new Increment("k"));
    assertThat(second).isNotDone();

    regions.applyHeld();

    assertThat(join(first)).isEqualTo(1);
    assertThat(join(second)).isEqualTo(2);
  }

  @Test
  void aWriteIsRefusedWhenTheLeadershipWasLostAndRegainedSinceItsSnapshot() {
    regions.holdWrites();
    CompletableFuture<Long> first = submit(new Increment("k"));
    await(() -> regions.heldWrites() == 1);
    regions.loseLeadership();
    regions.regainLeadership();
    regions.applyHeld();

    assertThatThrownBy(() -> join(first))
        .isInstanceOfSatisfying(
            RegionErrorException.class,
            refused -> assertThat(refused.error().hasStaleCommand()).isTrue());
    assertThat(join(submit(new Increment("k")))).isEqualTo(1);
  }

  @Test
  void acknowledgedIncrementsSurviveChangesOfLeader() {
    List<CompletableFuture<Boolean>> answers = new ArrayList<>();
    for (int i = 0; i < 3_000; i++) {
      answers.add(submit(new Increment("counter" + i % 5)).handle((v, failure) -> failure == null));
      if (i % 100 == 50) {
        regions.holdWrites();
      }
      if (i % 100 == 60) {
        regions.loseLeadership();
        regions.regainLeadership();
        regions.applyHeld();
      }
    }
    regions.applyHeld();
    long acknowledged = answers.stream().filter(WriteSchedulerTest::join).count();
    long sum = 0;
    for (int i = 0; i < 5; i++) {
      sum += Increment.decode(regions.engine().get(ColumnFamily.RAW, key("counter" + i)));
    }
    assertThat(sum).isEqualTo(acknowledged).isPositive();
  }

  @Test
  void moreCommandsThanTheBoundAreRefusedAsBusy() {
    scheduler = scheduler(new SchedulerLimits(2, 1 << 20, 16));
    regions.holdWrites();
    CompletableFuture<Long> first = submit(new Increment("k"));
    CompletableFuture<Long> second = submit(new Increment("k"));
    CompletableFuture<Long> third = submit(new Increment("k"));

    assertThatThrownBy(() -> join(third))
        .isInstanceOfSatisfying(
            RegionErrorException.class,
            refused -> assertThat(refused.error().hasServerIsBusy()).isTrue());
    await(() -> regions.heldWrites() == 1);
    regions.applyHeld();
    join(first);
    join(second);
    await(() -> submit(new Increment("k")).handle((v, f) -> f == null).join());
  }

  @Test
  void aCancelledCommandStopsWaitingForItsLatches() {
    regions.holdWrites();
    CompletableFuture<Long> first = submit(new Increment("k"));
    await(() -> regions.heldWrites() == 1);
    TestCall call = new TestCall();
    CompletableFuture<Long> second = scheduler.submit(request(), new Increment("k"), call);
    call.cancel();

    assertThatThrownBy(() -> join(second)).isInstanceOf(RpcException.class);
    regions.applyHeld();
    assertThat(join(first)).isEqualTo(1);
    assertThat(join(submit(new Increment("k")))).isEqualTo(2);
  }

  @Test
  void aCommandCancelledOnItsWayToTheLatchesIsForgottenOnce() {
    SimpleMeterRegistry meters = new SimpleMeterRegistry();
    List<Runnable> queued = new ArrayList<>();
    EventLoop stepped = new SteppedLoop(queued);
    WriteScheduler one =
        new WriteScheduler(
            regions,
            stepped,
            threads.newPool("workers", 1, 100),
            SystemTime.INSTANCE,
            SchedulerLimits.defaults(),
            meters);
    TestCall call = new TestCall();
    CompletableFuture<Long> cancelled = one.submit(request(), new Increment("k"), call);
    call.cancel();
    queued.remove(queued.size() - 1).run();
    queued.remove(0).run();

    assertThat(cancelled).isCompletedExceptionally();
    assertThat(queued).isEmpty();
    assertThat(meters.get("arrowraft_server_scheduler_pending_commands").gauge().value()).isZero();
    assertThat(meters.get("arrowraft_server_scheduler_pending_bytes").gauge().value()).isZero();
    assertThat(regions.engine().get(ColumnFamily.RAW, key("k"))).isNull();
  }

  @Test
  void commandsThatComeTogetherShareAnEntryAndAreDecidedEachForItself() {
    List<Runnable> queued = Collections.synchronizedList(new ArrayList<>());
    WriteScheduler one =
        new WriteScheduler(
            regions,
            new SteppedLoop(queued),
            threads.newPool("workers", 1, 100),
            SystemTime.INSTANCE,
            SchedulerLimits.defaults(),
            new SimpleMeterRegistry());
    regions.holdWrites();
    CompletableFuture<Long> first = one.submit(request(), new Increment("a"), new TestCall());
    CompletableFuture<Long> refused = one.submit(request(), new Refused("b"), new TestCall());
    CompletableFuture<Long> second = one.submit(request(), new Increment("c"), new TestCall());
    CompletableFuture<Long> again = one.submit(request(), new Increment("a"), new TestCall());
    queued.remove(0).run();
    await(() -> regions.heldWrites() == 1 && !queued.isEmpty());
    queued.remove(0).run();
    assertThatThrownBy(() -> join(refused)).isInstanceOf(RegionErrorException.class);
    assertThat(first).isNotDone();

    regions.applyHeld();
    queued.remove(0).run();
    assertThat(join(first)).isEqualTo(1);
    assertThat(join(second)).isEqualTo(1);
    await(() -> !queued.isEmpty());
    queued.remove(0).run();
    assertThat(join(again)).isEqualTo(2);
  }

  @Test
  void ofAnEntryThatIsRefusedAllCommandsAre() {
    List<Runnable> queued = Collections.synchronizedList(new ArrayList<>());
    WriteScheduler one =
        new WriteScheduler(
            regions,
            new SteppedLoop(queued),
            threads.newPool("workers", 1, 100),
            SystemTime.INSTANCE,
            SchedulerLimits.defaults(),
            new SimpleMeterRegistry());
    regions.holdWrites();
    CompletableFuture<Long> first = one.submit(request(), new Increment("a"), new TestCall());
    CompletableFuture<Long> second = one.submit(request(), new Increment("b"), new TestCall());
    queued.remove(0).run();
    await(() -> regions.heldWrites() == 1);
    regions.loseLeadership();
    regions.regainLeadership();
    regions.applyHeld();
    queued.remove(0).run();
    assertThatThrownBy(() -> join(first)).isInstanceOf(RegionErrorException.class);
    assertThatThrownBy(() -> join(second)).isInstanceOf(RegionErrorException.class);
    assertThat(regions.engine().get(ColumnFamily.RAW, key("a"))).isNull();
    assertThat(regions.engine().get(ColumnFamily.RAW, key("b"))).isNull();
  }

  /** Runs what a test takes out of its queue. */
  private record SteppedLoop(List<Runnable> queued) implements EventLoop {
    @Override
    public String name() {
      return "stepped";
    }

    @Override
    public void execute(Runnable task) {
      queued.add(task);
    }

    @Override
    public Timer schedule(Duration delay, Runnable task) {
      return () -> {};
    }

    @Override
    public boolean inLoop() {
      return true;
    }
  }

  @Test
  void aCommandWhoseDeadlinePassesWhileItWaitsIsNotRun() {
    regions.holdWrites();
    CompletableFuture<Long> first = submit(new Increment("k"));
    await(() -> regions.heldWrites() == 1);
    RegionRequest hasty = request(Deadline.after(Duration.ofMillis(20), SystemTime.INSTANCE));
    CompletableFuture<Long> second = scheduler.submit(hasty, new Increment("k"), new TestCall());

    assertThatThrownBy(() -> join(second))
        .isInstanceOf(RpcException.class)
        .hasMessageContaining("deadline");
    regions.applyHeld();
    assertThat(join(first)).isEqualTo(1);
    assertThat(join(submit(new Increment("k")))).isEqualTo(2);
  }

  @Test
  void aWriteThatLooksAtNothingTakesNoSnapshotAndOutlivesAChangeOfTerm() {
    regions.holdWrites();
    CompletableFuture<Void> put = scheduler.submit(request(), put("k", false), new TestCall());
    assertThat(regions.heldWrites()).isEqualTo(1);
    regions.loseLeadership();
    regions.regainLeadership();
    regions.applyHeld();

    join(put);
    assertThat(regions.engine().get(ColumnFamily.RAW, key("k"))).isNotNull();
  }

  @Test
  void aWriteBesideCompareAndSwapWaitsForItsLatches() {
    regions.holdWrites();
    CompletableFuture<Long> first = submit(new Increment("k"));
    await(() -> regions.heldWrites() == 1);
    CompletableFuture<Void> put = scheduler.submit(request(), put("k", true), new TestCall());
    assertThat(put).isNotDone();

    regions.applyHeld();
    assertThat(join(first)).isEqualTo(1);
    join(put);
  }

  @Test
  void aWriteThatLooksAtNothingStaysInsideItsRegion() {
    regions.addRegion(1, "a", "m");

    assertThatThrownBy(() -> join(scheduler.submit(request(), put("z", false), new TestCall())))
        .isInstanceOfSatisfying(
            RegionErrorException.class,
            refused -> assertThat(refused.error().hasKeyNotInRegion()).isTrue());
    assertThat(regions.engine().get(ColumnFamily.RAW, key("z"))).isNull();
  }

  private static RawWrite put(String key, boolean besideCompareAndSwap) {
    return new RawWrite(
        List.of(new RawWrite.Change(key(key), RawValue.withTtl(Bytes.EMPTY, 0, 0))),
        besideCompareAndSwap);
  }

  private CompletableFuture<Long> submit(Increment command) {
    return scheduler.submit(request(), command, new TestCall());
  }

  private static RegionRequest request() {
    return request(Deadline.after(Duration.ofSeconds(20), SystemTime.INSTANCE));
  }

  private static RegionRequest request(Deadline deadline) {
    return new RegionRequest(
        1,
        RegionEpoch.newBuilder().setConfVer(1).setVersion(1).build(),
        InMemoryRegions.peer(),
        0,
        false,
        false,
        deadline);
  }

  private static <T> T join(CompletableFuture<T> future) {
    try {
      return future.orTimeout(20, TimeUnit.SECONDS).join();
    } catch (CompletionException failed) {
      throw (RuntimeException) Async.cause(failed);
    }
  }

  private static void await(java.util.function.BooleanSupplier condition) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).isLessThan(end);
      Thread.onSpinWait();
    }
  }

  private static byte[] key(String name) {
    return Bytes.ofUtf8(name).toByteArray();
  }

  /** Finds that it cannot be done. */
  private record Refused(String name) implements WriteCommand<Long> {
    @Override
    public List<Bytes> latchKeys() {
      return List.of(Bytes.ofUtf8(name));
    }

    @Override
    public long byteSize() {
      return 16;
    }

    @Override
    public WriteOutcome<Long> evaluate(RegionSnapshot snapshot) {
      throw RegionErrors.staleCommand("refused");
    }
  }

  /** Reads a number and writes the next one. */
  private record Increment(String name) implements WriteCommand<Long> {
    @Override
    public List<Bytes> latchKeys() {
      return List.of(Bytes.ofUtf8(name));
    }

    @Override
    public long byteSize() {
      return 16;
    }

    @Override
    public WriteOutcome<Long> evaluate(RegionSnapshot snapshot) {
      byte[] stored = snapshot.data().get(ColumnFamily.RAW, key(name));
      long next = decode(stored) + 1;
      return new WriteOutcome<>(
          next,
          List.of(
              new WriteBatch.Put(
                  ColumnFamily.RAW,
                  key(name),
                  ByteBuffer.allocate(Long.BYTES).putLong(next).array())));
    }

    static long decode(byte[] stored) {
      return stored == null ? 0 : ByteBuffer.wrap(stored).getLong();
    }
  }
}
