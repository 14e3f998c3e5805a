package io.arrowraft.pd.region;

import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.metapb.PeerRole;
import java.util.OptionalLong;
import java.util.random.RandomGenerator;

/** What one store holds: region ids by the role of its peer, and sums. */
public final class StoreShelf {
  /** A store that holds nothing. */
  static final StoreShelf EMPTY = new StoreShelf();

  /** What a peer is to its region. */
  public enum Kind {
    LEADER,
    FOLLOWER,
    LEARNER
  }

  private final IdSet leaders = new IdSet();
  private final IdSet followers = new IdSet();
  private final IdSet learners = new IdSet();
  private final IdSet pending = new IdSet();
  private long mib;
  private long leaderMib;

  StoreShelf() {}

  void add(RegionInfo region, Peer peer) {
    Kind kind = kindOf(region, peer);
    if (set(kind).add(region.id())) {
      mib += region.mib();
      leaderMib += kind == Kind.LEADER ? region.mib() : 0;
    }
    if (region.pending().stream().anyMatch(p -> p.getId() == peer.getId())) {
      pending.add(region.id());
    }
  }

  void remove(RegionInfo region, Peer peer) {
    Kind kind = kindOf(region, peer);
    if (set(kind).remove(region.id())) {
      mib -= region.mib();
      leaderMib -= kind == Kind.LEADER ? region.mib() : 0;
    }
    pending.remove(region.id());
  }

  /** Peers on the store, of any role. */
  public int regions() {
    return leaders.size() + followers.size() + learners.size();
  }

  public int leaders() {
    return leaders.size();
  }

  /** Peers that lack log or snapshot. */
  public int pending() {
    return pending.size();
  }

  /** Sum of the sizes of all peers' regions, each counted as at least 1 MiB. */
  public long mib() {
    return mib;
  }

  public long leaderMib() {
    return leaderMib;
  }

  public int count(Kind kind) {
    return set(kind).size();
  }

  /** The id at a place between 0 and {@link #count}; places change with every report. */
  public long at(Kind kind, int place) {
    return set(kind).at(place);
  }

  /** Any region whose peer here is of a kind. */
  public OptionalLong pick(Kind kind, RandomGenerator random) {
    IdSet ids = set(kind);
    return ids.size() == 0 ? OptionalLong.empty() : OptionalLong.of(ids.pick(random));
  }

  /** Any region whose peer here lacks log or snapshot. */
  public OptionalLong pickPending(RandomGenerator random) {
    return pending.size() == 0 ? OptionalLong.empty() : OptionalLong.of(pending.pick(random));
  }

  private IdSet set(Kind kind) {
    return switch (kind) {
      case LEADER -> leaders;
      case FOLLOWER -> followers;
      case LEARNER -> learners;
    };
  }

  private static Kind kindOf(RegionInfo region, Peer peer) {
    if (region.isLeader(peer)) {
      return Kind.LEADER;
    }
    return peer.getRole() == PeerRole.Learner ? Kind.LEARNER : Kind.FOLLOWER;
  }
}
