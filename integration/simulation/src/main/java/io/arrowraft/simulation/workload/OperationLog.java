package io.arrowraft.simulation.workload;

import io.arrowraft.client.error.ArrowraftException;
import io.arrowraft.pd.client.PdException;
import io.arrowraft.runtime.Async;
import io.arrowraft.simulation.check.Outcome;
import io.arrowraft.simulation.check.Violation;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongSupplier;

/** Which operations run, since when, and what became of those that ended. */
public final class OperationLog {
  private record Running(String what, long sinceNanos) {}

  private final LongSupplier clock;
  private final Map<Long, Running> running = new TreeMap<>();
  private final Map<String, Map<Outcome, Integer>> ended = new TreeMap<>();
  private final Map<String, Integer> failures = new TreeMap<>();
  private final List<Violation> untyped = new ArrayList<>();
  private long nextId;
  private int endedInAll;

  public OperationLog(LongSupplier clock) {
    this.clock = clock;
  }

  long begin(String workload, String session) {
    running.put(nextId, new Running(workload + " of " + session, clock.getAsLong()));
    return nextId++;
  }

  void end(long id, String workload, Throwable failure) {
    if (running.remove(id) == null) {
      return;
    }
    count(workload, Outcomes.of(failure));
    if (failure != null) {
      Throwable cause = Async.cause(failure);
      failures.merge(workload + ": " + describe(cause), 1, Integer::sum);
      if (!(cause instanceof ArrowraftException || cause instanceof PdException)) {
        untyped.add(new Violation("client", workload + " failed without a type: " + trace(cause)));
      }
    }
  }

  /** A client has died: what it was doing has no outcome that anybody knows. */
  void abandon(long id, String workload) {
    if (running.remove(id) != null) {
      count(workload, Outcome.UNKNOWN);
    }
  }

  /** Operations that have ended, in all. */
  public int ended() {
    return endedInAll;
  }

  /** Operations that have ended in one way. */
  public int ended(Outcome outcome) {
    return ended.values().stream().mapToInt(counts -> counts.getOrDefault(outcome, 0)).sum();
  }

  /** How many of a workload's operations ended in one way. */
  public int ended(String workload, Outcome outcome) {
    return ended.getOrDefault(workload, Map.of()).getOrDefault(outcome, 0);
  }

  public boolean isIdle() {
    return running.isEmpty();
  }

  /** What runs, and since when. */
  public List<String> running() {
    List<String> lines = new ArrayList<>();
    running
        .values()
        .forEach(
            operation ->
                lines.add(
                    "%s since %.3f s".formatted(operation.what(), operation.sinceNanos() / 1e9)));
    return lines;
  }

  /** Outcomes by workload. */
  public String summary() {
    return ended.toString();
  }

  /** Kinds of failure by workload, and how often each was seen. */
  public Map<String, Integer> failures() {
    return new TreeMap<>(failures);
  }

  /** Failures of another type than the client promises. */
  public List<Violation> untyped() {
    return List.copyOf(untyped);
  }

  private static String trace(Throwable cause) {
    StringBuilder text = new StringBuilder(cause.toString());
    StackTraceElement[] frames = cause.getStackTrace();
    for (int i = 0; i < Math.min(frames.length, 8); i++) {
      text.append("\n    at ").append(frames[i]);
    }
    return text.toString();
  }

  private void count(String workload, Outcome outcome) {
    endedInAll++;
    ended
        .computeIfAbsent(workload, name -> new EnumMap<>(Outcome.class))
        .merge(outcome, 1, Integer::sum);
  }

  private static String describe(Throwable cause) {
    if (cause instanceof ArrowraftException typed) {
      return typed.code().name();
    }
    return cause instanceof PdException refused ? "PD " + refused.code() : cause.toString();
  }
}
