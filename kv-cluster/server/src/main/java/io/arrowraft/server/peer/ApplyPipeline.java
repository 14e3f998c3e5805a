package io.arrowraft.server.peer;

import io.arrowraft.proto.store.CommitMergeCommand;
import io.arrowraft.raft.CommittedEntry;
import io.arrowraft.raft.LogStore;
import io.arrowraft.raft.core.Entry;
import io.arrowraft.runtime.TimeSource;
import io.arrowraft.server.apply.ApplyResult;
import io.arrowraft.server.apply.Awaited;
import io.arrowraft.server.apply.MergeSource;
import io.arrowraft.server.apply.RegionApplier;
import io.arrowraft.storage.engine.CorruptDataException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Applies what a replica's group commits, and waits where an entry concerns other replicas of the
 * store. Owned by the replica's apply loop.
 */
final class ApplyPipeline {
  private static final long CATCH_UP_BYTES = 4L << 20;

  private final RegionPeer peer;
  private final PeerEvents events;
  private final ApplyQueue queue;

  /** The merge whose source this replica is being brought to the end for; null if none is. */
  private CompletableFuture<MergeSource> catchingUp;

  ApplyPipeline(RegionPeer peer, PeerEvents events) {
    this.peer = peer;
    this.events = events;
    this.queue = new ApplyQueue(peer.applyLoop());
  }

  /** Any thread. */
  void committed(List<CommittedEntry<Proposal>> entries) {
    meters().handedOver(entries);
    long handedOver = time().nanos();
    queue.submit(
        () -> {
          meters().takenUp(time().nanos() - handedOver);
          apply(entries);
        });
  }

  private ApplyMeters meters() {
    return peer.context().meters().apply();
  }

  private TimeSource time() {
    return peer.context().environment().time();
  }

  /** Runs a task after all that was committed before. Any thread. */
  void run(Runnable task) {
    queue.submit(task);
  }

  /** Holds up what follows a task that goes on elsewhere; within that task. */
  void hold() {
    queue.hold();
  }

  /** Goes on after {@link #hold}. Any thread. */
  void resume(Runnable task) {
    queue.resume(task);
  }

  /** Nothing is applied any more. On the apply loop. */
  void close() {
    queue.close();
  }

  private void apply(List<CommittedEntry<Proposal>> committed) {
    List<Entry> entries = new ArrayList<>(committed.size());
    for (CommittedEntry<Proposal> each : committed) {
      entries.add(each.entry());
    }
    long begin = time().nanos();
    ApplyResult result = peer.applier().apply(entries);
    meters().applied(committed.subList(0, result.outcomes().size()), time().nanos() - begin);
    peer.tellApplied(result, committed);
    result
        .awaited()
        .ifPresent(
            awaited ->
                await(awaited, committed.subList(result.outcomes().size(), committed.size())));
  }

  private void await(Awaited awaited, List<CommittedEntry<Proposal>> rest) {
    queue.hold();
    if (awaited instanceof Awaited.Source source) {
      long sourceId = source.merge().getSource().getId();
      events
          .sourceWanted(peer, source.merge())
          .whenComplete(
              (ready, failure) -> {
                if (failure == null && !peer.context().damaged().contains(sourceId)) {
                  queue.resume(() -> absorb(ready, rest));
                } else {
                  // What a damaged source holds must not become part of this region.
                  replace("region " + sourceId + ", which it takes in, is no use here");
                }
              });
    } else if (awaited instanceof Awaited.Children children) {
      events
          .childrenExpected(children.regionIds())
          .thenAccept(
              none ->
                  queue.resume(
                      () -> split(children.regionIds(), rest),
                      () -> events.childrenDone(children.regionIds())));
    } else if (awaited instanceof Awaited.Replacement replacement) {
      // Nothing goes on here.
      replace(replacement.reason());
      if (catchingUp != null) {
        catchingUp.completeExceptionally(new IllegalStateException(replacement.reason()));
      }
    }
  }

  private void replace(String reason) {
    peer.context().damaged().report(peer.regionId(), peer.peerId(), reason);
  }

  private void absorb(MergeSource ready, List<CommittedEntry<Proposal>> rest) {
    if (peer.isDestroyed()) {
      // The source has become part of a region that has left this store.
      events.sourceObsolete(ready.state());
      return;
    }
    peer.applier().sourceIsReady(ready);
    apply(rest);
  }

  private void split(List<Long> children, List<CommittedEntry<Proposal>> rest) {
    try {
      if (!peer.isDestroyed()) {
        peer.applier().childrenAreReserved();
        apply(rest);
      }
    } finally {
      // After the replicas that the split has made are known.
      peer.loop().execute(() -> events.childrenDone(children));
    }
  }

  /**
   * Applies the rest of a source's log up to the entry that prepared its merge: from its own log
   * what all replicas are known to have, then what the merge carries. The group is closed, and the
   * log does not get what it lacks: if a crash comes before the source's end, its state is ahead of
   * its log, as after a snapshot. Any thread.
   */
  void catchUp(CommitMergeCommand merge, LogStore logs, CompletableFuture<MergeSource> done) {
    queue.submit(() -> catchUpStep(merge, logs, done));
  }

  private void catchUpStep(
      CommitMergeCommand merge, LogStore logs, CompletableFuture<MergeSource> done) {
    catchingUp = done;
    try {
      catchUpFurther(merge, logs, done);
    } catch (CorruptDataException unreadable) {
      done.completeExceptionally(unreadable);
      throw unreadable;
    }
  }

  private void catchUpFurther(
      CommitMergeCommand merge, LogStore logs, CompletableFuture<MergeSource> done) {
    RegionApplier applier = peer.applier();
    long applied = applier.appliedIndex();
    if (applied >= merge.getCommit()) {
      done.complete(applier.asMergeSource());
      return;
    }
    List<Entry> entries =
        applied + 1 < merge.getMinIndex()
            ? logs.entries(peer.regionId(), applied + 1, merge.getMinIndex(), CATCH_UP_BYTES)
            : applier.missing(merge);
    List<CommittedEntry<Proposal>> committed = new ArrayList<>(entries.size());
    for (Entry entry : entries) {
      committed.add(new CommittedEntry<>(entry, Optional.empty()));
    }
    meters().handedOver(committed);
    queue.next(() -> catchUpStep(merge, logs, done));
    apply(committed);
  }
}
