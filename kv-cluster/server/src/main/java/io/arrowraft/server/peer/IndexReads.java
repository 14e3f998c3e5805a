package io.arrowraft.server.peer;

import io.arrowraft.raft.RaftGroup;
import io.arrowraft.raft.ReadOutcome;
import io.arrowraft.server.region.ReadBlockedException;
import io.arrowraft.server.region.RegionErrorException;
import io.arrowraft.server.region.RegionErrors;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Reads that need a read index: those that arrive while the region's loop is busy share one
 * attempt. Owned by the region's loop.
 */
final class IndexReads {
  private final RegionPeer peer;
  private List<CompletableFuture<Long>> gathered = new ArrayList<>();

  IndexReads(RegionPeer peer) {
    this.peer = peer;
  }

  /**
   * Completes {@code done} once this replica has applied the index that the leader confirms.
   *
   * @param question for the leader's guard, which makes an attempt of its own; empty: none
   */
  void add(byte[] question, CompletableFuture<Long> done) {
    if (question.length > 0) {
      peer.group().readIndex(question, outcome -> settle(done, outcome));
      return;
    }
    if (gathered.isEmpty()) {
      peer.loop().execute(this::flush);
    }
    gathered.add(done);
  }

  private void flush() {
    List<CompletableFuture<Long>> batch = gathered;
    gathered = new ArrayList<>();
    RaftGroup<Proposal> group = peer.group();
    group.readIndex(
        outcome -> {
          for (CompletableFuture<Long> done : batch) {
            settle(done, outcome);
          }
        });
  }

  private void settle(CompletableFuture<Long> done, ReadOutcome outcome) {
    if (outcome instanceof ReadOutcome.Ready ready) {
      done.complete(ready.index());
    } else if (outcome instanceof ReadOutcome.Blocked blocked) {
      done.completeExceptionally(new ReadBlockedException(peer.regionId(), blocked.answer()));
    } else {
      done.completeExceptionally(refusal(outcome));
    }
  }

  private RegionErrorException refusal(ReadOutcome outcome) {
    if (outcome instanceof ReadOutcome.NoLeader noLeader) {
      return RegionErrors.notLeader(peer.regionId(), peer.peerById(noLeader.leaderPeer()));
    }
    if (outcome instanceof ReadOutcome.Overloaded) {
      return RegionErrors.serverIsBusy("too many reads wait for confirmation");
    }
    if (outcome instanceof ReadOutcome.Closed) {
      return RegionErrors.regionNotFound(peer.regionId());
    }
    return peer.isLeader()
        ? RegionErrors.readIndexNotReady(peer.regionId(), "no quorum confirmed it in time")
        : RegionErrors.notLeader(peer.regionId(), Optional.empty());
  }
}
