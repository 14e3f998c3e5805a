package io.arrowraft.simulation.cluster;

import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.metapb.PeerRole;
import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.store.ApplyState;
import io.arrowraft.proto.store.RegionPhase;
import io.arrowraft.proto.store.RegionState;
import io.arrowraft.server.state.DataFamilies;
import io.arrowraft.server.state.RegionRecords;
import io.arrowraft.storage.engine.ColumnFamily;
import io.arrowraft.storage.engine.Engine;
import io.arrowraft.storage.engine.EngineIterator;
import io.arrowraft.storage.engine.IterateOptions;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Turns bits of what stores hold: of a region's data, or of its log. All damage at one time is on
 * one store, and of regions that have three voters at least, all of them there, and no change of
 * members under way: so a majority of each region stays undamaged, and nothing that was
 * acknowledged may be lost. The damage goes when its replica is replaced, or the value rewritten;
 * before that no other store rots.
 */
final class BitRot {
  private static final int VOTERS_MIN = 3;

  /** How keys of a group in the log begin, and how long the key of its state is, as written. */
  private static final byte LOG_KEY_SPACE = 1;

  private static final int LOG_STATE_KEY_BYTES = 10;

  private final List<SimulatedStore> stores;

  BitRot(List<SimulatedStore> stores) {
    this.stores = stores;
  }

  /** Lets something rot, and tells what; empty if nothing may rot now. */
  Optional<String> turnOne(RandomGenerator random) {
    List<SimulatedStore> damaged = stores.stream().filter(BitRot::isDamaged).toList();
    if (damaged.size() > 1) {
      return Optional.empty();
    }
    SimulatedStore store =
        damaged.isEmpty() ? stores.get(random.nextInt(stores.size())) : damaged.get(0);
    List<RegionState> candidates =
        RegionRecords.allRegionStates(store.data()).stream()
            .filter(state -> mayRot(store, state))
            .toList();
    if (candidates.isEmpty()) {
      return Optional.empty();
    }
    Region region = candidates.get(random.nextInt(candidates.size())).getRegion();
    return random.nextBoolean() ? rotLog(store, region, random) : rotData(store, region, random);
  }

  /** Whether something rots there, or replicas that were given up are still there. */
  static boolean isDamaged(SimulatedStore store) {
    Disks disks = store.disks().orElseThrow();
    return !disks.rotOfData().isEmpty()
        || !disks.rotOfLog().isEmpty()
        || RegionRecords.allRegionStates(store.data()).stream()
            .anyMatch(state -> store.damageOf(state).isPresent());
  }

  private boolean mayRot(SimulatedStore store, RegionState here) {
    long regionId = here.getRegion().getId();
    Region newest =
        stores.stream()
            .flatMap(each -> RegionRecords.regionState(each.data(), regionId).stream())
            .filter(state -> state.getPhase() != RegionPhase.TOMBSTONE)
            .map(RegionState::getRegion)
            .max(
                Comparator.comparingLong((Region each) -> each.getRegionEpoch().getConfVer())
                    .thenComparingLong(each -> each.getRegionEpoch().getVersion()))
            .orElse(here.getRegion());
    int voters = 0;
    for (Peer peer : newest.getPeersList()) {
      if (peer.getRole() == PeerRole.Learner) {
        continue;
      }
      voters++;
      boolean settled =
          peer.getRole() == PeerRole.Voter
              && stores.stream().anyMatch(each -> isSettled(each, peer, newest));
      if (!settled) {
        return false;
      }
    }
    return voters >= VOTERS_MIN && isMember(store, here, newest);
  }

  private static boolean isMember(SimulatedStore store, RegionState here, Region newest) {
    return newest.getPeersList().stream()
        .anyMatch(peer -> peer.getStoreId() == store.storeId() && peer.getId() == here.getPeerId());
  }

  /** Whether the peer is on that store as everywhere, and its log says nothing of another one. */
  private static boolean isSettled(SimulatedStore store, Peer peer, Region newest) {
    if (store.storeId() != peer.getStoreId()) {
      return false;
    }
    long confVersion = newest.getRegionEpoch().getConfVer();
    long applied =
        RegionRecords.applyState(store.data(), newest.getId())
            .map(ApplyState::getAppliedIndex)
            .orElse(0L);
    return RegionRecords.regionState(store.data(), newest.getId())
            .filter(state -> state.getPhase() == RegionPhase.NORMAL)
            .filter(state -> state.getPeerId() == peer.getId())
            .filter(state -> state.getRegion().getRegionEpoch().getConfVer() == confVersion)
            .isPresent()
        && !store.log().changesMembersAfter(newest.getId(), applied);
  }

  private static Optional<String> rotData(
      SimulatedStore store, Region region, RandomGenerator random) {
    ColumnFamily family = DataFamilies.all().get(random.nextInt(DataFamilies.all().size()));
    IterateOptions range =
        IterateOptions.range(region.getStartKey().toByteArray(), region.getEndKey().toByteArray());
    return anyKey(store.data(), family, range, random)
        .map(
            key -> {
              // Data has no other checksum than the engine's.
              store.disks().orElseThrow().rotOfData().turn(family, key, bit(random), true);
              return "%s: region %d: %s".formatted(store.node().name(), region.getId(), family);
            });
  }

  private static Optional<String> rotLog(
      SimulatedStore store, Region region, RandomGenerator random) {
    ColumnFamily family = ColumnFamily.RAFT;
    Disks disks = store.disks().orElseThrow();
    IterateOptions group = IterateOptions.range(logOf(region.getId()), logOf(region.getId() + 1));
    return anyKey(disks.logNow(), family, group, random)
        .map(
            key -> {
              // Where the engine cannot read how a group stands, it cannot list the groups.
              boolean noticed = key.length > LOG_STATE_KEY_BYTES && random.nextBoolean();
              disks.rotOfLog().turn(family, key, bit(random), noticed);
              return "%s: region %d: log".formatted(store.node().name(), region.getId());
            });
  }

  private static byte[] logOf(long group) {
    return ByteBuffer.allocate(1 + Long.BYTES).put(LOG_KEY_SPACE).putLong(group).array();
  }

  private static int bit(RandomGenerator random) {
    return random.nextInt(Integer.MAX_VALUE);
  }

  private static Optional<byte[]> anyKey(
      Engine engine, ColumnFamily family, IterateOptions range, RandomGenerator random) {
    List<byte[]> keys = new ArrayList<>();
    try (EngineIterator pairs = engine.iterator(family, range)) {
      for (boolean more = pairs.seekToFirst(); more; more = pairs.next()) {
        keys.add(pairs.key());
      }
    }
    return keys.isEmpty() ? Optional.empty() : Optional.of(keys.get(random.nextInt(keys.size())));
  }
}
