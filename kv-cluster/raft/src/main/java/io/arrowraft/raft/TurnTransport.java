package io.arrowraft.raft;

import io.arrowraft.runtime.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * Gathers what groups send in one turn of a thread, and hands it on together from that thread: one
 * batch for each store, and no other thread to wake. Messages may only be sent from that thread.
 */
public final class TurnTransport implements PeerTransport {
  private final PeerTransport transport;
  private final Consumer<Runnable> endOfTurn;
  private List<RaftEnvelope> gathered = new ArrayList<>();

  private TurnTransport(PeerTransport transport, Consumer<Runnable> endOfTurn) {
    this.transport = Objects.requireNonNull(transport, "transport");
    this.endOfTurn = endOfTurn;
  }

  /** For the groups of one loop: a turn ends when the loop has worked off what is queued. */
  public static TurnTransport of(EventLoop loop, PeerTransport transport) {
    return new TurnTransport(transport, loop::execute);
  }

  /** For what is sent when a write is durable: a turn is a batch of the log. */
  public static PeerTransport of(LogStore logs, PeerTransport transport) {
    TurnTransport turn = new TurnTransport(transport, flush -> {});
    return logs.afterEachBatch(turn::flush) ? turn : transport;
  }

  @Override
  public void send(RaftEnvelope envelope) {
    if (gathered.isEmpty()) {
      endOfTurn.accept(this::flush);
    }
    gathered.add(envelope);
  }

  private void flush() {
    if (!gathered.isEmpty()) {
      List<RaftEnvelope> all = gathered;
      gathered = new ArrayList<>();
      transport.sendAll(all);
    }
  }

  @Override
  public void sendSnapshot(
      RaftEnvelope envelope, SnapshotSource source, Consumer<Boolean> delivered) {
    transport.sendSnapshot(envelope, source, delivered);
  }
}
