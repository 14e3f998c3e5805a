package io.arrowraft.client.retry;

import java.time.Duration;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;

/**
 * What one operation of the user has come to so far: requests by method, the slowest of them, waits
 * by reason. Small, since every operation has one. Confined to the client's loop.
 */
public final class OperationTrail {
  private final Map<String, Integer> requests = new LinkedHashMap<>(4);
  private final Map<BackoffKind, Integer> waits = new EnumMap<>(BackoffKind.class);
  private long waitedNanos;
  private long slowestNanos = -1;
  private String slowestMethod;
  private long slowestRegion;
  private String slowestAddress;

  /** A request has ended, in whatever way. */
  public void requested(String method, long regionId, String address, Duration took) {
    requests.merge(method, 1, Integer::sum);
    if (took.toNanos() > slowestNanos) {
      slowestNanos = took.toNanos();
      slowestMethod = method;
      slowestRegion = regionId;
      slowestAddress = address;
    }
  }

  void waited(BackoffKind kind, Duration wait) {
    waits.merge(kind, 1, Integer::sum);
    waitedNanos += wait.toNanos();
  }

  /** Such as {@code KvPrewrite 3, KvCommit 1}. */
  public String requests() {
    StringJoiner joined = new StringJoiner(", ");
    requests.forEach((method, count) -> joined.add(method + " " + count));
    return joined.toString();
  }

  /** Such as {@code KvPrewrite to region 4 at host:20160 in 812 ms}; empty if none was sent. */
  public String slowest() {
    return slowestMethod == null
        ? ""
        : "%s to region %d at %s in %d ms"
            .formatted(slowestMethod, slowestRegion, slowestAddress, slowestNanos / 1_000_000);
  }

  /** Such as {@code lock 2, region_moved 1}. */
  public String waits() {
    StringJoiner joined = new StringJoiner(", ");
    waits.forEach((kind, count) -> joined.add(kind.name().toLowerCase(Locale.ROOT) + " " + count));
    return joined.toString();
  }

  public Duration waited() {
    return Duration.ofNanos(waitedNanos);
  }
}
