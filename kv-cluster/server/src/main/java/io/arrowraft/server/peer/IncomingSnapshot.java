package io.arrowraft.server.peer;

import io.arrowraft.proto.store.SnapshotManifest;
import io.arrowraft.raft.SnapshotSink;
import io.arrowraft.runtime.Async;
import io.arrowraft.runtime.EventLoop;
import io.arrowraft.server.region.RegionErrors;
import io.arrowraft.server.snapshot.SnapshotStaging;
import io.arrowraft.storage.engine.Engine;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/**
 * Stages the pieces of one snapshot, after its range has been reserved. Pieces come one at a time;
 * they are handled on the region's apply loop.
 */
final class IncomingSnapshot implements SnapshotSink {
  private final Engine engine;
  private final PeerEvents events;
  private final EventLoop applyLoop;
  private final SnapshotManifest manifest;
  private final SnapshotBudget budget;
  private final BooleanSupplier destroyed;
  private final Function<SnapshotStaging, CompletionStage<Void>> staged;

  private final ByteArrayOutputStream chunk = new ByteArrayOutputStream();
  private SnapshotStaging staging;
  private boolean reserved;
  private boolean ended;

  /**
   * @param budget in which this one has been counted; told when it is over
   * @param destroyed tells on the apply loop whether the replica is gone. Chunks and reservation of
   *     the region then belong to a later replica, and its tombstone has removed those of this one
   * @param staged takes the complete content and becomes its owner; completes when the message that
   *     announces the content may come
   */
  IncomingSnapshot(
      Engine engine,
      PeerEvents events,
      EventLoop applyLoop,
      SnapshotManifest manifest,
      SnapshotBudget budget,
      BooleanSupplier destroyed,
      Function<SnapshotStaging, CompletionStage<Void>> staged) {
    this.engine = engine;
    this.events = events;
    this.applyLoop = applyLoop;
    this.manifest = manifest;
    this.budget = budget;
    this.destroyed = destroyed;
    this.staged = staged;
  }

  @Override
  public CompletionStage<Void> write(byte[] piece) {
    CompletableFuture<Void> result = new CompletableFuture<>();
    applyLoop.execute(
        () -> {
          if (hasEnded()) {
            result.completeExceptionally(RegionErrors.staleCommand("the snapshot was given up"));
          } else if (staging == null) {
            reserve(piece, result);
          } else {
            take(piece, result);
          }
        });
    return result;
  }

  private boolean hasEnded() {
    if (destroyed.getAsBoolean()) {
      end();
    }
    return ended;
  }

  private void end() {
    if (!ended) {
      ended = true;
      budget.endReceiving();
    }
  }

  private void reserve(byte[] piece, CompletableFuture<Void> result) {
    events
        .reserve(manifest)
        .thenAccept(granted -> applyLoop.execute(() -> onReserved(granted, piece, result)));
  }

  private void onReserved(boolean granted, byte[] piece, CompletableFuture<Void> result) {
    if (!granted) {
      end();
      result.completeExceptionally(
          RegionErrors.serverIsBusy(
              "the range of region " + manifest.getRegion().getId() + " is not free"));
    } else if (hasEnded()) {
      if (!destroyed.getAsBoolean()) {
        events.release(manifest.getRegion().getId());
      }
      result.completeExceptionally(RegionErrors.staleCommand("the snapshot was given up"));
    } else {
      reserved = true;
      staging = new SnapshotStaging(engine, manifest);
      take(piece, result);
    }
  }

  private void take(byte[] piece, CompletableFuture<Void> result) {
    if (piece.length == 0) {
      giveUp(result, "a piece is empty");
      return;
    }
    chunk.write(piece, 1, piece.length - 1);
    if (piece[0] == OutgoingSnapshot.CHUNK_ENDS) {
      byte[] whole = chunk.toByteArray();
      chunk.reset();
      if (staging.add(whole) == SnapshotStaging.Progress.DAMAGED) {
        giveUp(result, "a chunk is damaged");
        return;
      }
    }
    // The next piece is asked for when this one has been taken.
    Duration delay = budget.paceIn(piece.length);
    if (delay.isZero()) {
      result.complete(null);
    } else {
      applyLoop.schedule(delay, () -> result.complete(null));
    }
  }

  @Override
  public CompletionStage<Void> finish() {
    CompletableFuture<Void> result = new CompletableFuture<>();
    applyLoop.execute(
        () -> {
          if (hasEnded() || staging == null) {
            result.completeExceptionally(RegionErrors.staleCommand("the snapshot was given up"));
          } else if (staging.progress() != SnapshotStaging.Progress.COMPLETE) {
            giveUp(result, "its end is missing");
          } else {
            end();
            staged
                .apply(staging)
                .whenComplete((none, failure) -> Async.settle(result, none, failure));
          }
        });
    return result;
  }

  @Override
  public void abort() {
    applyLoop.execute(() -> giveUp(new CompletableFuture<>(), "the stream broke"));
  }

  private void giveUp(CompletableFuture<Void> result, String reason) {
    result.completeExceptionally(
        RegionErrors.other(
            "snapshot of region " + manifest.getRegion().getId() + " dropped: " + reason));
    if (!hasEnded()) {
      end();
      if (reserved) {
        staging.discard();
        events.release(manifest.getRegion().getId());
      }
    }
  }
}
