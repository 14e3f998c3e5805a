package io.arrowraft.pd.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import io.arrowraft.pd.region.RegionInfo;
import io.arrowraft.pd.service.LeaderState;
import io.arrowraft.pd.state.NotLeaderException;
import io.arrowraft.runtime.EventLoop;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Spreads regions that are named or lie in a range. Those that cannot be moved at the moment are
 * tried again after a while, a limited number of times; the answer says how many remain. On the
 * placement driver's loop, a few regions at a time.
 */
final class ScatterRequest {
  private static final int REGIONS_MAX = 10_000;
  private static final int AT_ONCE = 64;
  private static final int RETRIES = 5;
  private static final int RETRIES_MAX = 8;
  private static final Duration PAUSE = Duration.ofMillis(100);
  private static final Duration PAUSE_MAX = Duration.ofSeconds(3);

  private final LeaderState leader;
  private final EventLoop loop;
  private final String group;
  private final int retriesMax;
  private final int asked;
  private final ArrayDeque<Long> open;
  private final List<Long> failed = new ArrayList<>();
  private final CompletableFuture<JsonNode> answer = new CompletableFuture<>();
  private String reason = "";
  private int retries;

  /**
   * @throws IllegalArgumentException if the request makes no sense, in words for whoever asked
   */
  ScatterRequest(LeaderState leader, EventLoop loop, Body body) {
    this.leader = leader;
    this.loop = loop;
    this.group = body.text("group", "");
    this.retriesMax = (int) body.number("retry_limit", RETRIES);
    if (retriesMax < 0 || retriesMax > RETRIES_MAX) {
      throw new IllegalArgumentException(
          "retry_limit must be between 0 and " + RETRIES_MAX + ", is " + retriesMax);
    }
    this.open = new ArrayDeque<>(meant(leader, body));
    this.asked = open.size();
    if (asked == 0 || asked > REGIONS_MAX) {
      throw new IllegalArgumentException(
          "between 1 and %d regions can be scattered at once, not %d; an example is %s"
              .formatted(REGIONS_MAX, asked, body.example()));
    }
  }

  private static List<Long> meant(LeaderState leader, Body body) {
    if (!body.has("start_key") && !body.has("end_key")) {
      return body.ids("region_ids");
    }
    ByteString start = RequestKeys.hex(body.text("start_key", ""));
    ByteString end = RequestKeys.hex(body.text("end_key", ""));
    return leader.regions().scan(start, end, REGIONS_MAX + 1).stream().map(RegionInfo::id).toList();
  }

  /** Begins, and answers when all regions have been seen to or given up. */
  CompletableFuture<JsonNode> begin() {
    run();
    return answer;
  }

  private void run() {
    if (!leader.serving()) {
      answer.completeExceptionally(
          new NotLeaderException("leadership was lost while regions were scattered"));
      return;
    }
    for (int i = 0; i < AT_ONCE && !open.isEmpty(); i++) {
      long id = open.pollFirst();
      Optional<String> obstacle = scatter(id);
      if (obstacle.isPresent()) {
        failed.add(id);
        reason = obstacle.get();
      }
    }
    if (!open.isEmpty()) {
      loop.execute(this::run);
    } else if (failed.isEmpty() || retries >= retriesMax) {
      answer.complete(
          Json.object()
              .put("processed-percentage", 100L * (asked - failed.size()) / asked)
              .put("error", failed.isEmpty() ? "" : reason));
    } else {
      open.addAll(failed);
      failed.clear();
      Duration pause = PAUSE.multipliedBy(1L << retries++);
      loop.schedule(pause.compareTo(PAUSE_MAX) < 0 ? pause : PAUSE_MAX, this::run);
    }
  }

  private Optional<String> scatter(long id) {
    Optional<RegionInfo> region = leader.regions().find(id);
    if (region.isEmpty()) {
      return Optional.of("there is no region " + id);
    }
    return leader.scatter(region.get(), group)
        ? Optional.empty()
        : Optional.of(OperatorRequests.busy(leader, id));
  }
}
