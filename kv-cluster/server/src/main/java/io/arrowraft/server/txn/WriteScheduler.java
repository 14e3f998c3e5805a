package io.arrowraft.server.txn;

import io.arrowraft.runtime.Async;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.runtime.Deadline;
import io.arrowraft.runtime.EventLoop;
import io.arrowraft.runtime.Mailbox;
import io.arrowraft.runtime.TimeSource;
import io.arrowraft.runtime.Timer;
import io.arrowraft.runtime.WorkerPool;
import io.arrowraft.runtime.rpc.RpcCall;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcStatus;
import io.arrowraft.server.flow.Admission;
import io.arrowraft.server.flow.FlowController;
import io.arrowraft.server.region.OutcomeUnknownException;
import io.arrowraft.server.region.RegionErrorException;
import io.arrowraft.server.region.RegionErrors;
import io.arrowraft.server.region.RegionRequest;
import io.arrowraft.server.region.RegionSnapshot;
import io.arrowraft.server.region.RegionStore;
import io.arrowraft.server.region.RegionView;
import io.arrowraft.server.region.RequestTimes;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Runs write commands: latches on the command's keys, a snapshot of its region, the decision on a
 * worker, the write in the snapshot's term, the answer. Commands that share a key run one after the
 * other; a command keeps its latches until its write is applied or is known never to apply.
 *
 * <p>{@link #submit} is safe for use by any thread; the queues belong to the loop.
 */
public final class WriteScheduler {
  private static final int BATCH_MAX = 128;

  /**
   * For writes: the caller's deadline ends its wait, and not the proposal's life, which the latches
   * must outlast.
   */
  private static final Duration PROPOSAL_BOUND = Duration.ofDays(365);

  private final RegionStore regions;
  private final EventLoop loop;
  private final WorkerPool workers;
  private final TimeSource time;
  private final SchedulerLimits limits;
  private final FlowController flow;
  private final Latches latches;
  private final Mailbox<Task<?>> inbox;
  private final AtomicLong pendingBytes = new AtomicLong();
  private final AtomicLong pendingCommands = new AtomicLong();
  private final Counter refused;
  private final Counter waited;

  /**
   * @param loop owns the latches; shared with nothing that takes long
   * @param workers where commands read their snapshots
   */
  public WriteScheduler(
      RegionStore regions,
      EventLoop loop,
      WorkerPool workers,
      TimeSource time,
      SchedulerLimits limits,
      MeterRegistry meters) {
    this.regions = regions;
    this.loop = loop;
    this.workers = workers;
    this.time = time;
    this.limits = limits;
    this.flow = new FlowController(limits.flow(), time, meters);
    this.latches = new Latches(limits.latchSlots());
    this.inbox =
        new Mailbox<>(
            loop, limits.pendingCommandsMax(), BATCH_MAX, batch -> batch.forEach(this::admit));
    this.refused =
        Counter.builder("arrowraft_server_scheduler_refused_commands_total").register(meters);
    this.waited =
        Counter.builder("arrowraft_server_scheduler_latched_commands_total").register(meters);
    Gauge.builder("arrowraft_server_scheduler_pending_commands", pendingCommands, AtomicLong::get)
        .register(meters);
    Gauge.builder("arrowraft_server_scheduler_pending_bytes", pendingBytes, AtomicLong::get)
        .register(meters);
  }

  /** Decides which commands are taken; to be told of the engine and the disk. */
  public FlowController flow() {
    return flow;
  }

  /**
   * Runs {@code command} on the region of {@code request}.
   *
   * @return the command's answer once its mutations are applied; fails with {@link
   *     io.arrowraft.server.region.RegionErrorException} (nothing happened), {@link
   *     io.arrowraft.server.region.OutcomeUnknownException}, {@link RpcException} if the caller
   *     gave up while the command waited, or with what the command itself threw
   */
  public <R> CompletableFuture<R> submit(
      RegionRequest request, WriteCommand<R> command, RpcCall call) {
    if (request.deadline().isExpired(time)) {
      return CompletableFuture.failedFuture(deadlineExceeded());
    }
    Task<R> task = new Task<>(request, command);
    command.kind().ifPresent(regions.load(request.regionId())::onRequest);
    long pending = pendingCommands.incrementAndGet();
    long bytes = pendingBytes.addAndGet(task.byteSize);
    if (pending > limits.pendingCommandsMax()) {
      return refuse(task, RegionErrors.serverIsBusy("too many pending writes"));
    }
    if (bytes > limits.pendingBytesMax() && bytes > task.byteSize) {
      return refuse(task, RegionErrors.serverIsBusy("too many bytes of pending writes"));
    }
    Admission admission = flow.admit(task.byteSize, command.addsData(), pending);
    if (admission instanceof Admission.Busy busy) {
      return refuse(task, RegionErrors.serverIsBusy(busy.reason(), busy.backoff()));
    }
    if (admission instanceof Admission.NoSpace noSpace) {
      return refuse(task, RegionErrors.diskFull(regions.storeId(), noSpace.reason()));
    }
    if (admission instanceof Admission.Later later) {
      call.onCancel(() -> loop.execute(() -> abandon(task, "cancelled by the caller")));
      loop.schedule(later.delay(), () -> enter(task));
    } else if (enter(task)) {
      call.onCancel(() -> loop.execute(() -> abandon(task, "cancelled by the caller")));
    }
    return task.result;
  }

  /**
   * Whether the task waits in the inbox now; else it is proposed, refused or has been cancelled
   * before its turn came.
   */
  private <R> boolean enter(Task<R> task) {
    if (task.state == State.DONE || runBlindly(task)) {
      return false;
    }
    if (!inbox.offer(task)) {
      refuse(task, RegionErrors.serverIsBusy("too many pending writes"));
      return false;
    }
    return true;
  }

  /**
   * Proposes what needs no snapshot at once. The command's range was checked against the version
   * that the request names, and the write is refused, here or when it applies, if the region has
   * another one; so a leader of any term may propose it.
   *
   * @return false if the command needs a snapshot, or if the region is not led here in that version
   */
  private <R> boolean runBlindly(Task<R> task) {
    RegionRequest request = task.request;
    Optional<RegionView> view = regions.region(request.regionId());
    if (view.isEmpty()
        || !view.get().isLeader()
        || view.get().region().getRegionEpoch().getVersion() != request.epoch().getVersion()) {
      return false;
    }
    Optional<WriteOutcome<R>> outcome;
    try {
      outcome = task.command.evaluateBlindly(view.get().region());
    } catch (RegionErrorException refusal) {
      forget(task);
      task.result.completeExceptionally(refusal);
      return true;
    }
    if (outcome.isEmpty()) {
      return false;
    }
    request.times().mark(RequestTimes.Stage.BEGUN);
    regions
        .write(request, request.term(), outcome.get().mutations())
        .whenComplete(
            (applied, failure) -> {
              forget(task);
              if (failure == null) {
                flow.finished(time.nanos() - task.sinceNanos);
              } else if (Async.cause(failure) instanceof OutcomeUnknownException) {
                flow.late(time.nanos() - task.sinceNanos);
              }
              Async.settle(task.result, outcome.get().answer(), failure);
            });
    return true;
  }

  private <R> CompletableFuture<R> refuse(Task<R> task, RegionErrorException refusal) {
    forget(task);
    refused.increment();
    task.result.completeExceptionally(refusal);
    return task.result;
  }

  private void admit(Task<?> task) {
    if (task.state == State.DONE) {
      return; // cancelled on its way here
    }
    if (task.request.deadline().isExpired(time)) {
      finish(task, null, deadlineExceeded());
      return;
    }
    if (latches.acquire(task.ticket)) {
      start(task);
      return;
    }
    waited.increment();
    task.timer =
        loop.schedule(
            task.request.deadline().remaining(time), () -> abandon(task, "deadline exceeded"));
  }

  /** Gives up a task that still waits for its latches; later ones run to their end. */
  private void abandon(Task<?> task, String reason) {
    if (task.state == State.WAITING) {
      finish(task, null, new RpcException(RpcStatus.DEADLINE_EXCEEDED, reason));
    }
  }

  private <R> void start(Task<R> task) {
    task.stopTimer();
    task.state = State.RUNNING;
    task.request.times().mark(RequestTimes.Stage.BEGUN);
    regions
        .snapshot(task.request)
        .whenComplete(
            (snapshot, failure) -> {
              if (failure != null) {
                finishOnLoop(task, null, failure);
              } else if (!task.command.needsWorker()) {
                evaluate(task, snapshot);
              } else {
                evaluateOnWorker(task, snapshot);
              }
            });
  }

  private <R> void evaluateOnWorker(Task<R> task, RegionSnapshot snapshot) {
    try {
      workers.execute(() -> evaluate(task, snapshot));
    } catch (RejectedExecutionException full) {
      snapshot.close();
      refused.increment();
      finishOnLoop(task, null, RegionErrors.serverIsBusy("too many reads are waiting"));
    }
  }

  private <R> void evaluate(Task<R> task, RegionSnapshot snapshot) {
    WriteOutcome<R> outcome;
    try (snapshot) {
      outcome = task.command.evaluate(snapshot);
    } catch (RuntimeException failure) {
      finishOnLoop(task, null, regions.readFailure(task.request.regionId(), failure));
      return;
    }
    if (outcome.mutations().isEmpty()) {
      outcome.afterwards().run();
      finishOnLoop(task, outcome.answer(), null);
      return;
    }
    CompletionStage<Void> written;
    try {
      written = write(task, snapshot.term(), outcome);
    } catch (RuntimeException refused) {
      written = CompletableFuture.failedFuture(refused); // nothing was proposed
    }
    written.whenComplete(
        (applied, failure) -> {
          outcome.afterwards().run();
          finishOnLoop(task, outcome.answer(), failure);
        });
  }

  private CompletionStage<Void> write(Task<?> task, long term, WriteOutcome<?> outcome) {
    RegionRequest unhurried = task.request.inTerm(term).until(Deadline.after(PROPOSAL_BOUND, time));
    return regions.write(unhurried, term, outcome.mutations());
  }

  private <R> void finishOnLoop(Task<R> task, R answer, Throwable failure) {
    loop.execute(() -> finish(task, answer, failure));
  }

  private <R> void finish(Task<R> task, R answer, Throwable failure) {
    if (task.state == State.DONE) {
      return;
    }
    task.state = State.DONE;
    task.stopTimer();
    forget(task);
    if (failure == null) {
      flow.finished(time.nanos() - task.sinceNanos);
    }
    Async.settle(task.result, failure == null ? answer : null, failure);
    latches.release(task.ticket);
  }

  private void forget(Task<?> task) {
    pendingCommands.decrementAndGet();
    pendingBytes.addAndGet(-task.byteSize);
  }

  private static RpcException deadlineExceeded() {
    return new RpcException(
        RpcStatus.DEADLINE_EXCEEDED, "the deadline passed before the write ran");
  }

  private enum State {
    WAITING,
    RUNNING,
    DONE
  }

  /** A command on its way. Mutable fields belong to the loop. */
  private final class Task<R> {
    private final RegionRequest request;
    private final WriteCommand<R> command;
    private final long byteSize;
    private final long sinceNanos = time.nanos();
    private final Latches.Ticket ticket;
    private final CompletableFuture<R> result = new CompletableFuture<>();
    private State state = State.WAITING;
    private Timer timer;

    Task(RegionRequest request, WriteCommand<R> command) {
      this.request = request;
      this.command = command;
      this.byteSize = command.byteSize();
      List<Bytes> keys = command.latchKeys();
      this.ticket = latches.ticket(keys, () -> start(this));
    }

    private void stopTimer() {
      if (timer != null) {
        timer.cancel();
        timer = null;
      }
    }
  }
}
