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
  private final Duration pauseMax;
  private final OperationLog log;
  private boolean stopped;
  private long operation = -1;

  /**
   * @param loop of the client's node: what its crash ends
   * @param pauseMax the longest pause between two operations
   */
  public Session(
      String name,
      Workload workload,
      ArrowraftClient client,
      EventLoop loop,
      RandomGenerator random,
      Duration pauseMax,
      OperationLog log) {
    this.name = name;
    this.workload = workload;
    this.client = client;
    this.loop = loop;
    this.random = random;
    this.pauseMax = pauseMax;
    this.log = log;
  }

  public void start() {
    loop.schedule(Duration.ofNanos(random.nextLong(1 + pauseMax.toNanos())), this::next);
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

  private void next() {
    if (stopped) {
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
