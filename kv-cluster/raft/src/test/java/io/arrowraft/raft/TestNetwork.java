package io.arrowraft.raft;

import io.arrowraft.raft.core.Message;
import io.arrowraft.runtime.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * Delivers at once and in order, except to and from stores that are cut off. Snapshots arrive with
 * their content.
 */
final class TestNetwork implements PeerTransport {
  private final TreeMap<Long, MultiRaft> stores = new TreeMap<>();
  private final TreeSet<Long> cut = new TreeSet<>();

  /** Contents that have arrived, by descriptor. */
  private final TreeMap<String, List<String>> arrived = new TreeMap<>();

  private final EventLoop wire;

  TestNetwork(EventLoop wire) {
    this.wire = wire;
  }

  void attach(long store, MultiRaft raft) {
    stores.put(store, raft);
  }

  void detach(long store) {
    stores.remove(store);
  }

  void cut(long store) {
    cut.add(store);
  }

  void heal(long store) {
    cut.remove(store);
  }

  List<String> arrivedContent(String descriptor) {
    return arrived.get(descriptor);
  }

  private boolean passes(RaftEnvelope envelope) {
    return stores.containsKey(envelope.toStore())
        && !cut.contains(envelope.fromStore())
        && !cut.contains(envelope.toStore());
  }

  @Override
  public void send(RaftEnvelope envelope) {
    wire.execute(
        () -> {
          if (passes(envelope)) {
            stores.get(envelope.toStore()).receive(envelope);
          }
        });
  }

  @Override
  public void sendSnapshot(
      RaftEnvelope envelope, SnapshotSource source, Consumer<Boolean> delivered) {
    List<String> content = new ArrayList<>();
    Optional<byte[]> piece = source.next().toCompletableFuture().join();
    while (piece.isPresent()) {
      content.add(new String(piece.get(), java.nio.charset.StandardCharsets.UTF_8));
      piece = source.next().toCompletableFuture().join();
    }
    source.close();
    Message.InstallSnapshot install = (Message.InstallSnapshot) envelope.message();
    wire.execute(
        () -> {
          boolean passes = passes(envelope);
          if (passes) {
            arrived.put(TestMachine.nameOf(install.snapshot()), content);
            stores.get(envelope.toStore()).receive(envelope);
          }
          delivered.accept(passes);
        });
  }
}
