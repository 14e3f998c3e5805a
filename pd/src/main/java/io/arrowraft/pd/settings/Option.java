package io.arrowraft.pd.settings;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** One setting of scheduling, replication or garbage collection, by the name that PD gave it. */
public enum Option {
  LEADER_SCHEDULE_LIMIT("schedule", "leader-schedule-limit", Kind.COUNT, 8L),
  REGION_SCHEDULE_LIMIT("schedule", "region-schedule-limit", Kind.COUNT, 2048L),
  REPLICA_SCHEDULE_LIMIT("schedule", "replica-schedule-limit", Kind.COUNT, 64L),
  MERGE_SCHEDULE_LIMIT("schedule", "merge-schedule-limit", Kind.COUNT, 8L),
  HOT_REGION_SCHEDULE_LIMIT("schedule", "hot-region-schedule-limit", Kind.COUNT, 4L),
  HOT_REGION_CACHE_HITS_THRESHOLD("schedule", "hot-region-cache-hits-threshold", Kind.COUNT, 3L),
  SCHEDULER_MAX_WAITING_OPERATOR("schedule", "scheduler-max-waiting-operator", Kind.COUNT, 5L),
  MAX_SNAPSHOT_COUNT("schedule", "max-snapshot-count", Kind.COUNT, 64L),
  MAX_PENDING_PEER_COUNT("schedule", "max-pending-peer-count", Kind.COUNT, 64L),
  MAX_MERGE_REGION_SIZE("schedule", "max-merge-region-size", Kind.COUNT, 20L),
  MAX_MERGE_REGION_KEYS("schedule", "max-merge-region-keys", Kind.COUNT, 200_000L),
  SPLIT_MERGE_INTERVAL("schedule", "split-merge-interval", Kind.SPAN, Duration.ofHours(1)),
  ENABLE_ONE_WAY_MERGE("schedule", "enable-one-way-merge", Kind.FLAG, false),
  ENABLE_CROSS_TABLE_MERGE("schedule", "enable-cross-table-merge", Kind.FLAG, true),
  PATROL_REGION_INTERVAL("schedule", "patrol-region-interval", Kind.SPAN, Duration.ofMillis(200)),
  PATROL_REGION_BATCH("schedule", "patrol-region-batch", Kind.COUNT, 512L),
  MAX_STORE_DOWN_TIME("schedule", "max-store-down-time", Kind.SPAN, Duration.ofMinutes(30)),
  STORE_DISCONNECT_TIME("schedule", "store-disconnect-time", Kind.SPAN, Duration.ofSeconds(20)),
  LOW_SPACE_RATIO("schedule", "low-space-ratio", Kind.RATIO, 0.8),
  HIGH_SPACE_RATIO("schedule", "high-space-ratio", Kind.RATIO, 0.7),
  TOLERANT_SIZE_RATIO("schedule", "tolerant-size-ratio", Kind.RATIO, 0.0),
  STORE_LIMIT("schedule", "store-limit", Kind.RATIO, 15.0),
  ENABLE_JOINT_CONSENSUS("schedule", "enable-joint-consensus", Kind.FLAG, true),
  ENABLE_REMOVE_DOWN_REPLICA("schedule", "enable-remove-down-replica", Kind.FLAG, true),
  ENABLE_REPLACE_OFFLINE_REPLICA("schedule", "enable-replace-offline-replica", Kind.FLAG, true),
  ENABLE_MAKE_UP_REPLICA("schedule", "enable-make-up-replica", Kind.FLAG, true),
  ENABLE_REMOVE_EXTRA_REPLICA("schedule", "enable-remove-extra-replica", Kind.FLAG, true),
  ENABLE_LOCATION_REPLACEMENT("schedule", "enable-location-replacement", Kind.FLAG, true),
  HALT_SCHEDULING("schedule", "halt-scheduling", Kind.FLAG, false),
  SLOW_STORE_EVICTING_SCORE("schedule", "slow-store-evicting-score", Kind.COUNT, 80L),
  MAX_REPLICAS("replication", "max-replicas", Kind.COUNT, 3L),
  LOCATION_LABELS("replication", "location-labels", Kind.LIST, List.of()),
  ISOLATION_LEVEL("replication", "isolation-level", Kind.TEXT, ""),
  STRICTLY_MATCH_LABEL("replication", "strictly-match-label", Kind.FLAG, false),
  ENABLE_PLACEMENT_RULES("replication", "enable-placement-rules", Kind.FLAG, true),
  REJECT_LEADER("label-property", "reject-leader", Kind.LIST, List.of()),
  GC_ENABLE("gc", "gc-enable", Kind.FLAG, true),
  GC_LIFE_TIME("gc", "gc-life-time", Kind.SPAN, Duration.ofMinutes(10)),
  GC_RUN_INTERVAL("gc", "gc-run-interval", Kind.SPAN, Duration.ofMinutes(10)),
  GC_MAX_WAIT_TIME("gc", "gc-max-wait-time", Kind.SPAN, Duration.ofHours(24));

  /** What a value is. */
  public enum Kind {
    COUNT("a whole number of 0 or more, such as 8"),
    RATIO("a number of 0 or more, such as 0.8"),
    SPAN("a time span, such as 30m, 10s or 1h30m"),
    FLAG("true or false"),
    TEXT("a text"),
    LIST("texts with commas between them, such as zone,host");

    private final String form;

    Kind(String form) {
      this.form = form;
    }
  }

  private final String section;
  private final String key;
  private final Kind kind;
  private final Object usual;

  Option(String section, String key, Kind kind, Object usual) {
    this.section = section;
    this.key = key;
    this.kind = kind;
    this.usual = usual;
  }

  /** The option with a name, which may say the section too, as in {@code schedule.store-limit}. */
  public static Optional<Option> named(String name) {
    String bare = name.substring(name.lastIndexOf('.') + 1);
    return Arrays.stream(values())
        .filter(option -> option.key.equals(bare))
        .filter(option -> bare.equals(name) || name.equals(option.section + "." + bare))
        .findFirst();
  }

  /** The group in which it is shown. */
  public String section() {
    return section;
  }

  /** Its name. */
  public String key() {
    return key;
  }

  public Kind kind() {
    return kind;
  }

  Object usual() {
    return usual;
  }

  /**
   * The value that a text stands for.
   *
   * @throws IllegalArgumentException if it stands for none, in words for whoever gave it
   */
  Object parse(String text) {
    try {
      Object value =
          switch (kind) {
            case COUNT -> atLeastZero(Long.parseLong(text));
            case RATIO -> atLeastZero(Double.parseDouble(text));
            case SPAN -> span(text);
            case FLAG -> flag(text);
            case TEXT -> text.strip();
            case LIST -> list(text);
          };
      check(value);
      return value;
    } catch (NumberFormatException broken) {
      throw refused(text, broken);
    }
  }

  private void check(Object value) {
    boolean zeroIsNonsense =
        this == MAX_REPLICAS
            || this == STORE_LIMIT
            || this == PATROL_REGION_BATCH
            || this == HOT_REGION_CACHE_HITS_THRESHOLD;
    if (zeroIsNonsense && ((Number) value).doubleValue() == 0) {
      throw new IllegalArgumentException(key + " must be more than 0");
    }
    if (this == PATROL_REGION_INTERVAL && ((Duration) value).toMillis() < 10) {
      throw new IllegalArgumentException(key + " must be at least 10ms, is " + text(value));
    }
    if ((this == GC_LIFE_TIME || this == GC_RUN_INTERVAL) && ((Duration) value).toMillis() < 1000) {
      throw new IllegalArgumentException(key + " must be at least 1s, is " + text(value));
    }
    if ((this == LOW_SPACE_RATIO || this == HIGH_SPACE_RATIO) && (Double) value > 1) {
      throw new IllegalArgumentException(key + " is a part of the disk and at most 1, is " + value);
    }
  }

  /** How a value is written; {@link #parse} reads it back. */
  public static String text(Object value) {
    if (value instanceof Duration span) {
      return spanText(span);
    }
    return value instanceof List<?> list
        ? String.join(",", list.stream().map(String::valueOf).toList())
        : String.valueOf(value);
  }

  private <N extends Number> N atLeastZero(N number) {
    if (!(number.doubleValue() >= 0) || Double.isInfinite(number.doubleValue())) {
      throw refused(number.toString(), null);
    }
    return number;
  }

  private Boolean flag(String text) {
    return switch (text.strip().toLowerCase(Locale.ROOT)) {
      case "true" -> true;
      case "false" -> false;
      default -> throw refused(text, null);
    };
  }

  private static List<String> list(String text) {
    List<String> parts = new ArrayList<>();
    for (String part : text.split(",", -1)) {
      if (!part.isBlank()) {
        parts.add(part.strip());
      }
    }
    return List.copyOf(parts);
  }

  private Duration span(String text) {
    Duration sum = Duration.ZERO;
    String rest = text.strip().toLowerCase(Locale.ROOT);
    if (rest.isEmpty()) {
      throw refused(text, null);
    }
    while (!rest.isEmpty()) {
      int digits = 0;
      while (digits < rest.length() && Character.isDigit(rest.charAt(digits))) {
        digits++;
      }
      int unit = digits;
      while (unit < rest.length() && Character.isLetter(rest.charAt(unit))) {
        unit++;
      }
      if (digits == 0 || unit == digits) {
        throw refused(text, null);
      }
      sum = sum.plus(part(Long.parseLong(rest.substring(0, digits)), rest, digits, unit, text));
      rest = rest.substring(unit);
    }
    return sum;
  }

  private Duration part(long amount, String rest, int from, int to, String text) {
    return switch (rest.substring(from, to)) {
      case "ms" -> Duration.ofMillis(amount);
      case "s" -> Duration.ofSeconds(amount);
      case "m" -> Duration.ofMinutes(amount);
      case "h" -> Duration.ofHours(amount);
      default -> throw refused(text, null);
    };
  }

  private IllegalArgumentException refused(String text, Throwable cause) {
    return new IllegalArgumentException(
        key + " must be " + kind.form + ", not '" + text + "'", cause);
  }

  private static String spanText(Duration span) {
    if (span.toMillis() % 1000 != 0) {
      return span.toMillis() + "ms";
    }
    StringBuilder text = new StringBuilder();
    if (span.toHours() > 0) {
      text.append(span.toHours()).append('h');
    }
    if (span.toMinutes() > 0) {
      text.append(span.toMinutesPart()).append('m');
    }
    return text.append(span.toSecondsPart()).append('s').toString();
  }
}
