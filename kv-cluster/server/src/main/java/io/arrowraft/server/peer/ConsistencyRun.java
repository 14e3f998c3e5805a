package io.arrowraft.server.peer;

import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.runtime.Async;
import io.arrowraft.runtime.Deadline;
import io.arrowraft.server.region.RegionErrorException;
import io.arrowraft.server.region.RegionErrors;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** Gathers the hashes of one region's replicas. Owned by the region's loop. */
final class ConsistencyRun {
  private static final Duration PAUSE = Duration.ofMillis(200);

  private final ConsistencyChecks checks;
  private final PeerContext context;
  private final RegionPeer peer;
  private final long index;
  private final CompletableFuture<ConsistencyReport> result;
  private final Deadline deadline;
  private final Map<Peer, ReplicaHash> hashes = new LinkedHashMap<>();
  private int open;

  ConsistencyRun(
      ConsistencyChecks checks,
      PeerContext context,
      RegionPeer peer,
      long index,
      Duration patience,
      CompletableFuture<ConsistencyReport> result) {
    this.checks = checks;
    this.context = context;
    this.peer = peer;
    this.index = index;
    this.result = result;
    this.deadline = Deadline.after(patience, context.environment().time());
  }

  /** Any thread. */
  void start() {
    peer.loop()
        .execute(
            () -> {
              if (peer.isServing()) {
                peer.region()
                    .getPeersList()
                    .forEach(each -> hashes.put(each, ReplicaHash.of(ReplicaHash.State.PENDING)));
              }
              askAll();
            });
  }

  private void askAll() {
    if (!peer.isServing() || !peer.isLeader()) {
      result.completeExceptionally(
          RegionErrors.notLeader(peer.regionId(), java.util.Optional.empty()));
      return;
    }
    List<Peer> pending =
        hashes.entrySet().stream()
            .filter(each -> each.getValue().state() == ReplicaHash.State.PENDING)
            .map(Map.Entry::getKey)
            .toList();
    if (pending.isEmpty() || deadline.isExpired(context.environment().time())) {
      decide();
      return;
    }
    open = pending.size();
    for (Peer each : pending) {
      Async.on(peer.loop(), checks.ask(each, peer.regionId(), index))
          .whenComplete(
              (hash, failure) -> {
                if (failure == null) {
                  hashes.put(each, hash);
                }
                if (--open == 0) {
                  peer.loop().schedule(PAUSE, this::askAll);
                }
              });
    }
  }

  private void decide() {
    ConsistencyReport report = new ConsistencyReport(peer.regionId(), index, hashes, verdict());
    try {
      checks.conclude(peer, report);
      result.complete(report);
    } catch (RegionErrorException refusal) {
      result.completeExceptionally(refusal);
    }
  }

  private ConsistencyReport.Verdict verdict() {
    Long majority = ConsistencyReport.majorityOf(hashes);
    if (majority == null) {
      return ConsistencyReport.Verdict.UNDECIDED;
    }
    List<Peer> damaged = ConsistencyReport.damaged(hashes, majority);
    if (damaged.isEmpty()) {
      return ConsistencyReport.Verdict.CONSISTENT;
    }
    return damaged.stream().anyMatch(each -> each.getId() == peer.peerId())
        ? ConsistencyReport.Verdict.LEADER_DAMAGED
        : ConsistencyReport.Verdict.MINORITY_DAMAGED;
  }
}
