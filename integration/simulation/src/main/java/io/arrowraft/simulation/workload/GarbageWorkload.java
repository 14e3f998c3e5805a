package io.arrowraft.simulation.workload;

import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.client.error.ArrowraftException;
import io.arrowraft.client.error.ErrorCode;
import io.arrowraft.client.txn.PessimisticTransaction;
import io.arrowraft.client.txn.SafePointHold;
import io.arrowraft.client.txn.Snapshot;
import io.arrowraft.pd.client.Timestamp;
import io.arrowraft.runtime.Async;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.simulation.check.Outcome;
import io.arrowraft.simulation.check.VersionHistory;
import io.arrowraft.simulation.check.Violation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;

/**
 * Keys that are changed all the time while old versions live for seconds only, for all workloads.
 * Readers come back to times of the past, with a claim that holds the versions or without one: a
 * reading finds what was there then, or is refused. It may be refused only where nobody can claim
 * versions any more, so never under a claim that is in force.
 */
public final class GarbageWorkload implements Workload {
  private static final int KEYS = 12;
  private static final int TOGETHER_MAX = 3;
  private static final int VALUE_BYTES_MAX = 400;
  private static final int DONE = 200;

  /** The shortest that there is; a claim whose client died goes after it. */
  private static final Duration CLAIM = Duration.ofSeconds(3);

  private final OperatorDesk desk;
  private final Duration lifeTime;
  private final VersionHistory history = new VersionHistory();
  private final Remembered remembered = new Remembered();
  private final List<Violation> violations = new ArrayList<>();
  private final List<Held> holds = new ArrayList<>();
  private final Standstill standstill = new Standstill();
  private Optional<Timestamp> toBePassed = Optional.empty();
  private long nextWriter = VersionHistory.ABSENT + 1;
  private long nextService;

  /** A claim of a client that may have died since. */
  private record Held(ArrowraftClient client, SafePointHold claim) {}

  /**
   * @param desk where the placement driver is told how long versions live
   * @param lifeTime of old versions
   */
  public GarbageWorkload(OperatorDesk desk, Duration lifeTime) {
    this.desk = desk;
    this.lifeTime = lifeTime;
  }

  @Override
  public String name() {
    return "garbage";
  }

  @Override
  public CompletableFuture<Void> prepare(ArrowraftClient client) {
    String body =
        "{\"gc-life-time\":\"%dms\",\"gc-run-interval\":\"1s\"}".formatted(lifeTime.toMillis());
    return desk.ask(new OperatorDesk.Request("POST", "/config", body))
        .thenAccept(
            reply -> {
              if (reply.getStatus() != DONE) {
                throw new IllegalStateException("versions live on: " + reply);
              }
            });
  }

  @Override
  public CompletableFuture<Void> operate(ArrowraftClient client, RandomGenerator random) {
    int dice = random.nextInt(100);
    if (dice < 50) {
      return change(client, random);
    }
    if (dice < 60) {
      return client.snapshot().thenCompose(this::read);
    }
    if (dice < 80) {
      return hold(client, random.nextInt(100) < 20);
    }
    Optional<Timestamp> earlier = remembered.any(random);
    return earlier.isEmpty()
        ? client.snapshot().thenCompose(this::read)
        : remembered.readAt(earlier.get(), timestamp -> readOld(client, timestamp));
  }

  /** Also that garbage collection goes on after all faults. */
  @Override
  public CompletableFuture<Void> readAll(ArrowraftClient client) {
    holds.forEach(held -> held.claim().close());
    holds.clear();
    return standstill
        .look(client)
        .thenCompose(
            still ->
                client
                    .snapshot()
                    .thenCompose(this::read)
                    .thenCompose(
                        read ->
                            still ? CompletableFuture.completedFuture(null) : mustGoOn(client)));
  }

  private CompletableFuture<Void> mustGoOn(ArrowraftClient client) {
    return client
        .timestamp()
        .thenCompose(
            now -> {
              Timestamp awaited = toBePassed.orElse(now);
              toBePassed = Optional.of(awaited);
              return client
                  .placement()
                  .gcSafePoint()
                  .thenAccept(safePoint -> mustHavePassed(awaited, safePoint));
            });
  }

  private static void mustHavePassed(Timestamp awaited, Timestamp safePoint) {
    if (safePoint.compareTo(awaited) < 0) {
      throw new IllegalStateException(
          "the safe point is %s and has not passed %s yet".formatted(safePoint, awaited));
    }
  }

  @Override
  public List<Violation> check() {
    List<Violation> all = new ArrayList<>(violations);
    all.addAll(history.check());
    return all;
  }

  private CompletableFuture<Void> change(ArrowraftClient client, RandomGenerator random) {
    long writer = nextWriter++;
    SortedSet<Integer> put = new TreeSet<>();
    SortedSet<Integer> deleted = new TreeSet<>();
    int count = 1 + random.nextInt(TOGETHER_MAX);
    for (int i = 0; i < count; i++) {
      int key = random.nextInt(KEYS);
      boolean deletes = random.nextInt(100) < 35;
      (deletes ? deleted : put).add(key);
      (deletes ? put : deleted).remove(key);
    }
    Map<Bytes, Optional<Bytes>> writes = new TreeMap<>();
    int size = random.nextBoolean() ? 1 : random.nextInt(VALUE_BYTES_MAX);
    put.forEach(key -> writes.put(key(key), Optional.of(Values.padded(writer, size))));
    deleted.forEach(key -> writes.put(key(key), Optional.empty()));
    history.invoked(writer, put, deleted);
    return (random.nextBoolean() ? optimistic(client, writes) : pessimistic(client, writes))
        .handle((timestamp, failure) -> ended(writer, timestamp, failure))
        .thenCompose(
            failure ->
                failure == null
                    ? CompletableFuture.completedFuture(null)
                    : CompletableFuture.failedFuture(Async.cause(failure)));
  }

  private Throwable ended(long writer, Timestamp timestamp, Throwable failure) {
    Outcome outcome = Outcomes.of(failure);
    if (outcome == Outcome.OK) {
      history.committed(writer, timestamp.value());
    } else if (outcome == Outcome.FAILED) {
      history.failed(writer);
    }
    return failure;
  }

  private static CompletableFuture<Timestamp> optimistic(
      ArrowraftClient client, Map<Bytes, Optional<Bytes>> writes) {
    return client
        .begin()
        .thenCompose(
            transaction -> {
              writes.forEach(
                  (key, value) ->
                      value.ifPresentOrElse(
                          stored -> transaction.put(key, stored), () -> transaction.delete(key)));
              return transaction.commit();
            });
  }

  private static CompletableFuture<Timestamp> pessimistic(
      ArrowraftClient client, Map<Bytes, Optional<Bytes>> writes) {
    return client
        .beginPessimistic()
        .thenCompose(
            (PessimisticTransaction transaction) ->
                transaction
                    .writeAll(Map.of(), writes)
                    .thenCompose(written -> transaction.commit())
                    .whenComplete((timestamp, failure) -> transaction.rollback()));
  }

  /** Claims the versions of the present, reads under the claim later, and lets go in the end. */
  private CompletableFuture<Void> hold(ArrowraftClient client, boolean letsGo) {
    Optional<Held> held = holds.stream().filter(each -> each.client() == client).findFirst();
    if (held.isEmpty()) {
      return client
          .snapshot()
          .thenCompose(
              snapshot ->
                  read(snapshot)
                      .thenCompose(
                          read -> client.holdVersions(service(), snapshot.timestamp(), CLAIM)))
          .thenAccept(taken -> holds.add(new Held(client, taken)));
    }
    SafePointHold claim = held.get().claim();
    return readOld(client, claim.timestamp())
        .whenComplete(
            (read, failure) -> {
              if (letsGo || isTooOld(failure)) {
                holds.remove(held.get());
                claim.close();
              }
            });
  }

  private CompletableFuture<Void> readOld(ArrowraftClient client, Timestamp timestamp) {
    return read(client.snapshotAt(timestamp))
        .handle((read, failure) -> failure)
        .thenCompose(
            failure ->
                failure == null
                    ? CompletableFuture.completedFuture(null)
                    : (isTooOld(failure)
                            ? mustBeBeyondClaim(client, timestamp)
                            : CompletableFuture.<Void>completedFuture(null))
                        .thenCompose(seen -> CompletableFuture.failedFuture(Async.cause(failure))));
  }

  /** What is refused may not be claimed either: a claim in force would be granted again. */
  private CompletableFuture<Void> mustBeBeyondClaim(ArrowraftClient client, Timestamp timestamp) {
    return client
        .holdVersions(service(), timestamp, CLAIM)
        .handle(
            (granted, refused) -> {
              if (granted != null) {
                granted.close();
                violations.add(
                    new Violation(
                        "garbage",
                        "a reading at %s was refused as too old, but versions can be claimed there"
                            .formatted(timestamp)));
              }
              return null;
            });
  }

  private String service() {
    return "reader-" + nextService++;
  }

  private static boolean isTooOld(Throwable failure) {
    return failure != null
        && Async.cause(failure) instanceof ArrowraftException refused
        && refused.code() == ErrorCode.TIMESTAMP_TOO_OLD;
  }

  private CompletableFuture<Void> read(Snapshot snapshot) {
    return Scans.all(snapshot, Bytes.ofUtf8("garbage/"), Bytes.ofUtf8("garbage0"), 5)
        .thenAccept(
            pairs -> {
              SortedMap<Integer, Long> found = new TreeMap<>();
              for (int key = 0; key < KEYS; key++) {
                found.put(key, VersionHistory.ABSENT);
              }
              pairs.forEach(pair -> found.put(numberOf(pair.key()), Values.number(pair.value())));
              history.read(snapshot.timestamp().value(), found);
              remembered.add(snapshot.timestamp());
            });
  }

  private static Bytes key(int number) {
    return Bytes.ofUtf8("garbage/%02d".formatted(number));
  }

  private static int numberOf(Bytes key) {
    return Integer.parseInt(Values.text(key).substring("garbage/".length()));
  }
}
