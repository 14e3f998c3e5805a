package io.arrowraft.raft.core;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;

/** A node with its disk and its state machine, each of which advances only when told. */
final class TestPeer {
  private final RaftOptions options;
  private final long seed;
  private final MemoryStorage storage;
  private final Consumer<Message> network;
  private final ArrayDeque<Ready> writes = new ArrayDeque<>();
  private final ArrayDeque<Entry> toApply = new ArrayDeque<>();
  private final List<Entry> appliedEntries = new ArrayList<>();
  private final List<ReadState> readStates = new ArrayList<>();
  private RaftNode node;
  private long applied;
  private int starts;

  TestPeer(RaftOptions options, Membership membership, long seed, Consumer<Message> network) {
    this.options = options;
    this.seed = seed;
    this.network = network;
    storage = new MemoryStorage(membership);
    applied = storage.firstIndex() - 1;
    start(false);
  }

  private void start(boolean again) {
    RaftOptions now =
        options
            .withApplied(applied)
            .withVotePauseAfterStart(again && options.votePauseAfterStart());
    node = new RaftNode(now, storage, new Random(seed * 31 + starts));
    starts++;
  }

  long id() {
    return options.peerId();
  }

  RaftNode node() {
    return node;
  }

  MemoryStorage storage() {
    return storage;
  }

  long applied() {
    return applied;
  }

  List<Entry> appliedEntries() {
    return appliedEntries;
  }

  List<ReadState> takeReadStates() {
    List<ReadState> taken = List.copyOf(readStates);
    readStates.clear();
    return taken;
  }

  /** Takes one Ready: sends what may leave at once and queues the rest. */
  Ready process() {
    Ready ready = node.ready();
    if (ready.persist().isPresent() || ready.hardState().isPresent()) {
      writes.addLast(ready);
    }
    ready.messages().forEach(network);
    toApply.addAll(ready.committedEntries());
    readStates.addAll(ready.readStates());
    return ready;
  }

  boolean hasWrites() {
    return !writes.isEmpty();
  }

  boolean hasToApply() {
    return !toApply.isEmpty();
  }

  /** Completes the oldest write. */
  void persist() {
    Ready ready = writes.removeFirst();
    ready
        .snapshot()
        .ifPresent(
            snapshot -> {
              applyAll();
              applied = snapshot.index();
            });
    storage.write(ready);
    ready.messagesAfterPersist().forEach(network);
    ready.persist().ifPresent(node::onPersisted);
  }

  void applyOne() {
    Entry entry = toApply.removeFirst();
    appliedEntries.add(entry);
    applied = entry.index();
    if (entry.type() == EntryType.MEMBERSHIP) {
      storage.setMembership(node.applyMembershipChange(MembershipChange.decode(entry.data())));
    }
    node.onApplied(entry.index());
  }

  void applyAll() {
    while (!toApply.isEmpty()) {
      applyOne();
    }
  }

  /** Loses everything that was not written. */
  void restart() {
    writes.clear();
    toApply.clear();
    readStates.clear();
    start(true);
  }
}
