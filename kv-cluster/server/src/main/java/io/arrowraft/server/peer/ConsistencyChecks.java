package io.arrowraft.server.peer;

import io.arrowraft.pd.client.RegionInfo;
import io.arrowraft.proto.eraftpb.ConfChangeType;
import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.pdpb.ChangePeer;
import io.arrowraft.raft.LogStore;
import io.arrowraft.runtime.Async;
import io.arrowraft.runtime.Deadline;
import io.arrowraft.runtime.EventLoop;
import io.arrowraft.server.apply.CommandCodec;
import io.arrowraft.server.apply.ConsistencyListener;
import io.arrowraft.server.apply.EntryOutcome;
import io.arrowraft.server.region.RegionErrorException;
import io.arrowraft.server.region.RegionErrors;
import io.arrowraft.server.region.RegionRequest;
import io.arrowraft.server.snapshot.RegionHasher;
import io.arrowraft.storage.engine.EngineException;
import io.arrowraft.storage.engine.EngineSnapshot;
import io.micrometer.core.instrument.Counter;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares the replicas of a region: a command in the log has all of them hash what they hold at
 * one index, from a view of the engine that is taken between two batches and so overlaps no
 * snapshot that is being installed (correctness rule 25). The leader gathers the hashes; what a
 * majority holds is right. Safe for use by any thread.
 */
final class ConsistencyChecks implements ConsistencyListener, UnhurriedHashes.Listener {
  private static final Logger LOG = LoggerFactory.getLogger(ConsistencyChecks.class);

  /** Hashes kept, of as many regions. */
  private static final int KEPT_MAX = 256;

  static final Duration PATIENCE = Duration.ofSeconds(30);

  private final PeerContext context;
  private final Counter undecided;
  private final UnhurriedHashes unhurriedHashes;
  private volatile OtherReplicas others = OtherReplicas.nobody();

  private final Map<Long, Computed> computed = new LinkedHashMap<>();

  /** The newest hash of a region; under this object's monitor. */
  private static final class Computed {
    private final long index;
    private boolean known;
    private boolean leftOut;
    private long hash;

    /** What a majority has, if that was said before the hash was computed. */
    private Long expected;

    private long expectedOf;

    private Computed(long index) {
      this.index = index;
    }
  }

  /**
   * @param controlLoop where the order of background hashes is kept
   */
  ConsistencyChecks(PeerContext context, EventLoop controlLoop, LogStore logs) {
    this.context = context;
    this.unhurriedHashes = new UnhurriedHashes(context, controlLoop, logs, this);
    this.undecided =
        Counter.builder("arrowraft_store_undecided_consistency_checks_total")
            .description("Checks in which no majority of replicas was equal")
            .register(context.environment().meters());
  }

  void use(OtherReplicas hashes) {
    others = hashes;
  }

  /** Lets go of the engine. */
  void stop() {
    unhurriedHashes.close();
  }

  // What the log says.

  @Override
  public void computeHash(long regionId, long index, boolean unhurried, EngineSnapshot data) {
    synchronized (this) {
      computed.remove(regionId);
      computed.put(regionId, new Computed(index));
      while (computed.size() > KEPT_MAX) {
        computed.remove(computed.keySet().iterator().next());
      }
    }
    if (unhurried) {
      unhurriedHashes.submit(regionId, index, data);
      return;
    }
    try {
      context.workers().execute(() -> compute(regionId, index, data));
    } catch (RejectedExecutionException full) {
      data.close();
      leftOut(regionId, index, "workers are busy");
    }
  }

  @Override
  public void leftOut(long regionId, long index, String reason) {
    LOG.atInfo()
        .addKeyValue("region", regionId)
        .addKeyValue("index", index)
        .addKeyValue("reason", reason)
        .log("hash left out");
    synchronized (this) {
      Computed present = computed.get(regionId);
      if (present != null && present.index == index) {
        present.leftOut = true;
      }
    }
  }

  @Override
  public void unreadable(long regionId, EngineException failure) {
    if (failure.kind() == EngineException.Kind.CORRUPTION) {
      context.damaged().reportHere(regionId, "its data cannot be read: " + failure.getMessage());
    } else if (failure.kind() != EngineException.Kind.CLOSED) {
      throw failure;
    }
  }

  private void compute(long regionId, long index, EngineSnapshot data) {
    long hash;
    try (data) {
      hash = RegionHasher.hash(data, regionId).hash();
    } catch (RegionErrorException notNow) {
      leftOut(regionId, index, "it is about to merge: " + notNow.getMessage());
      return;
    } catch (EngineException failure) {
      unreadable(regionId, failure);
      return;
    }
    hashed(regionId, index, hash);
  }

  @Override
  public void hashed(long regionId, long index, long hash) {
    boolean differs;
    long peerId;
    synchronized (this) {
      Computed present = computed.get(regionId);
      if (present == null || present.index != index) {
        return;
      }
      present.known = true;
      present.hash = hash;
      peerId = present.expectedOf;
      differs = present.expected != null && present.expected != hash;
    }
    if (differs) {
      onDifference(regionId, peerId, index);
    }
  }

  @Override
  public void verifyHash(long regionId, long peerId, long index, long hash) {
    boolean differs;
    synchronized (this) {
      Computed present = computed.get(regionId);
      if (present == null || present.index != index) {
        return;
      }
      present.expected = hash;
      present.expectedOf = peerId;
      differs = present.known && present.hash != hash;
    }
    if (differs) {
      onDifference(regionId, peerId, index);
    }
  }

  private void onDifference(long regionId, long peerId, long index) {
    context
        .damaged()
        .report(regionId, peerId, "its hash at index " + index + " is not that of the majority");
  }

  /** What the replica here has computed. */
  synchronized ReplicaHash hashAt(long regionId, long index) {
    if (context.damaged().contains(regionId)) {
      return ReplicaHash.of(ReplicaHash.State.DAMAGED);
    }
    if (context.directory().find(regionId).isEmpty()) {
      return ReplicaHash.of(ReplicaHash.State.UNKNOWN);
    }
    Computed present = computed.get(regionId);
    if (present == null || present.index < index) {
      return ReplicaHash.of(ReplicaHash.State.PENDING);
    }
    if (present.index == index && !present.known && !present.leftOut) {
      return ReplicaHash.of(ReplicaHash.State.PENDING);
    }
    return present.index == index && present.known
        ? new ReplicaHash(ReplicaHash.State.KNOWN, present.hash)
        : ReplicaHash.of(ReplicaHash.State.UNKNOWN);
  }

  CompletionStage<ReplicaHash> ask(Peer peer, long regionId, long index) {
    return peer.getStoreId() == context.storeId()
        ? CompletableFuture.completedFuture(hashAt(regionId, index))
        : others.hashAt(peer.getStoreId(), regionId, index);
  }

  // What a leader does.

  /** Checks a region that is led here; fails with a region error if it is not. */
  CompletableFuture<ConsistencyReport> check(RegionPeer peer) {
    return check(peer, false, PATIENCE);
  }

  /** The same for nobody in particular: replicas are hashed at the configured rate. */
  CompletableFuture<ConsistencyReport> checkUnhurried(RegionPeer peer, long approximateBytes) {
    // The other stores have others' regions to hash, and pauses.
    Duration hashing =
        context.config().supervision().consistency().timeFor(approximateBytes).multipliedBy(10);
    Duration patience = PATIENCE.plus(hashing);
    return check(
        peer,
        true,
        patience.compareTo(UnhurriedHashes.VIEW_MAX) < 0 ? patience : UnhurriedHashes.VIEW_MAX);
  }

  private CompletableFuture<ConsistencyReport> check(
      RegionPeer peer, boolean unhurried, Duration patience) {
    return peer.requests()
        .<ConsistencyReport>admit(
            result -> {
              peer.requests().requireLeader();
              CompletableFuture<EntryOutcome> applied = new CompletableFuture<>();
              peer.requests()
                  .propose(
                      own(peer),
                      CommandCodec.computeHash(peer.region().getRegionEpoch(), unhurried),
                      0,
                      applied);
              applied.whenComplete(
                  (outcome, failure) -> {
                    if (failure != null) {
                      result.completeExceptionally(Async.cause(failure));
                    } else {
                      new ConsistencyRun(this, context, peer, outcome.index(), patience, result)
                          .start();
                    }
                  });
            });
  }

  private RegionRequest own(RegionPeer peer) {
    return new RegionRequest(
        peer.regionId(),
        peer.region().getRegionEpoch(),
        Peer.getDefaultInstance(),
        0,
        false,
        false,
        Deadline.after(PATIENCE, context.environment().time()));
  }

  /** Draws the consequences of what was gathered. On the region's loop. */
  void conclude(RegionPeer peer, ConsistencyReport report) {
    Long majority = ConsistencyReport.majorityOf(report.hashes());
    switch (report.verdict()) {
      case CONSISTENT -> LOG.debug("replicas are equal: region={}", report.regionId());
      case UNDECIDED -> {
        if (!ConsistencyReport.isDisputed(report.hashes())) {
          LOG.atInfo()
              .addKeyValue("region", report.regionId())
              .addKeyValue("hashes", report.hashes())
              .log("too few replicas were hashed to compare them");
          return;
        }
        undecided.increment();
        LOG.atError()
            .addKeyValue("region", report.regionId())
            .addKeyValue("index", report.index())
            .addKeyValue("hashes", report.hashes())
            .log("replicas differ, and no majority is equal; nothing is done");
      }
      case LEADER_DAMAGED -> {
        LOG.atError()
            .addKeyValue("region", report.regionId())
            .log("leader differs from the majority");
        report.hashes().entrySet().stream()
            .filter(each -> each.getValue().equals(known(majority)))
            .findFirst()
            .ifPresent(each -> peer.group().transferLeader(each.getKey().getId()));
      }
      case MINORITY_DAMAGED -> expel(peer, report, majority);
    }
  }

  static ReplicaHash known(long hash) {
    return new ReplicaHash(ReplicaHash.State.KNOWN, hash);
  }

  /**
   * Tells all replicas what the majority has, so that the others stop, and takes them out of the
   * region: a new replica with a new id and the majority's data takes the place of each.
   */
  private void expel(RegionPeer peer, ConsistencyReport report, long majority) {
    CompletableFuture<EntryOutcome> told = new CompletableFuture<>();
    peer.requests()
        .propose(
            own(peer),
            CommandCodec.verifyHash(peer.region().getRegionEpoch(), report.index(), majority),
            0,
            told);
    for (Peer damaged : ConsistencyReport.damaged(report.hashes(), majority)) {
      LOG.atError()
          .addKeyValue("region", report.regionId())
          .addKeyValue("peer", damaged.getId())
          .addKeyValue("store", damaged.getStoreId())
          .log("replica differs from the majority and is taken out");
      told.whenComplete((outcome, failure) -> peer.loop().execute(() -> remove(peer, damaged)));
    }
  }

  /** If that is refused, as while another change is under way, the next check tries again. */
  private static void remove(RegionPeer peer, Peer damaged) {
    if (peer.isServing() && peer.isLeader() && !peer.fences().isMerging()) {
      PeerOrders.carryOut(
          peer,
          List.of(
              ChangePeer.newBuilder()
                  .setPeer(damaged)
                  .setChangeType(ConfChangeType.RemoveNode)
                  .build()));
    }
  }

  /**
   * Has whoever leads the region of a damaged replica compare its replicas, so that this one is
   * taken out soon. Repeated until it is.
   */
  void askToBeReplaced(RegionPeer damaged) {
    context
        .pd()
        .regionById(damaged.regionId())
        .thenAccept(
            known ->
                known
                    .flatMap(RegionInfo::leader)
                    .filter(leader -> leader.getStoreId() != context.storeId())
                    .ifPresent(
                        leader -> others.requestCheck(leader.getStoreId(), damaged.regionId())))
        .whenComplete(
            (none, failure) -> {
              if (failure != null) {
                LOG.debug("leader is not known: region={}", damaged.regionId(), failure);
              }
            });
  }

  /** Checks a region on demand. */
  CompletableFuture<ConsistencyReport> check(long regionId) {
    return context
        .directory()
        .find(regionId)
        .map(this::check)
        .orElseGet(() -> CompletableFuture.failedFuture(RegionErrors.regionNotFound(regionId)));
  }
}
