package io.arrowraft.server.txn;

import io.arrowraft.runtime.Async;
import io.arrowraft.runtime.Deadline;
import io.arrowraft.runtime.EventLoop;
import io.arrowraft.runtime.Mailbox;
import io.arrowraft.runtime.TimeSource;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
 * <p>Small commands to one region that have their latches at the same time share a snapshot, a turn
 * of a worker and an entry of the log: their keys differ, so none of them could see what another
 * writes. Each is still decided by itself.
 *
 * <p>{@link #submit} is safe for use by any thread; the queues belong to the loop.
 */
public final class WriteScheduler {
  private static final int BATCH_MAX = 128;

  /** Commands that one worker decides one after the other. */
  private static final int GROUP_MAX = 8;

  /** A command of more bytes is work enough for a worker and an entry of its own. */
  private static final int GROUPED_BYTES_MAX = 4 << 10;

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
  private final Mailbox<PendingWrite<?>> inbox;
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
    this.inbox = new Mailbox<>(loop, limits.pendingCommandsMax(), BATCH_MAX, this::admit);
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
    PendingWrite<R> task =
        new PendingWrite<>(
            request, command, time.nanos(), latches, alone -> start(new WriteGroup(alone)));
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
  private <R> boolean enter(PendingWrite<R> task) {
    if (task.state == PendingWrite.State.DONE || runBlindly(task)) {
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
  private <R> boolean runBlindly(PendingWrite<R> task) {
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

  private <R> CompletableFuture<R> refuse(PendingWrite<R> task, RegionErrorException refusal) {
    forget(task);
    refused.increment();
    task.result.completeExceptionally(refusal);
    return task.result;
  }

  private void admit(List<PendingWrite<?>> batch) {
    Map<WriteGroup.Target, WriteGroup> groups = new LinkedHashMap<>();
    for (PendingWrite<?> task : batch) {
      if (!isGranted(task)) {
        continue;
      }
      if (task.byteSize > GROUPED_BYTES_MAX || !task.command.needsWorker()) {
        start(new WriteGroup(task));
        continue;
      }
      WriteGroup.Target target = WriteGroup.Target.of(task.request);
      WriteGroup group = groups.get(target);
      if (group == null) {
        groups.put(target, new WriteGroup(task));
      } else if (group.add(task) == GROUP_MAX) {
        start(groups.remove(target));
      }
    }
    groups.values().forEach(this::start);
  }

  /**
   * Whether a command that has just come may begin; else it waits for its latches, or has ended.
   */
  private boolean isGranted(PendingWrite<?> task) {
    if (task.state == PendingWrite.State.DONE) {
      return false; // cancelled on its way here
    }
    if (task.request.deadline().isExpired(time)) {
      finish(task, null, deadlineExceeded());
      return false;
    }
    if (latches.acquire(task.ticket)) {
      return true;
    }
    waited.increment();
    task.timer =
        loop.schedule(
            task.request.deadline().remaining(time), () -> abandon(task, "deadline exceeded"));
    return false;
  }

  /** Gives up a task that still waits for its latches; later ones run to their end. */
  private void abandon(PendingWrite<?> task, String reason) {
    if (task.state == PendingWrite.State.WAITING) {
      finish(task, null, new RpcException(RpcStatus.DEADLINE_EXCEEDED, reason));
    }
  }

  private void start(WriteGroup group) {
    group.begin();
    regions
        .snapshot(group.request(time))
        .whenComplete(
            (snapshot, failure) -> {
              if (failure != null) {
                finishOnLoop(group.writes(), failure);
              } else if (!group.needsWorker()) {
                evaluate(group, snapshot);
              } else {
                evaluateOnWorker(group, snapshot);
              }
            });
  }

  private void evaluateOnWorker(WriteGroup group, RegionSnapshot snapshot) {
    try {
      workers.execute(() -> evaluate(group, snapshot));
    } catch (RejectedExecutionException full) {
      snapshot.close();
      refused.increment(group.writes().size());
      finishOnLoop(group.writes(), RegionErrors.serverIsBusy("too many reads are waiting"));
    }
  }

  private void evaluate(WriteGroup group, RegionSnapshot snapshot) {
    try (snapshot) {
      group.writes().forEach(task -> task.decide(regions, snapshot));
    }
    List<PendingWrite<?>> settled = group.takeSettled();
    if (!settled.isEmpty()) {
      finishOnLoop(settled, null);
    }
    if (group.writes().isEmpty()) {
      return;
    }
    CompletionStage<Void> written;
    try {
      written = write(group, snapshot.term());
    } catch (RuntimeException refused) {
      written = CompletableFuture.failedFuture(refused); // nothing was proposed
    }
    written.whenComplete((applied, failure) -> finishOnLoop(group.writes(), failure));
  }

  private CompletionStage<Void> write(WriteGroup group, long term) {
    RegionRequest unhurried =
        group
            .request(time)
            .inTerm(term)
            .until(Deadline.after(PROPOSAL_BOUND, time))
            .timedBy(group.times());
    return regions.write(unhurried, term, group.mutations());
  }

  /**
   * @param failure of what the commands have shared; null if there is none
   */
  private void finishOnLoop(List<PendingWrite<?>> tasks, Throwable failure) {
    tasks.forEach(PendingWrite::letGo);
    loop.execute(() -> tasks.forEach(task -> finish(task, failure)));
  }

  private <R> void finish(PendingWrite<R> task, Throwable failure) {
    Throwable cause = task.undecided != null ? task.undecided : failure;
    finish(task, cause == null ? task.outcome.answer() : null, cause);
  }

  private <R> void finish(PendingWrite<R> task, R answer, Throwable failure) {
    if (task.state == PendingWrite.State.DONE) {
      return;
    }
    task.state = PendingWrite.State.DONE;
    task.stopTimer();
    forget(task);
    if (failure == null) {
      flow.finished(time.nanos() - task.sinceNanos);
    }
    Async.settle(task.result, failure == null ? answer : null, failure);
    latches.release(task.ticket);
  }

  private void forget(PendingWrite<?> task) {
    pendingCommands.decrementAndGet();
    pendingBytes.addAndGet(-task.byteSize);
  }

  private static RpcException deadlineExceeded() {
    return new RpcException(
        RpcStatus.DEADLINE_EXCEEDED, "the deadline passed before the write ran");
  }
}
