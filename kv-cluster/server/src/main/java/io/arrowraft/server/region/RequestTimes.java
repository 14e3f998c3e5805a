package io.arrowraft.server.region;

import io.arrowraft.runtime.TimeSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * When a request passed which stage, for the log of slow ones. Marked by whoever has the request at
 * that moment, on any thread; of several marks of one stage the last counts.
 */
public final class RequestTimes {
  private static final int STAGES = Stage.values().length;

  /** Of a request that nobody watches. */
  public static final RequestTimes UNWATCHED = new RequestTimes(null, List.of());

  /** Stages in their order. */
  public enum Stage {
    /** It arrived. */
    ARRIVED,
    /** It has what it waited for: latches, a worker, a snapshot. */
    BEGUN,
    /** Its entry was proposed. */
    PROPOSED,
    /** A majority has the entry. */
    COMMITTED,
    /** The entry is applied here. */
    APPLIED
  }

  private final TimeSource time;
  private final AtomicLongArray marks = new AtomicLongArray(STAGES);
  private final List<RequestTimes> others;

  private RequestTimes(TimeSource time, List<RequestTimes> others) {
    this.time = time;
    this.others = others;
  }

  /** Of a request that arrives now. */
  public static RequestTimes begin(TimeSource time) {
    RequestTimes times = new RequestTimes(time, List.of());
    times.mark(Stage.ARRIVED);
    return times;
  }

  /** Of requests that go on together: a mark is one of each of them. */
  public static RequestTimes together(List<RequestTimes> all) {
    return all.size() == 1 ? all.get(0) : new RequestTimes(null, List.copyOf(all));
  }

  public void mark(Stage stage) {
    others.forEach(each -> each.mark(stage));
    if (time != null) {
      // Zero says that the stage was not passed.
      marks.set(stage.ordinal(), Math.max(1, time.nanos()));
    }
  }

  /** Nanoseconds since the arrival. */
  public long total() {
    return time == null ? 0 : time.nanos() - marks.get(Stage.ARRIVED.ordinal());
  }

  /** Nanoseconds from one stage to another; -1 unless both were passed. */
  public long between(Stage from, Stage to) {
    long begin = marks.get(from.ordinal());
    long end = marks.get(to.ordinal());
    return begin == 0 || end == 0 ? -1 : Math.max(0, end - begin);
  }
}
