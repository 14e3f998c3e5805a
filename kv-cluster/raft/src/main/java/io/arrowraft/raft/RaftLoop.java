package io.arrowraft.raft;

import io.arrowraft.runtime.EventLoop;
import io.arrowraft.runtime.Invariant;
import io.arrowraft.runtime.Mailbox;
import io.arrowraft.runtime.Timer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;

/** The groups of one event loop. */
final class RaftLoop {
  private final EventLoop loop;
  private final Duration tickInterval;
  private final MultiRaft.Strangers strangers;
  private final Mailbox<Runnable> mailbox;
  private final long mailboxBytesMax;
  private final AtomicLong messageBytes = new AtomicLong();
  private final TreeMap<Long, GroupMember> members = new TreeMap<>();

  /** Those that want ticks. */
  private final TreeMap<Long, GroupMember> awake = new TreeMap<>();

  private Timer timer;
  private volatile boolean closed;

  RaftLoop(MultiRaft.Config config, EventLoop loop, MultiRaft.Strangers strangers) {
    this.loop = loop;
    this.strangers = strangers;
    tickInterval = config.tickInterval();
    mailboxBytesMax = config.mailboxBytesMax();
    mailbox = new Mailbox<>(loop, config.mailboxMax(), config.batchMax(), this::runAll);
  }

  EventLoop eventLoop() {
    return loop;
  }

  void start() {
    loop.execute(this::scheduleTick);
  }

  void close() {
    closed = true;
    loop.execute(
        () -> {
          if (timer != null) {
            timer.cancel();
          }
        });
  }

  boolean offer(Runnable task) {
    return !closed && mailbox.offer(task);
  }

  /** Queues a message, unless too many bytes of them wait. */
  boolean offer(RaftEnvelope envelope) {
    long bytes = envelope.byteSize();
    long together = messageBytes.addAndGet(bytes);
    boolean taken =
        (together <= mailboxBytesMax || together == bytes)
            && offer(
                () -> {
                  messageBytes.addAndGet(-bytes);
                  receive(envelope);
                });
    if (!taken) {
      messageBytes.addAndGet(-bytes);
    }
    return taken;
  }

  private void runAll(List<Runnable> tasks) {
    if (!closed) {
      tasks.forEach(Runnable::run);
    }
  }

  private void scheduleTick() {
    if (!closed) {
      timer = loop.schedule(tickInterval, this::tickAll);
    }
  }

  private void tickAll() {
    // Scheduled anew from here, never caught up: ticks that come closer than the interval would
    // shorten the promises on
    // which leases rest.
    for (GroupMember member : new ArrayList<>(awake.values())) {
      member.tick();
    }
    scheduleTick();
  }

  void receive(RaftEnvelope envelope) {
    GroupMember member = members.get(envelope.groupId());
    if (member != null) {
      member.receive(envelope);
    } else {
      strangers.receive(envelope);
    }
  }

  void add(long groupId, GroupMember member) {
    loop.requireInLoop();
    GroupMember other = members.putIfAbsent(groupId, member);
    Invariant.check(other == null, "the group is here already", "group", groupId);
    awake.put(groupId, member);
  }

  void setResting(long groupId, boolean resting) {
    loop.requireInLoop();
    GroupMember member = members.get(groupId);
    if (resting) {
      awake.remove(groupId);
    } else if (member != null) {
      awake.put(groupId, member);
    }
  }

  void suspect(long store) {
    for (Map.Entry<Long, GroupMember> each : new ArrayList<>(members.entrySet())) {
      if (!awake.containsKey(each.getKey())) {
        each.getValue().suspect(store);
      }
    }
  }

  void remove(long groupId) {
    loop.requireInLoop();
    members.remove(groupId);
    awake.remove(groupId);
  }

  Optional<GroupMember> find(long groupId) {
    loop.requireInLoop();
    return Optional.ofNullable(members.get(groupId));
  }
}
