package io.arrowraft.pd.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.arrowraft.pd.schedule.CheckerPauses;
import java.time.Duration;

/** Requests to pause a checker. */
final class CheckerRequests {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** No import lasts longer, and a forgotten pause should end. */
  private static final long SECONDS_MAX = Duration.ofDays(1).toSeconds();

  private CheckerRequests() {}

  static String checker(String name) {
    if (!CheckerPauses.NAMES.contains(name)) {
      throw new IllegalArgumentException(
          "there is no checker '" + name + "' to pause; there are " + CheckerPauses.NAMES);
    }
    return name;
  }

  /** What {@code {"delay":300}} asks for, in seconds. */
  static Duration delay(String body) {
    JsonNode delay;
    try {
      delay = JSON.readTree(body).path("delay");
    } catch (JsonProcessingException broken) {
      throw new IllegalArgumentException(
          "the body must be JSON such as {\"delay\":300}: " + broken.getOriginalMessage(), broken);
    }
    if (!delay.canConvertToLong() || delay.asLong() < 0 || delay.asLong() > SECONDS_MAX) {
      throw new IllegalArgumentException(
          "delay must be seconds from 0 to " + SECONDS_MAX + ", is " + delay);
    }
    return Duration.ofSeconds(delay.asLong());
  }
}
