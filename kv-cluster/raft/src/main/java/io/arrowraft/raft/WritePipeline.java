package io.arrowraft.raft;

import io.arrowraft.raft.core.Entry;
import io.arrowraft.raft.core.Message;
import io.arrowraft.raft.core.Ready;
import io.arrowraft.raft.core.Snapshot;
import io.arrowraft.runtime.EventLoop;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Gets Readys to the disk in order, and tells when each is there. A snapshot holds up what comes
 * after it.
 */
final class WritePipeline {
  private static final class InFlight {
    private final Ready ready;

    /** Whether its promises are sent when it is written; else they wait for earlier writes only. */
    private final boolean written;

    private boolean durable;

    InFlight(Ready ready, boolean written) {
      this.ready = ready;
      this.written = written;
      this.durable = !written;
    }
  }

  private final EventLoop loop;
  private final LogStore store;
  private final GroupServices services;
  private final GroupLog log;
  private final BiConsumer<Snapshot, Runnable> installer;
  private final Function<Message, Optional<RaftEnvelope>> addressed;
  private final Consumer<Ready> done;
  private final ArrayDeque<Ready> waiting = new ArrayDeque<>();
  private final ArrayDeque<InFlight> inFlight = new ArrayDeque<>();
  private final CompletableFuture<Void> settled = new CompletableFuture<>();
  private boolean installing;
  private boolean closed;

  /** Whether to tell the loop at once of what is written. Written on the loop. */
  private volatile boolean urgent = true;

  /**
   * @param installer gets a snapshot into the state machine, and runs its second argument when it
   *     is there
   * @param addressed where a message goes, if anywhere
   * @param done told of each Ready that named a write, in order, when that write is durable and
   *     what it promises is sent
   */
  WritePipeline(
      GroupServices services,
      GroupLog log,
      BiConsumer<Snapshot, Runnable> installer,
      Function<Message, Optional<RaftEnvelope>> addressed,
      Consumer<Ready> done) {
    this.services = services;
    this.loop = services.loop();
    this.store = services.logs();
    this.log = log;
    this.installer = installer;
    this.addressed = addressed;
    this.done = done;
  }

  int depth() {
    return waiting.size() + inFlight.size();
  }

  /**
   * Whether somebody on the loop waits for what is being written. If not, the loop may hear of it
   * when it has something else to do: promises to peers have left by then.
   */
  void hurry(boolean on) {
    urgent = on || waiting.size() > 0 || inFlight.stream().anyMatch(flight -> !flight.written);
  }

  void submit(Ready ready) {
    if (ready.persist().isPresent() || ready.hardState().isPresent()) {
      waiting.addLast(ready);
      pump();
    }
  }

  /** Gives up what waits; what is on its way to the disk goes on. */
  void close() {
    closed = true;
    urgent = true;
    waiting.clear();
    settle();
  }

  /** Completes on the loop, after {@link #close}, when nothing is on its way to the disk. */
  CompletableFuture<Void> settled() {
    return settled;
  }

  private void settle() {
    inFlight.removeIf(flight -> flight.durable);
    if (inFlight.isEmpty()) {
      settled.complete(null);
    }
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
        inFlight.addLast(new InFlight(ready, false));
      }
      return;
    }
    InFlight flight = new InFlight(ready, true);
    inFlight.addLast(flight);
    long sinceNanos = services.time().nanos();
    List<RaftEnvelope> promises = envelopes(ready.messagesAfterPersist());
    store.submit(
        log.write(
            ready,
            () -> {
              // Straight from here: a promise waits for the disk, and for nothing else.
              promises.forEach(services.promises()::send);
              services.meters().onAppended(services.time().nanos() - sinceNanos);
              loop.executeLazily(() -> written(flight));
              // Looked at afterwards: whoever is in a hurry later finds the task queued.
              if (urgent) {
                loop.execute(() -> {});
              }
            }));
  }

  private List<RaftEnvelope> envelopes(List<Message> messages) {
    List<RaftEnvelope> envelopes = new ArrayList<>(messages.size());
    for (Message message : messages) {
      addressed.apply(message).ifPresent(envelopes::add);
    }
    return envelopes;
  }

  private void written(InFlight flight) {
    flight.durable = true;
    List<Entry> entries = flight.ready.entries();
    if (!entries.isEmpty()) {
      log.written(entries.get(entries.size() - 1));
    }
    if (closed) {
      settle();
    } else {
      complete();
    }
  }

  private void complete() {
    while (!inFlight.isEmpty() && inFlight.peekFirst().durable) {
      InFlight first = inFlight.removeFirst();
      if (!first.written) {
        envelopes(first.ready.messagesAfterPersist()).forEach(services.transport()::send);
      }
      done.accept(first.ready);
    }
  }
}
