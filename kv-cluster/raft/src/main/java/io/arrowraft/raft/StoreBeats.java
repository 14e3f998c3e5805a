package io.arrowraft.raft;

import io.arrowraft.raft.core.Message;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.runtime.EventLoop;
import io.arrowraft.runtime.TimeSource;
import io.arrowraft.runtime.Timer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongConsumer;

/**
 * Watches over the stores of sleeping groups: one small message to each such store and interval
 * stands for the heartbeats of all of them. A store that falls silent, or that has been started
 * anew, is suspected, and its groups wake and look after themselves.
 *
 * <p>A beat travels as a heartbeat of group 0, between the stores; its term is the start of the
 * sender. {@link #watch}, {@link #unwatch} and {@link #receive} may be called from any thread, the
 * rest belongs to the loop.
 */
public final class StoreBeats {
  /** No group has this id. */
  public static final long GROUP_ID = 0;

  private final long storeId;
  private final long incarnation;
  private final Duration interval;
  private final long patienceNanos;
  private final EventLoop loop;
  private final TimeSource time;
  private final PeerTransport transport;
  private final LongConsumer suspect;
  private final TreeMap<Long, Watched> watched = new TreeMap<>();
  private final TreeMap<Long, Long> incarnations = new TreeMap<>();
  private Timer timer;
  private long sequence;
  private boolean closed;

  private static final class Watched {
    private int groups;
    private long heardNanos;
  }

  /**
   * Who beats, and how often.
   *
   * @param incarnation another one after each start of the store
   * @param patience silence after which a store is suspected
   */
  public record Beat(long storeId, long incarnation, Duration interval, Duration patience) {
    /** As often as a group's heartbeats, and as patient as its followers. */
    public static Beat of(long storeId, long incarnation, RaftGroupConfig config) {
      return new Beat(
          storeId,
          incarnation,
          config.tickInterval().multipliedBy(config.raft().heartbeatTicks()),
          config.tickInterval().multipliedBy(config.raft().electionTicks()));
    }
  }

  /**
   * @param loop as quick or slow as those of the groups: beats promise that they work
   * @param suspect told, on the loop, of stores whose groups had better wake
   */
  public StoreBeats(
      Beat beat, EventLoop loop, TimeSource time, PeerTransport transport, LongConsumer suspect) {
    this.storeId = beat.storeId();
    this.incarnation = beat.incarnation();
    this.interval = beat.interval();
    this.patienceNanos = beat.patience().toNanos();
    this.loop = loop;
    this.time = time;
    this.transport = transport;
    this.suspect = suspect;
  }

  public void start() {
    loop.execute(this::schedule);
  }

  public void close() {
    loop.execute(
        () -> {
          closed = true;
          if (timer != null) {
            timer.cancel();
          }
        });
  }

  private void schedule() {
    if (!closed) {
      timer = loop.schedule(interval, this::beat);
    }
  }

  /** A group with a peer on each of the stores has fallen asleep. */
  public void watch(List<Long> stores) {
    loop.execute(
        () -> {
          for (long store : stores) {
            Watched each = watched.get(store);
            if (each == null) {
              each = new Watched();
              each.heardNanos = time.nanos();
              watched.put(store, each);
            }
            each.groups++;
          }
        });
  }

  /** That group is awake. */
  public void unwatch(List<Long> stores) {
    loop.execute(
        () -> {
          for (long store : stores) {
            Watched each = watched.get(store);
            if (each != null && --each.groups == 0) {
              watched.remove(store);
            }
          }
        });
  }

  /** Takes a beat of another store. */
  public void receive(RaftEnvelope envelope) {
    loop.execute(() -> heard(envelope.fromStore(), envelope.message().term()));
  }

  private void heard(long store, long start) {
    Long before = incarnations.put(store, start);
    Watched each = watched.get(store);
    if (each != null) {
      each.heardNanos = time.nanos();
      if (before != null && before != start) {
        // Its replicas know nothing of the rest that the others keep.
        suspect.accept(store);
      }
    }
  }

  private void beat() {
    if (closed) {
      return;
    }
    sequence++;
    long now = time.nanos();
    List<Long> silent = new ArrayList<>();
    for (Map.Entry<Long, Watched> each : watched.entrySet()) {
      long store = each.getKey();
      transport.send(
          new RaftEnvelope(
              GROUP_ID,
              storeId,
              store,
              new Message.HeartbeatRequest(storeId, store, incarnation, 0, sequence),
              Bytes.EMPTY));
      if (now - each.getValue().heardNanos > patienceNanos) {
        each.getValue().heardNanos = now;
        silent.add(store);
      }
    }
    silent.forEach(suspect::accept);
    schedule();
  }
}
