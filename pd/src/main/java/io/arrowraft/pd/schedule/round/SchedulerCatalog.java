package io.arrowraft.pd.schedule.round;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.arrowraft.pd.schedule.Scheduler;
import io.arrowraft.pd.settings.Settings;
import io.arrowraft.pd.state.PdCommand;
import io.arrowraft.runtime.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The schedulers that run: those that always do unless someone objects, and those asked for. */
public final class SchedulerCatalog {
  private static final String ENABLED = "enabled";
  private static final String SETTINGS = "config";
  private static final long IDLE_MIN = Duration.ofMillis(10).toNanos();

  /** The longest rest after nothing was found. */
  private static final long IDLE_MAX = Duration.ofSeconds(1).toNanos();

  /** A scheduler that runs. */
  public static final class Entry {
    private final Scheduler scheduler;
    private final JsonNode settings;
    private long pausedUntilNanos;
    private boolean paused;
    private long nextAtNanos;
    private long idleNanos = IDLE_MIN;

    Entry(Scheduler scheduler, JsonNode settings, long nowNanos) {
      this.scheduler = scheduler;
      this.settings = settings;
      this.nextAtNanos = nowNanos;
    }

    public String name() {
      return scheduler.name();
    }

    public JsonNode settings() {
      return settings;
    }

    Scheduler scheduler() {
      return scheduler;
    }

    boolean isDue(long now) {
      return !isPaused(now) && nextAtNanos - now <= 0;
    }

    boolean isPaused(long now) {
      return paused && pausedUntilNanos - now > 0;
    }

    void pause(long until) {
      paused = true;
      pausedUntilNanos = until;
    }

    void ran(boolean found, long now) {
      idleNanos = found ? IDLE_MIN : Math.min(IDLE_MAX, idleNanos * 2);
      nextAtNanos = now + idleNanos;
    }
  }

  private final Settings settings;
  private final TimeSource time;
  private final TreeMap<String, Entry> entries = new TreeMap<>();
  private long revision = -1;

  SchedulerCatalog(Settings settings, TimeSource time) {
    this.settings = settings;
    this.time = time;
  }

  /** The schedulers that run, by name. */
  public Collection<Entry> entries() {
    refresh();
    return Collections.unmodifiableCollection(entries.values());
  }

  public Optional<Entry> entry(String name) {
    refresh();
    return Optional.ofNullable(entries.get(name));
  }

  public boolean isPaused(Entry entry) {
    return entry.isPaused(time.nanos());
  }

  /**
   * Lets a scheduler rest; no time at all ends a rest.
   *
   * @throws IllegalArgumentException if no such scheduler runs
   */
  public void pause(String name, Duration span) {
    List<Entry> meant =
        name.equals("all")
            ? List.copyOf(entries())
            : List.of(
                entry(name)
                    .orElseThrow(
                        () ->
                            new IllegalArgumentException(
                                "no scheduler '%s' runs; there are %s".formatted(name, names()))));
    meant.forEach(each -> each.pause(time.nanos() + span.toNanos()));
  }

  /** Names of the schedulers that run. */
  public List<String> names() {
    return entries().stream().map(Entry::name).toList();
  }

  /**
   * Adds a scheduler, or changes the settings of one.
   *
   * @throws IllegalArgumentException if there is no such scheduler, or the settings are wrong
   */
  public PdCommand.ChangeSettings add(String name, JsonNode config) {
    SchedulerKinds.create(name, config);
    ObjectNode stored = JsonNodeFactory.instance.objectNode().put(ENABLED, true);
    stored.set(SETTINGS, config);
    return settings.changeScheduler(name, stored);
  }

  /**
   * Removes a scheduler.
   *
   * @throws IllegalArgumentException if no such scheduler runs
   */
  public PdCommand.ChangeSettings remove(String name) {
    if (entry(name).isEmpty()) {
      throw new IllegalArgumentException(
          "no scheduler '%s' runs; there are %s".formatted(name, names()));
    }
    return settings.changeScheduler(
        name, JsonNodeFactory.instance.objectNode().put(ENABLED, false));
  }

  private void refresh() {
    if (revision == settings.revision()) {
      return;
    }
    revision = settings.revision();
    Map<String, JsonNode> wanted = new TreeMap<>();
    SchedulerKinds.ALWAYS.forEach(name -> wanted.put(name, JsonNodeFactory.instance.objectNode()));
    settings
        .schedulers()
        .forEach(
            (name, stored) -> {
              if (stored.path(ENABLED).asBoolean() && SchedulerKinds.isKnown(name)) {
                wanted.put(name, stored.path(SETTINGS));
              } else {
                wanted.remove(name);
              }
            });
    for (String name : new ArrayList<>(entries.keySet())) {
      if (!wanted.containsKey(name)) {
        entries.remove(name);
      }
    }
    wanted.forEach(
        (name, config) -> {
          Entry known = entries.get(name);
          if (known == null || !known.settings().equals(config)) {
            entries.put(name, new Entry(SchedulerKinds.create(name, config), config, time.nanos()));
          }
        });
  }
}
