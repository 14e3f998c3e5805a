package io.arrowraft.raft;

import io.arrowraft.runtime.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * Gathers what the groups of one loop send while the loop works off what is queued, and hands it on
 * together from the loop itself: one batch for each store, and no other thread to wake. Messages
 * may only be sent from the loop.
 */
public final class TurnTransport implements PeerTransport {
  private final EventLoop loop;
  private final PeerTransport transport;
  private List<RaftEnvelope> gathered = new ArrayList<>();

  public TurnTransport(EventLoop loop, PeerTransport transport) {
    this.loop = Objects.requireNonNull(loop, "loop");
    this.transport = Objects.requireNonNull(transport, "transport");
  }

  @Override
  public void send(RaftEnvelope envelope) {
    if (gathered.isEmpty()) {
      loop.execute(this::flush);
    }
    gathered.add(envelope);
  }

  private void flush() {
    List<RaftEnvelope> all = gathered;
    gathered = new ArrayList<>();
    transport.sendAll(all);
  }

  @Override
  public void sendSnapshot(
      RaftEnvelope envelope, SnapshotSource source, Consumer<Boolean> delivered) {
    transport.sendSnapshot(envelope, source, delivered);
  }
}
