package io.arrowraft.server.peer;

import io.arrowraft.server.state.RegionRecords;
import io.arrowraft.storage.engine.CorruptDataException;
import io.arrowraft.storage.engine.Engine;
import io.arrowraft.storage.engine.WriteBatch;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentSkipListSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Replicas whose data or log is not what it should be (correctness rule 55). A durable mark comes
 * first, then the replica stops: it serves, votes and acknowledges nothing any more, also after a
 * restart, until it is removed from its region and destroyed. A replica whose log cannot be read
 * stops even before the mark, since the next message may ask for what it has forgotten. Safe for
 * use by any thread.
 */
final class DamagedReplicas {
  private static final Logger LOG = LoggerFactory.getLogger(DamagedReplicas.class);

  private final RegionDirectory directory;
  private final Engine engine;
  private final Counter found;
  private final ConcurrentSkipListSet<Long> damaged = new ConcurrentSkipListSet<>();

  DamagedReplicas(RegionDirectory directory, Engine engine, MeterRegistry meters) {
    this.directory = directory;
    this.engine = engine;
    this.found =
        Counter.builder("arrowraft_store_damaged_replicas_total")
            .description("Replicas found to differ from the majority, or not to be readable")
            .register(meters);
  }

  /**
   * Whether damage is known to be one replica's: in its log, at its records, or among the data that
   * was read for it. What comes without a place, as from writing or opening an engine, is
   * everybody's.
   */
  static boolean isOfOneReplica(CorruptDataException met) {
    return met.group().isPresent()
        || met.damage()
            .filter(
                damage ->
                    !RegionRecords.areHere(damage) || RegionRecords.regionOf(damage).isPresent())
            .isPresent();
  }

  /** Damage that was met on behalf of a replica; it may be another's, which goes with it. */
  void met(RegionPeer peer, CorruptDataException met) {
    String reason = "it cannot be read: " + met.getMessage();
    OptionalLong named =
        met.group().isPresent()
            ? met.group()
            : met.damage().map(RegionRecords::regionOf).orElse(OptionalLong.empty());
    if (named.isPresent() && named.getAsLong() != peer.regionId()) {
      reportHere(named.getAsLong(), reason);
    }
    report(peer, reason);
  }

  /** Marks and stops the replica of a region that is here, if there is one. */
  void reportHere(long regionId, String reason) {
    directory.find(regionId).ifPresent(peer -> report(peer, reason));
  }

  /** Marks a replica and stops it. */
  void report(long regionId, long peerId, String reason) {
    directory
        .find(regionId)
        .filter(peer -> peer.peerId() == peerId)
        .ifPresent(peer -> report(peer, reason));
  }

  void report(RegionPeer peer, String reason) {
    peer.applyLoop().execute(() -> mark(peer, reason));
  }

  private void mark(RegionPeer peer, String reason) {
    if (!peer.isDestroyed() && note(peer.regionId(), peer.peerId(), reason)) {
      peer.loop().execute(peer.end()::onDamaged);
    }
  }

  /**
   * Marks a replica that is not in use yet, or stands still.
   *
   * @return whether it was not marked before
   */
  boolean note(long regionId, long peerId, String reason) {
    if (!damaged.add(regionId)) {
      return false;
    }
    LOG.atError()
        .addKeyValue("region", regionId)
        .addKeyValue("peer", peerId)
        .addKeyValue("reason", reason)
        .log("replica is damaged and stops");
    found.increment();
    WriteBatch batch = new WriteBatch();
    RegionRecords.putDamage(batch, regionId, peerId, reason);
    engine.write(batch, true);
    return true;
  }

  /** Whether the replica was marked, now or by an earlier run. Before it hears of anything. */
  boolean recall(long regionId, long peerId) {
    Optional<String> reason;
    try {
      reason = RegionRecords.damageOf(engine, regionId, peerId);
    } catch (CorruptDataException unreadable) {
      // Whoever has no mark has no record that could be damaged.
      reason = Optional.of("its mark cannot be read: " + unreadable.getMessage());
    }
    if (reason.isPresent() && damaged.add(regionId)) {
      LOG.atWarn()
          .addKeyValue("region", regionId)
          .addKeyValue("peer", peerId)
          .addKeyValue("reason", reason.get())
          .log("replica was damaged before");
    }
    return reason.isPresent();
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
