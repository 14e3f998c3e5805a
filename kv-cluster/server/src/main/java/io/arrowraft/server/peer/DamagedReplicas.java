package io.arrowraft.server.peer;

import io.arrowraft.server.state.RegionRecords;
import io.arrowraft.storage.engine.WriteBatch;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.concurrent.ConcurrentSkipListSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Replicas whose data is not what it should be (correctness rule 55). A durable mark comes first,
 * then the replica stops: it serves, votes and acknowledges nothing any more, also after a restart,
 * until it is removed from its region and destroyed. Safe for use by any thread.
 */
final class DamagedReplicas {
  private static final Logger LOG = LoggerFactory.getLogger(DamagedReplicas.class);

  private final RegionDirectory directory;
  private final io.arrowraft.storage.engine.Engine engine;
  private final Counter found;
  private final ConcurrentSkipListSet<Long> damaged = new ConcurrentSkipListSet<>();

  DamagedReplicas(
      RegionDirectory directory, io.arrowraft.storage.engine.Engine engine, MeterRegistry meters) {
    this.directory = directory;
    this.engine = engine;
    this.found =
        Counter.builder("arrowraft_store_damaged_replicas_total")
            .description("Replicas found to differ from the majority, or not to be readable")
            .register(meters);
  }

  /** Marks a replica and stops it. */
  void report(long regionId, long peerId, String reason) {
    directory
        .find(regionId)
        .filter(peer -> peer.peerId() == peerId)
        .ifPresent(peer -> peer.applyLoop().execute(() -> mark(peer, reason)));
  }

  private void mark(RegionPeer peer, String reason) {
    if (peer.isDestroyed() || !damaged.add(peer.regionId())) {
      return;
    }
    LOG.atError()
        .addKeyValue("region", peer.regionId())
        .addKeyValue("peer", peer.peerId())
        .addKeyValue("reason", reason)
        .log("replica is damaged and stops");
    found.increment();
    WriteBatch batch = new WriteBatch();
    RegionRecords.putDamage(batch, peer.regionId(), peer.peerId(), reason);
    engine.write(batch, true);
    peer.loop().execute(peer::onDamaged);
  }

  /** Stops a replica that an earlier run has marked. On its loop, before it hears of anything. */
  void recall(RegionPeer peer) {
    RegionRecords.damageOf(engine, peer.regionId(), peer.peerId())
        .ifPresent(
            reason -> {
              LOG.atWarn()
                  .addKeyValue("region", peer.regionId())
                  .addKeyValue("peer", peer.peerId())
                  .addKeyValue("reason", reason)
                  .log("replica was damaged before");
              damaged.add(peer.regionId());
              peer.onDamaged();
            });
  }

  boolean contains(long regionId) {
    return damaged.contains(regionId);
  }

  /** The replica is gone. */
  void forget(RegionPeer peer) {
    if (damaged.remove(peer.regionId())) {
      WriteBatch batch = new WriteBatch();
      RegionRecords.clearDamage(batch, peer.regionId());
      engine.write(batch, false);
    }
  }

  /** The regions with such a replica here. */
  List<Long> regions() {
    return List.copyOf(damaged);
  }
}
