package io.arrowraft.pd;

import io.arrowraft.pd.service.LeaderState;
import io.arrowraft.pd.state.PdCommand;
import io.arrowraft.runtime.EventLoop;
import io.arrowraft.runtime.Timer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes over when this member becomes leader, schedules while it leads, and lets go when it no
 * longer does.
 */
final class Leadership {
  private static final Logger LOG = LoggerFactory.getLogger(Leadership.class);
  private static final Duration RETRY = Duration.ofMillis(100);

  private final LeaderState leader;
  private final PdConfig config;
  private final EventLoop loop;
  private final RandomGenerator random;
  private final CompletableFuture<Long> firstServing = new CompletableFuture<>();
  private Timer timer = () -> {};
  private long generation;

  Leadership(LeaderState leader, PdConfig config, EventLoop loop, RandomGenerator random) {
    this.leader = leader;
    this.config = config;
    this.loop = loop;
    this.random = random;
  }

  /** The cluster's id, once this member has begun to serve. */
  CompletableFuture<Long> firstServing() {
    return firstServing;
  }

  /** This member has been elected. */
  void elected() {
    loop.requireInLoop();
    generation++;
    leader.ids().reset();
    leader.recorder().reset();
    takeOver(generation);
  }

  /** This member no longer leads, or stops. */
  void deposed() {
    loop.requireInLoop();
    generation++;
    timer.cancel();
    leader.timestamps().resign();
    leader.ids().reset();
    leader.lines().closeAll();
  }

  /**
   * Asks for the cluster's id through the log. The answer also proves that an entry of this term
   * has been applied, and so that the state holds everything that earlier leaders have
   * acknowledged.
   */
  private void takeOver(long expected) {
    long candidate = random.nextLong(1, Long.MAX_VALUE);
    leader
        .log()
        .propose(new PdCommand.InitialiseCluster(candidate))
        .whenComplete(
            // As a task of its own: what fails in a callback of a future would go unnoticed.
            (result, failure) -> loop.execute(() -> tookOver(expected, failure)));
  }

  private void tookOver(long expected, Throwable failure) {
    if (expected != generation) {
      return;
    }
    if (failure != null) {
      LOG.atInfo().addKeyValue("reason", failure.getMessage()).log("taking over is tried again");
      timer = loop.schedule(RETRY, () -> takeOver(expected));
    } else {
      serve();
    }
  }

  private void serve() {
    leader.regions().reset(leader.state().regions());
    leader.stores().reset();
    leader.scheduling().reset();
    leader.gc().reset();
    leader.timestamps().lead(leader.state().timestampLimit());
    LOG.atInfo()
        .addKeyValue("name", config.name())
        .addKeyValue("cluster", Long.toUnsignedString(leader.state().clusterId()))
        .addKeyValue("stores", leader.state().stores().size())
        .addKeyValue("regions", leader.regions().size())
        .log("placement driver leads");
    // So that ids are at hand when the first operator wants one.
    leader.ids().prepare();
    firstServing.complete(leader.state().clusterId());
    scheduleRound();
  }

  private void scheduleRound() {
    timer =
        loop.schedule(
            leader.scheduling().settings().config().interval(),
            () -> {
              if (leader.serving() && leader.state().bootstrapped()) {
                leader.scheduleOnce();
              }
              scheduleRound();
            });
  }
}
