package io.arrowraft.server.peer;

import io.arrowraft.proto.store.StagedFile;
import io.arrowraft.raft.ProposalResult;
import io.arrowraft.raft.RaftGroup;
import io.arrowraft.server.apply.CommandCodec;
import io.arrowraft.server.apply.EntryOutcome;
import io.arrowraft.server.region.CollectStep;
import io.arrowraft.server.region.OutcomeUnknownException;
import io.arrowraft.server.region.RegionErrorException;
import io.arrowraft.server.region.RegionErrors;
import io.arrowraft.server.region.RegionRequest;
import io.arrowraft.server.region.RegionSnapshot;
import io.arrowraft.server.region.RequestTimes;
import io.arrowraft.server.region.SafePointPassedException;
import io.arrowraft.storage.engine.CorruptDataException;
import io.arrowraft.storage.engine.EngineException;
import io.arrowraft.storage.engine.WriteBatch;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Reads and writes of one replica: admission, checks, proposals, and deadlines. What is public to
 * the package is callable from any thread unless marked otherwise; the rest runs on the region's
 * loop.
 */
final class RegionRequests {
  private static final byte[] NO_QUESTION = {};

  private final PeerContext context;
  private final RegionPeer peer;
  private final long regionId;
  private final AtomicInteger underWay = new AtomicInteger();
  private final Waiting waiting = new Waiting();
  private final IndexReads indexReads;
  private final RegionReads opener;

  /** The last entry proposed here that takes in files. On the loop. */
  private long lastIngestIndex;

  RegionRequests(PeerContext context, RegionPeer peer) {
    this.context = context;
    this.peer = peer;
    this.regionId = peer.regionId();
    this.indexReads = new IndexReads(peer);
    this.opener = new RegionReads(context, regionId, peer.traffic().load());
  }

  CompletableFuture<RegionSnapshot> snapshot(RegionRequest request) {
    return snapshot(request, NO_QUESTION);
  }

  /**
   * @param question for the leader's guard; empty: none
   */
  CompletableFuture<RegionSnapshot> snapshot(RegionRequest request, byte[] question) {
    RegionSnapshot underLease;
    try {
      underLease = snapshotUnderLease(request);
    } catch (RegionErrorException refusal) {
      return CompletableFuture.failedFuture(refusal);
    }
    return underLease != null
        ? CompletableFuture.completedFuture(underLease)
        : admit(result -> snapshotByIndex(request, question, result));
  }

  /** Without a hop to the loop; null if there is no lease. */
  private RegionSnapshot snapshotUnderLease(RegionRequest request) {
    RaftGroup<Proposal> current = peer.group();
    if (current == null || request.replicaRead() || request.staleRead()) {
      return null;
    }
    long term = current.lease().term();
    if (term == 0 || (request.linearizable() && !current.lease().coversCommitted())) {
      return null;
    }
    RequestChecks.address(request, context.storeId(), peer.peerId());
    if (request.term() != 0 && request.term() != term) {
      throw staleTerm(request.term(), term);
    }
    RegionSnapshot snapshot = opener.open(request, term);
    if (current.lease().term() == term) {
      context.meters().onLeaseRead();
      return snapshot;
    }
    // It ran out between the first look and the snapshot.
    snapshot.close();
    return null;
  }

  CompletableFuture<Long> readIndex(RegionRequest request) {
    return admit(
        result -> {
          check(request);
          RequestChecks.version(request, peer.region(), context.directory());
          queueRead(request, NO_QUESTION, result);
        });
  }

  CompletableFuture<Void> write(
      RegionRequest request, long term, List<WriteBatch.Operation> mutations) {
    peer.traffic().load().onWrite(mutations);
    byte[] command = CommandCodec.data(request.epoch(), mutations);
    return this.<EntryOutcome>admit(
            result -> {
              check(request);
              RequestChecks.version(request, peer.region(), context.directory());
              propose(request, command, term, result);
            })
        .thenApply(outcome -> null);
  }

  CompletableFuture<Void> collect(RegionRequest request, long term, CollectStep step) {
    byte[] command = CommandCodec.collect(request.epoch(), step);
    return this.<EntryOutcome>admit(
            result -> {
              check(request);
              RequestChecks.version(request, peer.region(), context.directory());
              if (step.viewIndex() < lastIngestIndex) {
                // A version that came in since may have been hidden by what is to be removed.
                throw RegionErrors.staleCommand(
                    "files were ingested at entry " + lastIngestIndex + ", look again");
              }
              // No older version comes in after this entry.
              context.safePoint().raise(step.safePoint());
              propose(request, command, term, result);
            })
        .thenApply(outcome -> null);
  }

  /**
   * Versions at or below the safe point are not taken in. Both this and {@link #collect} look when
   * they propose, so that in the log's order no version appears below what was collected.
   */
  CompletableFuture<Void> ingest(RegionRequest request, List<StagedFile> files) {
    byte[] command = CommandCodec.ingest(request.epoch(), files);
    return this.<EntryOutcome>admit(
            result -> {
              check(request);
              RequestChecks.epoch(request.epoch(), peer.region(), context.directory());
              RequestChecks.files(files, peer.region(), context.directory());
              if (files.isEmpty()) {
                // Asked while the region was not what the request says, which it is by now.
                throw RegionErrors.staleCommand("region " + regionId + " has moved, ask again");
              }
              if (isImportable(files, result)) {
                lastIngestIndex = propose(request, command, 0, result);
              }
            })
        .thenApply(outcome -> null);
  }

  private boolean isImportable(List<StagedFile> files, CompletableFuture<EntryOutcome> result) {
    long safePoint = context.safePoint().timestamp();
    try {
      for (StagedFile file : files) {
        if (file.getCommitTimestamp() != 0) {
          SafePointPassedException.requireImportable(file.getCommitTimestamp(), safePoint);
        }
      }
      return true;
    } catch (SafePointPassedException passed) {
      result.completeExceptionally(passed);
      return false;
    }
  }

  /** An action that may refuse by throwing. */
  interface Action<T> {
    void run(CompletableFuture<T> result);
  }

  /** Runs a request on the loop, unless too many are under way. */
  <T> CompletableFuture<T> admit(Action<T> action) {
    CompletableFuture<T> result = new CompletableFuture<>();
    if (underWay.incrementAndGet() > context.config().requestsPerRegionMax()) {
      underWay.decrementAndGet();
      context.meters().onBusy();
      result.completeExceptionally(
          RegionErrors.serverIsBusy("too many requests to region " + regionId));
      return result;
    }
    result.whenComplete((value, failure) -> underWay.decrementAndGet());
    peer.loop()
        .execute(
            () -> {
              try {
                if (!peer.isServing()) {
                  throw RegionErrors.regionNotFound(regionId);
                }
                peer.group().wake();
                action.run(result);
              } catch (RegionErrorException refusal) {
                result.completeExceptionally(refusal);
              } catch (CorruptDataException unreadable) {
                result.completeExceptionally(RegionErrors.regionNotFound(regionId));
                throw unreadable;
              }
            });
    return result;
  }

  // Requests.

  private void snapshotByIndex(
      RegionRequest request, byte[] question, CompletableFuture<RegionSnapshot> result) {
    check(request);
    if (request.staleRead()) {
      throw RegionErrors.dataIsNotReady(regionId, peer.peerId());
    }
    CompletableFuture<Long> index = new CompletableFuture<>();
    queueRead(request, question, index);
    index.whenComplete(
        (confirmed, failure) -> {
          if (failure != null) {
            result.completeExceptionally(failure);
            return;
          }
          try {
            check(request);
            RegionSnapshot snapshot = opener.open(request, peer.group().role().term());
            if (!result.complete(snapshot)) {
              snapshot.close();
            }
          } catch (RegionErrorException | EngineException refusal) {
            result.completeExceptionally(refusal);
          }
        });
  }

  private void queueRead(RegionRequest request, byte[] question, CompletableFuture<Long> index) {
    context.meters().onIndexRead();
    waiting.add(
        request.deadline(),
        index,
        () -> RegionErrors.readIndexNotReady(regionId, "the deadline passed"));
    indexReads.add(question, index);
  }

  /**
   * Proposes and completes {@code result} when the entry is applied.
   *
   * @return the entry's index
   */
  long propose(
      RegionRequest request, byte[] command, long term, CompletableFuture<EntryOutcome> result) {
    long bytesMax = context.config().entryBytesMax();
    if (command.length > bytesMax) {
      throw RegionErrors.entryTooLarge(regionId, command.length, bytesMax);
    }
    if (request.deadline().isExpired(context.environment().time())) {
      throw RegionErrors.staleCommand("the deadline passed before the proposal");
    }
    Proposal proposal = new Proposal(result, request.times());
    request.times().mark(RequestTimes.Stage.PROPOSED);
    ProposalResult proposed = peer.group().propose(command, proposal, term);
    if (proposed instanceof ProposalResult.Refused refused) {
      throw RequestChecks.refusal(peer, refused);
    }
    context.meters().onProposal();
    waiting.add(
        request.deadline(),
        result,
        () ->
            new OutcomeUnknownException(
                regionId,
                "write to region " + regionId + ": outcome unknown, not applied by its deadline"));
    return ((ProposalResult.Accepted) proposed).index();
  }

  private void check(RegionRequest request) {
    RequestChecks.address(request, context.storeId(), peer.peerId());
    requireNotMerging();
    if (!request.replicaRead()) {
      requireLeader();
      if (request.term() != 0 && request.term() != peer.group().role().term()) {
        throw staleTerm(request.term(), peer.group().role().term());
      }
    }
  }

  /** A region that is about to become part of another serves nobody (correctness rule 22). */
  void requireNotMerging() {
    if (peer.fences().isMerging()) {
      throw RegionErrors.merging(regionId);
    }
  }

  void requireLeader() {
    if (!peer.isLeader()) {
      throw RegionErrors.notLeader(regionId, peer.peerById(peer.group().role().leaderPeer()));
    }
  }

  private static RegionErrorException staleTerm(long requested, long current) {
    return RegionErrors.staleCommand("term " + requested + " is over, now is " + current);
  }

  /** Looks after requests whose deadlines pass. On the region's loop. */
  void sweep() {
    waiting.sweep(context.environment().time());
  }

  /** On the region's loop. */
  void close() {
    waiting.close();
  }
}
