package io.arrowraft.raft;

import io.arrowraft.raft.core.Entry;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.LongConsumer;

/** Accepted proposals that wait for their entry, in the order of their terms. */
final class Proposals<P> {
  private record Waiting<P>(long index, long term, long sinceNanos, P proposal) {}

  private final ArrayDeque<Waiting<P>> waiting = new ArrayDeque<>();
  private final BiConsumer<P, DropReason> dropped;
  private final LongConsumer committedSince;

  /**
   * @param committedSince told of each proposal that meets its entry when it was made, in
   *     nanoseconds
   */
  Proposals(BiConsumer<P, DropReason> dropped, LongConsumer committedSince) {
    this.dropped = dropped;
    this.committedSince = committedSince;
  }

  int size() {
    return waiting.size();
  }

  void add(long index, long term, long nowNanos, P proposal) {
    waiting.addLast(new Waiting<>(index, term, nowNanos, proposal));
  }

  /**
   * The proposal of this committed entry. Terms never fall along a log, so what was proposed in an
   * earlier term and has not been met by now has been replaced.
   */
  Optional<P> match(Entry entry) {
    while (!waiting.isEmpty() && waiting.peekFirst().term() < entry.term()) {
      dropped.accept(waiting.removeFirst().proposal(), DropReason.SUPERSEDED);
    }
    Waiting<P> first = waiting.peekFirst();
    if (first != null && first.term() == entry.term() && first.index() == entry.index()) {
      committedSince.accept(first.sinceNanos());
      return Optional.of(waiting.removeFirst().proposal());
    }
    return Optional.empty();
  }

  void dropAll(DropReason reason) {
    while (!waiting.isEmpty()) {
      dropped.accept(waiting.removeFirst().proposal(), reason);
    }
  }
}
