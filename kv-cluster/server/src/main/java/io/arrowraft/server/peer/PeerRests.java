package io.arrowraft.server.peer;

import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.raft.MultiRaft;
import io.arrowraft.raft.StoreBeats;
import io.arrowraft.runtime.EventLoop;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Which replicas are awake, and whose stores are watched because others sleep. A leader watches the
 * stores of all its peers, a follower that of its leader. Each loop sees its own replicas.
 */
final class PeerRests {
  private final long storeId;
  private final MultiRaft multiRaft;
  private final StoreBeats beats;

  /** By loop name; the names never change. */
  private final Map<String, OfLoop> loops = new LinkedHashMap<>();

  private final AtomicInteger awake = new AtomicInteger();

  private static final class OfLoop {
    private final TreeMap<Long, RegionPeer> awake = new TreeMap<>();
    private final TreeMap<Long, List<Long>> watched = new TreeMap<>();
  }

  PeerRests(PeerContext context, MultiRaft multiRaft, StoreBeats beats) {
    this.storeId = context.storeId();
    this.multiRaft = multiRaft;
    this.beats = beats;
    for (EventLoop loop : context.regionLoops()) {
      loops.put(loop.name(), new OfLoop());
    }
  }

  /** A replica begins awake. On its loop. */
  void opened(RegionPeer peer) {
    wake(of(peer), peer);
  }

  private void wake(OfLoop loop, RegionPeer peer) {
    if (loop.awake.put(peer.regionId(), peer) == null) {
      awake.incrementAndGet();
    }
  }

  private void forget(OfLoop loop, RegionPeer peer) {
    if (loop.awake.remove(peer.regionId(), peer)) {
      awake.decrementAndGet();
    }
  }

  /** On the replica's loop. */
  void closed(RegionPeer peer) {
    OfLoop loop = of(peer);
    forget(loop, peer);
    List<Long> stores = loop.watched.remove(peer.regionId());
    if (stores != null) {
      beats.unwatch(stores);
    }
  }

  /** The replica's group has fallen asleep, or is awake. On its loop. */
  void changed(RegionPeer peer, boolean resting) {
    if (peer.isClosed()) {
      return;
    }
    multiRaft.setResting(peer.regionId(), resting);
    OfLoop loop = of(peer);
    if (resting) {
      // Nobody measures it in its sleep, and a follower sleeps as soon as it has answered a read.
      peer.traffic().collectInto(peer.context().traffic(), peer.regionId());
      List<Long> stores = storesToWatch(peer);
      forget(loop, peer);
      loop.watched.put(peer.regionId(), stores);
      beats.watch(stores);
    } else {
      wake(loop, peer);
      List<Long> stores = loop.watched.remove(peer.regionId());
      if (stores != null) {
        beats.unwatch(stores);
      }
    }
  }

  private List<Long> storesToWatch(RegionPeer peer) {
    if (!peer.isLeader()) {
      return peer.peerById(peer.group().role().leaderPeer())
          .map(leader -> List.of(leader.getStoreId()))
          .orElse(List.of());
    }
    TreeSet<Long> stores = new TreeSet<>();
    for (Peer other : peer.region().getPeersList()) {
      if (other.getStoreId() != storeId) {
        stores.add(other.getStoreId());
      }
    }
    return List.copyOf(stores);
  }

  /** Any thread. */
  int awakeCount() {
    return awake.get();
  }

  /** The replicas of a loop that are awake, by region id. On that loop. */
  List<RegionPeer> awake(EventLoop loop) {
    return new ArrayList<>(loops.get(loop.name()).awake.values());
  }

  private OfLoop of(RegionPeer peer) {
    return loops.get(peer.loop().name());
  }
}
