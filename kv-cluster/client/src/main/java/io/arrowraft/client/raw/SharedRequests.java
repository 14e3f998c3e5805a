package io.arrowraft.client.raw;

import io.arrowraft.client.error.ArrowraftException;
import io.arrowraft.client.error.ErrorCode;
import io.arrowraft.client.error.InvalidRequestException;
import io.arrowraft.client.region.KeySpace;
import io.arrowraft.client.region.Region;
import io.arrowraft.client.region.RegionCalls;
import io.arrowraft.client.region.RegionOutcome;
import io.arrowraft.client.retry.Backoff;
import io.arrowraft.client.retry.BackoffKind;
import io.arrowraft.runtime.Async;
import io.arrowraft.runtime.Bytes;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Lets calls of one key each share a request when others to their region are under way: the more
 * callers there are, the less each of them costs, and a single one waits for nobody. What a shared
 * request cannot settle for all of its calls, each goes on to settle alone. All methods are called
 * on the client's loop.
 *
 * @param <T> what a call asks
 * @param <V> its answer
 */
final class SharedRequests<T, V> {
  /**
   * While fewer calls to a region are under way, further ones go at once. With more of them, the
   * next request waits for their return: the callers that come back then share it with those that
   * waited, and the store has one round of replication to do for all.
   */
  private static final int FEW_CALLS = 4;

  /** Calls wait no longer, so that a request that is stuck holds up none but its own. */
  private static final Duration WAIT_MAX = Duration.ofMillis(20);

  /** How calls are sent. */
  interface Sending<T, V> {
    Bytes key(T call);

    int byteSize(T call);

    /** Finds the call's region itself. */
    CompletableFuture<V> alone(T call, Backoff backoff);

    /** One answer for each call, in order. */
    CompletableFuture<RegionOutcome<List<V>>> together(
        Region region, List<T> calls, Backoff backoff);
  }

  private record Waiting<T, V>(T call, Backoff backoff, CompletableFuture<V> result) {}

  /** The calls to one region. */
  private static final class Lane<T, V> {
    private final Deque<Waiting<T, V>> waiting = new ArrayDeque<>();
    private int callsUnderWay;
    private boolean departureQueued;
    private boolean timed;
  }

  private final RegionCalls calls;
  private final Sending<T, V> sending;
  private final Map<Long, Lane<T, V>> lanes = new HashMap<>();

  SharedRequests(RegionCalls calls, Sending<T, V> sending) {
    this.calls = calls;
    this.sending = sending;
  }

  /** The answer to {@code call}, within the time of {@code backoff}. */
  CompletableFuture<V> call(T call, Backoff backoff) {
    Optional<Region> region = region(call);
    if (region.isEmpty()) {
      return sending.alone(call, backoff);
    }
    Waiting<T, V> entry = new Waiting<>(call, backoff, new CompletableFuture<>());
    long id = region.get().id();
    Lane<T, V> lane = lanes.computeIfAbsent(id, none -> new Lane<>());
    lane.waiting.add(entry);
    if (lane.callsUnderWay < FEW_CALLS) {
      departSoon(id, lane);
    } else {
      departInTime(id, lane);
    }
    return entry.result();
  }

  private Optional<Region> region(T call) {
    return calls.known(KeySpace.RAW.regionKey(sending.key(call)));
  }

  /** Once what else is queued on the loop has joined. */
  private void departSoon(long id, Lane<T, V> lane) {
    if (!lane.departureQueued) {
      lane.departureQueued = true;
      calls
          .loop()
          .execute(
              () -> {
                lane.departureQueued = false;
                depart(id, lane);
              });
    }
  }

  private void departInTime(long id, Lane<T, V> lane) {
    if (!lane.timed) {
      lane.timed = true;
      calls
          .loop()
          .schedule(
              WAIT_MAX,
              () -> {
                lane.timed = false;
                depart(id, lane);
              });
    }
  }

  private void depart(long id, Lane<T, V> lane) {
    while (!lane.waiting.isEmpty()) {
      send(id, lane);
    }
  }

  private void send(long id, Lane<T, V> lane) {
    List<Waiting<T, V>> group = new ArrayList<>();
    Region region = null;
    long bytes = 0;
    while (!lane.waiting.isEmpty() && group.size() < calls.options().limits().batchKeysMax()) {
      Waiting<T, V> next = lane.waiting.peekFirst();
      if (next.backoff().isCancelled()) {
        lane.waiting.removeFirst();
        next.result().cancel(false);
        continue;
      }
      bytes += sending.byteSize(next.call());
      if (!group.isEmpty() && bytes > calls.options().limits().batchBytesMax()) {
        break;
      }
      lane.waiting.removeFirst();
      Optional<Region> now = region(next.call());
      if (now.isEmpty() || now.get().id() != id) {
        // Its region has moved while it waited.
        settleAlone(next);
        continue;
      }
      region = now.get();
      group.add(next);
    }
    if (group.size() == 1) {
      start(id, lane, 1);
      settleAlone(group.get(0)).whenComplete((value, failure) -> end(id, lane, 1));
    } else if (!group.isEmpty()) {
      start(id, lane, group.size());
      sendTogether(region, group).whenComplete((done, failure) -> end(id, lane, group.size()));
    }
  }

  private void start(long id, Lane<T, V> lane, int calls) {
    lane.callsUnderWay += calls;
    lanes.put(id, lane);
  }

  private void end(long id, Lane<T, V> lane, int calls) {
    lane.callsUnderWay -= calls;
    if (!lane.waiting.isEmpty()) {
      if (lane.callsUnderWay < FEW_CALLS) {
        departSoon(id, lane);
      }
    } else if (lane.callsUnderWay == 0 && !lane.departureQueued) {
      lanes.remove(id, lane);
    }
  }

  private CompletableFuture<V> settleAlone(Waiting<T, V> entry) {
    return settleFrom(entry, sending.alone(entry.call(), entry.backoff()));
  }

  private static <T, V> CompletableFuture<V> settleFrom(
      Waiting<T, V> entry, CompletableFuture<V> answer) {
    return answer.whenComplete((value, failure) -> Async.settle(entry.result(), value, failure));
  }

  private CompletableFuture<RegionOutcome<List<V>>> sendTogether(
      Region region, List<Waiting<T, V>> group) {
    // The last to come has the most time left; the others came at most the longest wait before.
    Backoff backoff = group.get(group.size() - 1).backoff().afresh();
    List<T> all = group.stream().map(Waiting::call).toList();
    return sending
        .together(region, all, backoff)
        .whenComplete(
            (outcome, failure) -> {
              if (failure != null) {
                settleFailed(group, backoff, Async.cause(failure));
              } else if (outcome instanceof RegionOutcome.Answer<List<V>> answer) {
                for (int i = 0; i < group.size(); i++) {
                  group.get(i).result().complete(answer.response().get(i));
                }
              } else if (outcome instanceof RegionOutcome.Moved<List<V>> moved) {
                group.forEach(entry -> settleMoved(entry, backoff, moved.reason()));
              }
            });
  }

  private void settleMoved(Waiting<T, V> entry, Backoff shared, String reason) {
    takeOver(entry, shared, reason);
    settleFrom(
        entry,
        entry
            .backoff()
            .pause(BackoffKind.REGION_MOVED, reason)
            .thenCompose(paused -> sending.alone(entry.call(), entry.backoff())));
  }

  private void settleFailed(List<Waiting<T, V>> group, Backoff shared, Throwable failure) {
    for (Waiting<T, V> entry : group) {
      if (isAboutOneCall(failure)) {
        takeOver(entry, shared, failure.getMessage());
        settleAlone(entry);
      } else {
        entry.result().completeExceptionally(shared.writeFailure(failure));
      }
    }
  }

  /** Whether the others of the group may fare better alone. */
  private static boolean isAboutOneCall(Throwable failure) {
    return failure instanceof InvalidRequestException
        || (failure instanceof ArrowraftException known
            && known.code() == ErrorCode.RESPONSE_TOO_LARGE);
  }

  private static <T, V> void takeOver(Waiting<T, V> entry, Backoff shared, String reason) {
    if (shared.isOutcomeUnknown()) {
      entry.backoff().noteLostRequest(reason);
    }
  }
}
