package io.arrowraft.server.txn;

import io.arrowraft.runtime.Timer;
import io.arrowraft.server.region.RegionRequest;
import io.arrowraft.server.region.RegionSnapshot;
import io.arrowraft.server.region.RegionStore;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * A command on its way through the scheduler. Mutable fields belong to the scheduler's loop, except
 * that whoever decides the command notes the decision before the loop hears of it again.
 *
 * @param <R> the command's answer
 */
final class PendingWrite<R> {
  enum State {
    WAITING,
    RUNNING,
    DONE
  }

  final RegionRequest request;
  final WriteCommand<R> command;
  final long byteSize;
  final long sinceNanos;
  final Latches.Ticket ticket;
  final CompletableFuture<R> result = new CompletableFuture<>();
  State state = State.WAITING;
  Timer timer;

  /** What the command decided; null before that, and if it failed. */
  WriteOutcome<R> outcome;

  /** Why it failed; null if it did not. */
  Throwable undecided;

  /**
   * @param granted told on the loop when a command that had to wait has its latches
   */
  PendingWrite(
      RegionRequest request,
      WriteCommand<R> command,
      long sinceNanos,
      Latches latches,
      Consumer<PendingWrite<?>> granted) {
    this.request = request;
    this.command = command;
    this.sinceNanos = sinceNanos;
    this.byteSize = command.byteSize();
    this.ticket = latches.ticket(command.latchKeys(), () -> granted.accept(this));
  }

  void decide(RegionStore regions, RegionSnapshot snapshot) {
    try {
      outcome = command.evaluate(snapshot);
    } catch (RuntimeException failure) {
      undecided = regions.readFailure(request.regionId(), failure);
    }
  }

  /** Whether the command has something to write. */
  boolean writes() {
    return outcome != null && !outcome.mutations().isEmpty();
  }

  /** Ends what it holds beside its latches, once its mutations are applied or never will be. */
  void letGo() {
    if (outcome != null) {
      outcome.afterwards().run();
    }
  }

  void stopTimer() {
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
  }
}
