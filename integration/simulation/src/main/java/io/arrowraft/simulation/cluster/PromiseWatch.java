package io.arrowraft.simulation.cluster;

import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.metapb.PeerRole;
import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.raft.Envelope;
import io.arrowraft.proto.raft.Message;
import io.arrowraft.proto.raft.MessageBatch;
import io.arrowraft.proto.store.ApplyState;
import io.arrowraft.proto.store.RegionPhase;
import io.arrowraft.proto.store.RegionState;
import io.arrowraft.runtime.rpc.RpcMethod;
import io.arrowraft.server.state.RegionRecords;
import io.arrowraft.simulation.check.ReplicationHistory;
import io.arrowraft.simulation.world.MessageTap;
import io.arrowraft.simulation.world.SimulatedNode;
import io.arrowraft.simulation.world.SimulatedWorld;
import io.arrowraft.storage.engine.Engine;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * Reads the messages of replicas: what they promise must be durable where it is promised, and what
 * a leader calls committed must be durable at a majority.
 */
final class PromiseWatch implements MessageTap {
  /** A leader may have counted by the membership before the one that is on its disk. */
  private static final Duration MEMBERSHIP_SETTLES = Duration.ofSeconds(3);

  /**
   * @param process of the leader: one that has lost its power may have to apply the change again,
   *     and counts by the membership before until it has
   * @param appliedIndex up to where entries were counted by an earlier membership, perhaps: the
   *     change itself was
   */
  private record Epoch(ObservedLog process, long confVersion, long sinceNanos, long appliedIndex) {}

  private final SimulatedWorld world;
  private final ReplicationHistory history;
  private final Map<String, SimulatedStore> stores = new TreeMap<>();
  private final Map<String, Supplier<ObservedLog>> logs = new TreeMap<>();
  private final Map<Long, SimulatedStore> storesById = new TreeMap<>();
  private final Map<Long, Epoch> epochs = new TreeMap<>();
  private final Map<String, Long> checkedCommits = new TreeMap<>();

  PromiseWatch(SimulatedWorld world, ReplicationHistory history) {
    this.world = world;
    this.history = history;
  }

  void add(SimulatedStore store) {
    stores.put(store.node().name(), store);
    add(store.node().name(), store::log);
  }

  /** Looks after a node that is no store. */
  void add(String node, Supplier<ObservedLog> log) {
    logs.put(node, log);
  }

  @Override
  public void sent(SimulatedNode from, RpcMethod<?, ?> method, Object message) {
    if (!(message instanceof MessageBatch batch) || !logs.containsKey(from.name())) {
      return;
    }
    SimulatedStore store = stores.get(from.name());
    if (store != null) {
      storesById.put(batch.getFromStore(), store);
    }
    ObservedLog log = logs.get(from.name()).get();
    for (Envelope envelope : batch.getEnvelopesList()) {
      promise(from.name(), log, envelope.getGroupId(), envelope.getMessage());
      if (store != null) {
        commit(store, envelope.getGroupId(), envelope.getMessage());
      }
    }
  }

  private void commit(SimulatedStore store, long group, Message message) {
    if (message.hasAppendRequest()) {
      committed(store, group, message.getAppendRequest().getCommit());
    } else if (message.hasHeartbeatRequest()) {
      committed(store, group, message.getHeartbeatRequest().getCommit());
    }
  }

  private void promise(String node, ObservedLog log, long group, Message message) {
    if (log.isGone(group, message.getFrom())) {
      return;
    }
    log.opened(group, message.getFrom());
    switch (message.getKindCase()) {
      case APPEND_RESPONSE -> {
        long index = message.getAppendResponse().getIndex();
        if (!message.getAppendResponse().getRejected() && !log.isDurable(group, index)) {
          broken(node, group, "acknowledges entry " + index + ", which is not durable there");
        }
      }
      case VOTE_RESPONSE -> {
        if (message.getVoteResponse().getGranted()
            && !log.isVoteDurable(group, message.getTerm(), message.getTo())) {
          broken(node, group, "grants a vote that is not durable there");
        }
      }
      case VOTE_REQUEST -> {
        if (!log.isVoteDurable(group, message.getTerm(), message.getFrom())) {
          broken(node, group, "asks for votes before its own is durable");
        }
      }
      default -> {
        // Promises nothing about a log.
      }
    }
  }

  private void committed(SimulatedStore leader, long group, long commit) {
    String key = leader.node().name() + "/" + group;
    if (commit <= checkedCommits.getOrDefault(key, 0L) || !leader.log().holds(group, commit)) {
      return;
    }
    checkedCommits.put(key, commit);
    Optional<Region> region = settledRegion(leader, group, commit);
    if (region.isEmpty()) {
      return;
    }
    int voters = 0;
    int durable = 0;
    StringJoiner logsOfVoters = new StringJoiner("; ");
    for (Peer peer : region.get().getPeersList()) {
      if (peer.getRole() == PeerRole.Learner) {
        continue;
      }
      if (peer.getRole() != PeerRole.Voter) {
        return;
      }
      voters++;
      SimulatedStore holder = storesById.get(peer.getStoreId());
      if (holder == null) {
        return;
      }
      durable += holder.log().hasDurable(group, commit, leader.log()) ? 1 : 0;
      logsOfVoters.add(holder.node().name() + ": " + holder.log().describe(group));
    }
    if (durable <= voters / 2) {
      broken(
          leader.node().name(),
          group,
          "calls entry %d committed, which is durable at %d of %d (%s)"
              .formatted(commit, durable, voters, logsOfVoters));
    }
  }

  /**
   * The region as its leader has it on disk, if its peers have not changed for a while, and before
   * the entry.
   */
  private Optional<Region> settledRegion(SimulatedStore leader, long group, long index) {
    Engine disk = leader.disks().orElseThrow().dataNow();
    Optional<RegionState> state = RegionRecords.regionState(disk, group);
    // A region that merges loses the logs of its replicas one after the other.
    if (state.isEmpty() || state.get().getPhase() != RegionPhase.NORMAL) {
      return Optional.empty();
    }
    Region region = state.get().getRegion();
    long confVersion = region.getRegionEpoch().getConfVer();
    Epoch known = epochs.get(group);
    if (known == null || known.process() != leader.log() || known.confVersion() != confVersion) {
      long applied =
          RegionRecords.applyState(disk, group).map(ApplyState::getAppliedIndex).orElse(index);
      epochs.put(group, new Epoch(leader.log(), confVersion, world.nowNanos(), applied));
      return Optional.empty();
    }
    boolean settles = world.nowNanos() - known.sinceNanos() < MEMBERSHIP_SETTLES.toNanos();
    return settles || index <= known.appliedIndex() ? Optional.empty() : Optional.of(region);
  }

  private void broken(String node, long group, String what) {
    history.violation("group %d: %s %s".formatted(group, node, what));
  }
}
