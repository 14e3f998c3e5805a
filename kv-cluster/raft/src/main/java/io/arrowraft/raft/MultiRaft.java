package io.arrowraft.raft;

import io.arrowraft.runtime.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Spreads groups over event loops: one tick timer and one bounded mailbox for each loop, whatever
 * the number of groups. A group stays on the loop that its id selects.
 */
public final class MultiRaft {
  /**
   * Takes messages for a group that is not here: drops them, or makes a replica and adds it. Runs
   * on the group's loop.
   */
  @FunctionalInterface
  public interface Strangers {
    void receive(RaftEnvelope envelope);
  }

  /**
   * @param mailboxMax tasks and messages that may wait in front of one loop
   * @param batchMax how many of them run before other work of the loop gets its turn
   * @param mailboxBytesMax what messages in front of one loop may hold together; further ones are
   *     dropped, and sent again by their senders
   */
  public record Config(Duration tickInterval, int mailboxMax, int batchMax, long mailboxBytesMax) {
    private static final long MAILBOX_BYTES_MAX = 128L << 20;

    public Config {
      if (tickInterval.isZero()
          || tickInterval.isNegative()
          || mailboxMax < 1
          || batchMax < 1
          || mailboxBytesMax < 1) {
        throw new IllegalArgumentException(
            "bad limits: "
                + tickInterval
                + ", "
                + mailboxMax
                + ", "
                + batchMax
                + ", "
                + mailboxBytesMax);
      }
    }

    public Config(Duration tickInterval, int mailboxMax, int batchMax) {
      this(tickInterval, mailboxMax, batchMax, MAILBOX_BYTES_MAX);
    }

    public static Config defaults(Duration tickInterval) {
      return new Config(tickInterval, 65_536, 256);
    }
  }

  private final List<RaftLoop> loops;

  public MultiRaft(Config config, List<EventLoop> loops, Strangers strangers) {
    if (loops.isEmpty()) {
      throw new IllegalArgumentException("no event loop");
    }
    List<RaftLoop> made = new ArrayList<>();
    for (EventLoop loop : loops) {
      made.add(new RaftLoop(config, loop, strangers));
    }
    this.loops = List.copyOf(made);
  }

  /** Begins to tick. */
  public void start() {
    loops.forEach(RaftLoop::start);
  }

  /** Stops ticking and takes nothing more. The groups are closed by their owners. */
  public void close() {
    loops.forEach(RaftLoop::close);
  }

  /** The loop of a group. */
  public EventLoop loopOf(long groupId) {
    return of(groupId).eventLoop();
  }

  /**
   * Runs a task on the group's loop; from any thread. {@code false} if too many wait: the caller
   * backs off.
   */
  public boolean post(long groupId, Runnable task) {
    return of(groupId).offer(task);
  }

  /** Delivers a message; from any thread. It is dropped if too many wait. */
  public boolean receive(RaftEnvelope envelope) {
    return of(envelope.groupId()).offer(envelope);
  }

  /** Tells a group that its messages to a peer are being lost; from any thread. */
  public void unreachable(long groupId, long peer) {
    RaftLoop loop = of(groupId);
    // If this finds no room the group learns of it from the next loss.
    loop.offer(() -> loop.find(groupId).ifPresent(member -> member.reportUnreachable(peer)));
  }

  /** Tells the sleeping groups that a store does not answer or was started anew; any thread. */
  public void suspect(long store) {
    loops.forEach(loop -> loop.eventLoop().execute(() -> loop.suspect(store)));
  }

  /** A group has fallen asleep and needs no ticks, or is awake; on its loop. */
  public void setResting(long groupId, boolean resting) {
    of(groupId).setResting(groupId, resting);
  }

  /** Adds a group; on its loop. */
  public void add(long groupId, GroupMember member) {
    of(groupId).add(groupId, member);
  }

  /** Removes a group; on its loop. */
  public void remove(long groupId) {
    of(groupId).remove(groupId);
  }

  /** The group, if it is here; on its loop. */
  public Optional<GroupMember> find(long groupId) {
    return of(groupId).find(groupId);
  }

  /**
   * Which of {@code places} a group belongs to. Ids are given out in strides (a region, then its
   * peers), so their remainders alone would leave most places empty.
   */
  public static int placeOf(long groupId, int places) {
    return (int) Long.remainderUnsigned((groupId * 0x9E3779B97F4A7C15L) >>> 32, places);
  }

  private RaftLoop of(long groupId) {
    return loops.get(placeOf(groupId, loops.size()));
  }
}
