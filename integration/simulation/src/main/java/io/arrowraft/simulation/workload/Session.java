package io.arrowraft.simulation.workload;

import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.runtime.Async;
import io.arrowraft.runtime.EventLoop;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;

/** Does one operation of a workload after another, with a pause in between, on one client. */
public final class Session {
  private final String name;
  private final Workload workload;
  private final ArrowraftClient client;
  private final EventLoop loop;
  private final RandomGenerator random;
  private final Tides tides;
  private final OperationLog log;
  private boolean stopped;
  private long operation = -1;

  /**
   * @param loop of the client's node: what its crash ends
   * @param tides when operations may begin, for all sessions together
   */
  public Session(
      String name,
      Workload workload,
      ArrowraftClient client,
      EventLoop loop,
      RandomGenerator random,
      Tides tides,
      OperationLog log) {
    this.name = name;
    this.workload = workload;
    this.client = client;
    this.loop = loop;
    this.random = random;
    this.tides = tides;
    this.log = log;
  }

  public void start() {
    pause(Duration.ZERO);
  }

  /** No operation begins from now on. */
  public void stop() {
    stopped = true;
  }

  /** The client's node has died. */
  public void abandon() {
    stopped = true;
    log.abandon(operation, workload.name());
  }

  private void pause(Duration least) {
    long pause = random.nextLong(1 + tides.pauseMax().toNanos());
    loop.schedule(least.plusNanos(pause), this::next);
  }

  private void next() {
    if (stopped) {
      return;
    }
    Duration ebb = tides.admit();
    if (!ebb.isZero()) {
      pause(ebb);
      return;
    }
    long id = log.begin(workload.name(), name);
    operation = id;
    CompletableFuture<Void> running = workload.operate(client, random);
    Async.on(loop, running)
        .whenComplete(
            (done, failure) -> {
              log.end(id, workload.name(), failure);
              start();
            });
  }
}
