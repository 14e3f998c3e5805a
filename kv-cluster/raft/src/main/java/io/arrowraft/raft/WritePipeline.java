package io.arrowraft.raft;

import io.arrowraft.raft.core.Entry;
import io.arrowraft.raft.core.Ready;
import io.arrowraft.raft.core.Snapshot;
import io.arrowraft.runtime.EventLoop;
import java.util.ArrayDeque;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * Gets Readys to the disk in order, and tells when each is there. A snapshot holds up what comes
 * after it.
 */
final class WritePipeline {
  private static final class InFlight {
    private final Ready ready;
    private final long sinceNanos;
    private boolean durable;

    InFlight(Ready ready, long sinceNanos, boolean durable) {
      this.ready = ready;
      this.sinceNanos = sinceNanos;
      this.durable = durable;
    }
  }

  private final EventLoop loop;
  private final LogStore store;
  private final GroupServices services;
  private final GroupLog log;
  private final BiConsumer<Snapshot, Runnable> installer;
  private final Consumer<Ready> done;
  private final ArrayDeque<Ready> waiting = new ArrayDeque<>();
  private final ArrayDeque<InFlight> inFlight = new ArrayDeque<>();
  private boolean installing;
  private boolean closed;

  /**
   * @param installer gets a snapshot into the state machine, and runs its second argument when it
   *     is there
   * @param done told of each Ready that named a write, in order, when that write is durable
   */
  WritePipeline(
      GroupServices services,
      GroupLog log,
      BiConsumer<Snapshot, Runnable> installer,
      Consumer<Ready> done) {
    this.services = services;
    this.loop = services.loop();
    this.store = services.logs();
    this.log = log;
    this.installer = installer;
    this.done = done;
  }

  int depth() {
    return waiting.size() + inFlight.size();
  }

  void submit(Ready ready) {
    if (ready.persist().isPresent() || ready.hardState().isPresent()) {
      waiting.addLast(ready);
      pump();
    }
  }

  void close() {
    closed = true;
    waiting.clear();
    inFlight.clear();
  }

  private void pump() {
    while (!installing && !waiting.isEmpty()) {
      Ready ready = waiting.removeFirst();
      if (ready.snapshot().isPresent()) {
        installing = true;
        installer.accept(ready.snapshot().get(), () -> loop.execute(() -> installed(ready)));
      } else {
        write(ready);
      }
    }
    complete();
  }

  private void installed(Ready ready) {
    if (closed) {
      return;
    }
    installing = false;
    write(ready);
    pump();
  }

  private void write(Ready ready) {
    if (!ready.mustSync()) {
      // Only the commit index moved, which may ride on the next write; or messages wait for earlier
      // writes.
      ready.hardState().ifPresent(log::noteHardState);
      if (ready.persist().isPresent()) {
        inFlight.addLast(new InFlight(ready, 0, true));
      }
      return;
    }
    InFlight flight = new InFlight(ready, services.time().nanos(), false);
    inFlight.addLast(flight);
    store.submit(log.write(ready, () -> loop.execute(() -> written(flight))));
  }

  private void written(InFlight flight) {
    flight.durable = true;
    services.meters().onAppended(services.time().nanos() - flight.sinceNanos);
    List<Entry> entries = flight.ready.entries();
    if (!entries.isEmpty()) {
      log.written(entries.get(entries.size() - 1).index());
    }
    if (!closed) {
      complete();
    }
  }

  private void complete() {
    while (!inFlight.isEmpty() && inFlight.peekFirst().durable) {
      done.accept(inFlight.removeFirst().ready);
    }
  }
}
