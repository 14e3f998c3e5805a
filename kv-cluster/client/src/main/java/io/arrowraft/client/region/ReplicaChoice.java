package io.arrowraft.client.region;

import io.arrowraft.client.options.ReadPreference;
import io.arrowraft.proto.metapb.Peer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** Chooses which replica of a region is asked for a read. Owned by the client's loop. */
final class ReplicaChoice {
  private final ReadPreference preference;
  private final Map<String, String> own;
  private final StoreAddresses stores;
  private int turn;

  ReplicaChoice(ReadPreference preference, StoreAddresses stores) {
    this.preference = preference;
    this.own = preference.labels();
    this.stores = stores;
  }

  /** Whether reads go to leaders alone. */
  boolean isLeaderOnly() {
    return preference.replica() == ReadPreference.Replica.LEADER;
  }

  /** Never fails: a store of which nothing is known is not near. */
  CompletableFuture<Peer> choose(Region region) {
    return switch (preference.replica()) {
      case LEADER -> CompletableFuture.completedFuture(region.leader());
      case FOLLOWER -> CompletableFuture.completedFuture(follower(region));
      case NEAREST -> nearest(region);
    };
  }

  private Peer follower(Region region) {
    List<Peer> followers = new ArrayList<>(region.peers());
    followers.removeIf(peer -> peer.getId() == region.leader().getId());
    return followers.isEmpty()
        ? region.leader()
        : followers.get(Math.floorMod(turn++, followers.size()));
  }

  private CompletableFuture<Peer> nearest(Region region) {
    CompletableFuture<?>[] lookups =
        region.peers().stream()
            .map(peer -> stores.find(peer.getStoreId()))
            .toArray(CompletableFuture<?>[]::new);
    return CompletableFuture.allOf(lookups).handle((none, unknown) -> nearestOfKnown(region));
  }

  private Peer nearestOfKnown(Region region) {
    List<Peer> best = new ArrayList<>();
    int most = -1;
    for (Peer peer : region.peers()) {
      int shared = shared(stores.labels(peer.getStoreId()));
      if (shared > most) {
        best.clear();
        most = shared;
      }
      if (shared == most) {
        best.add(peer);
      }
    }
    boolean leaderIsNear = best.stream().anyMatch(peer -> peer.getId() == region.leader().getId());
    return leaderIsNear ? region.leader() : best.get(Math.floorMod(turn++, best.size()));
  }

  private int shared(Map<String, String> labels) {
    int shared = 0;
    for (Map.Entry<String, String> label : own.entrySet()) {
      shared += label.getValue().equals(labels.get(label.getKey())) ? 1 : 0;
    }
    return shared;
  }
}
