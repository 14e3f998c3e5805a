package io.arrowraft.simulation.cluster;

import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.coprocessor.read.TableReaders;
import io.arrowraft.coprocessor.read.Waiting;
import io.arrowraft.runtime.Async;
import io.arrowraft.runtime.TimeSource;
import io.arrowraft.simulation.workload.CoprocessorWorkload;
import io.arrowraft.simulation.world.SimulatedWorld;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;

/**
 * A thread of its own for programs that wait: while one does, everything else in the world goes on.
 * There is one such thread, so one program runs at a time, and belongs to no node: when its client
 * dies, it waits in vain for as long as it is willing to.
 */
final class WaitingReaders implements CoprocessorWorkload.Readers, Waiting, TimeSource {
  private final SimulatedWorld world;
  private final BufferAllocator allocator = new RootAllocator();
  private final Deque<Runnable> programs = new ArrayDeque<>();
  private boolean running;

  WaitingReaders(SimulatedWorld world) {
    this.world = world;
  }

  @Override
  public TableReaders of(ArrowraftClient client) {
    return new TableReaders(client.coprocessor(), this, this, allocator);
  }

  @Override
  public <T> CompletableFuture<T> run(Supplier<T> program) {
    CompletableFuture<T> result = new CompletableFuture<>();
    programs.add(
        () -> {
          try {
            result.complete(program.get());
          } catch (RuntimeException failure) {
            result.completeExceptionally(failure);
          }
        });
    // Never within somebody's task, whose loop would stand still meanwhile.
    runNextLater();
    return result;
  }

  /** One to an event: between two, whoever runs the world may look up. */
  private void runNextLater() {
    world.at(
        Duration.ZERO,
        () -> {
          if (!running && !programs.isEmpty()) {
            running = true;
            programs.remove().run();
            running = false;
            runNextLater();
          }
        });
  }

  @Override
  public <T> T await(
      CompletionStage<T> stage, Duration bound, Supplier<? extends RuntimeException> onTimeout) {
    CompletableFuture<T> result = stage.toCompletableFuture();
    if (!world.runUntil(result::isDone, bound)) {
      throw onTimeout.get();
    }
    try {
      return result.join();
    } catch (CompletionException failed) {
      if (Async.cause(failed) instanceof RuntimeException unchecked) {
        throw unchecked;
      }
      throw failed;
    }
  }

  @Override
  public void until(BooleanSupplier arrived, Object monitor, Duration bound) {
    world.runUntil(arrived, bound);
  }

  @Override
  public long nanos() {
    return world.nowNanos();
  }

  @Override
  public long wallMillis() {
    return world.wallMillis();
  }
}
