package io.arrowraft.spark;

import io.arrowraft.runtime.threads.Blocking;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import org.apache.spark.SparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerApplicationEnd;
import org.apache.spark.scheduler.SparkListenerEvent;
import org.apache.spark.scheduler.SparkListenerStageCompleted;
import org.apache.spark.scheduler.SparkListenerStageSubmitted;
import org.apache.spark.sql.execution.SQLExecution;
import org.apache.spark.sql.execution.ui.SparkListenerSQLExecutionEnd;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the versions that running queries read: a timestamp is held from when the first tasks of a
 * query are planned until the query ends, however it ends. Nothing is held for what is planned and
 * never run.
 *
 * <p>Spark plans the tasks of a Dataset once. When it runs them again, for a second action or for
 * cached data that was lost, only its scheduler knows: it asks each task where it would best run,
 * and then announces the stage. A {@link Read} passes that on as an event, which reaches this
 * listener just before the stage's own. Such a hold is taken while the stage starts, and lasts as
 * long as the query that the stage is part of; without a query, as long as the stage.
 *
 * <p>Safe for use by any thread. Events come on one thread, which does not wait here.
 */
final class RunningQueries extends SparkListener {
  private static final Logger LOG = LoggerFactory.getLogger(RunningQueries.class);
  private static final Duration CLAIM_WITHIN = Duration.ofMinutes(1);

  /** One context at a time runs in a JVM; tests make several. */
  private static final Map<SparkContext, RunningQueries> BY_CONTEXT = new IdentityHashMap<>();

  private final SparkContext context;
  private final AtomicLong claims = new AtomicLong();
  private final Map<Versions, Held> held = new HashMap<>();

  /** Handed out, in a stage that is to be announced; of the listener's thread. */
  private final Set<Read> handedOut = new LinkedHashSet<>();

  private record Versions(String cluster, long timestamp) {}

  private record Held(CompletableFuture<TikvCluster.Hold> claim, Set<User> users) {}

  /** What a timestamp is held for. */
  private sealed interface User permits Query, Stage {}

  private record Query(long executionId) implements User {}

  private record Stage(int id) implements User {}

  /** What the tasks of a scan read. */
  static final class Read {
    private final TikvCluster cluster;
    private final QueryTimestamp timestamp;
    private final Duration atMost;
    private final AtomicBoolean announced = new AtomicBoolean();

    /** Null before its tasks are planned, and if it is not to be held. */
    private volatile SparkContext plannedIn;

    /**
     * @param atMost how long it may be held; zero for not at all
     */
    Read(TikvCluster cluster, QueryTimestamp timestamp, Duration atMost) {
      this.cluster = cluster;
      this.timestamp = timestamp;
      this.atMost = atMost;
    }

    /** Some of its tasks are about to run. Called by Spark's scheduler, so it must not wait. */
    void isHandedOut() {
      if (plannedIn != null && announced.compareAndSet(false, true)) {
        plannedIn.listenerBus().post(new HandedOut(this));
      }
    }

    private Versions versions() {
      return new Versions(cluster.address(), timestamp.value());
    }
  }

  private record HandedOut(Read read) implements SparkListenerEvent {
    @Override
    public boolean logEvent() {
      return false;
    }
  }

  private RunningQueries(SparkContext context) {
    this.context = context;
  }

  /** Those of an application, which are watched from the first call on. */
  static RunningQueries of(SparkContext context) {
    synchronized (BY_CONTEXT) {
      return BY_CONTEXT.computeIfAbsent(
          context,
          absent -> {
            RunningQueries queries = new RunningQueries(context);
            context.addSparkListener(queries);
            return queries;
          });
    }
  }

  /**
   * The tasks of a scan are being planned: holds what they will read for the query that runs on
   * this thread, if one does, and waits until it is held.
   *
   * @throws io.arrowraft.client.error.ArrowraftException if what is to be read is collected already
   */
  void begins(Read read) {
    if (read.atMost.isZero()) {
      return;
    }
    read.plannedIn = context;
    Optional<Query> query = query(context::getLocalProperty);
    if (query.isEmpty()) {
      return;
    }
    Blocking.await(
        hold(read, query.get()),
        CLAIM_WITHIN,
        () ->
            new TikvException(
                TikvException.Code.NO_PLACEMENT_DRIVER,
                "old versions could not be claimed within " + CLAIM_WITHIN));
    if (SQLExecution.getQueryExecution(query.get().executionId()) == null) {
      // Planned by a helper thread of a query that has ended meanwhile.
      ended(query.get());
    }
  }

  /** The query that properties speak of: the outermost, whose parts read at its timestamp. */
  private static Optional<Query> query(UnaryOperator<String> properties) {
    return Optional.ofNullable(properties.apply(SQLExecution.EXECUTION_ROOT_ID_KEY()))
        .or(() -> Optional.ofNullable(properties.apply(SQLExecution.EXECUTION_ID_KEY())))
        .map(id -> new Query(Long.parseLong(id)));
  }

  private synchronized CompletableFuture<TikvCluster.Hold> hold(Read read, User user) {
    Versions versions = read.versions();
    Held known = held.get(versions);
    if (known != null && !known.claim().isCompletedExceptionally()) {
      known.users().add(user);
      return known.claim();
    }
    String service =
        "spark-"
            + context.applicationId()
            + "-"
            + claims.incrementAndGet()
            + "-"
            + Long.toUnsignedString(versions.timestamp());
    Held made =
        new Held(
            read.cluster.holdVersions(service, versions.timestamp(), read.atMost),
            new HashSet<>(Set.of(user)));
    held.put(versions, made);
    LOG.debug("old versions are claimed: service={}, user={}", service, user);
    return made.claim();
  }

  @Override
  public void onOtherEvent(SparkListenerEvent event) {
    if (event instanceof HandedOut out) {
      out.read().announced.set(false);
      handedOut.add(out.read());
    } else if (event instanceof SparkListenerSQLExecutionEnd end) {
      ended(new Query(end.executionId()));
    }
  }

  @Override
  public void onStageSubmitted(SparkListenerStageSubmitted submitted) {
    if (handedOut.isEmpty()) {
      return;
    }
    Properties properties = submitted.properties();
    User user =
        query(name -> properties == null ? null : properties.getProperty(name))
            .map(User.class::cast)
            .orElseGet(() -> new Stage(submitted.stageInfo().stageId()));
    for (Read read : handedOut) {
      try {
        hold(read, user)
            .whenComplete(
                (hold, failure) -> {
                  if (failure != null) {
                    // Whether its reads can still be served, the stores will tell.
                    LOG.warn("old versions are not claimed: user={}", user, failure);
                  }
                });
      } catch (RuntimeException failure) {
        LOG.warn("old versions are not claimed: user={}", user, failure);
      }
    }
    handedOut.clear();
  }

  @Override
  public void onStageCompleted(SparkListenerStageCompleted completed) {
    ended(new Stage(completed.stageInfo().stageId()));
  }

  @Override
  public void onApplicationEnd(SparkListenerApplicationEnd end) {
    release(user -> true);
    synchronized (BY_CONTEXT) {
      BY_CONTEXT.remove(context);
    }
    SharedClients.instance().closeAll();
  }

  private void ended(User ended) {
    // Spark drops events when its queue is full, so whoever else has ended is looked for too.
    release(
        user ->
            user.equals(ended)
                || (user instanceof Query query
                    && SQLExecution.getQueryExecution(query.executionId()) == null));
  }

  private void release(java.util.function.Predicate<User> over) {
    List<Held> unused = new ArrayList<>();
    synchronized (this) {
      held.values()
          .removeIf(
              each -> {
                each.users().removeIf(over);
                return each.users().isEmpty() && unused.add(each);
              });
    }
    unused.forEach(each -> each.claim().thenAccept(TikvCluster.Hold::close));
  }

  /** How many timestamps are held. */
  synchronized int timestampsHeld() {
    return held.size();
  }
}
