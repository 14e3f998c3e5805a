package io.arrowraft.server.peer;

import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.store.ApplyState;
import io.arrowraft.proto.store.RegionState;
import io.arrowraft.raft.GroupLogState;
import io.arrowraft.raft.GroupServices;
import io.arrowraft.raft.GroupStart;
import io.arrowraft.raft.LogStore;
import io.arrowraft.raft.MultiRaft;
import io.arrowraft.raft.PeerTransport;
import io.arrowraft.raft.RaftEnvelope;
import io.arrowraft.raft.RaftGroup;
import io.arrowraft.raft.RaftGroupConfig;
import io.arrowraft.raft.RaftMeters;
import io.arrowraft.raft.RaftReceiver;
import io.arrowraft.raft.SnapshotSink;
import io.arrowraft.raft.StoreBeats;
import io.arrowraft.raft.TurnTransport;
import io.arrowraft.raft.core.Membership;
import io.arrowraft.raft.core.Message;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.runtime.EventLoop;
import io.arrowraft.server.apply.PeerChanges;
import io.arrowraft.storage.engine.CorruptDataException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The Raft groups of a store's replicas, and the door through which messages come in. */
final class PeerGroups implements RaftReceiver {
  private final PeerContext context;
  private final PeerEvents events;
  private final RaftGroupConfig config;
  private final MultiRaft multiRaft;
  private final LogStore logs;
  private final PeerTransport transport;
  private final PeerTransport promises;
  private final RaftMeters meters;
  private final StoreBeats beats;
  private final PeerRests rests;
  private final SnapshotBudget snapshots;

  /** By loop name. */
  private final Map<String, SnapshotTraffic> traffic = new LinkedHashMap<>();

  /** By loop name. */
  private final Map<String, PeerTransport> transports = new LinkedHashMap<>();

  PeerGroups(
      PeerContext context,
      PeerEvents events,
      RaftGroupConfig config,
      MultiRaft multiRaft,
      LogStore logs,
      PeerTransport transport) {
    this.context = context;
    this.events = events;
    this.config = config;
    this.multiRaft = multiRaft;
    this.logs = logs;
    this.transport = transport;
    this.promises = TurnTransport.of(logs, transport);
    this.meters = new RaftMeters(context.environment().meters());
    this.beats =
        new StoreBeats(
            StoreBeats.Beat.of(
                context.storeId(), context.environment().time().wallMillis(), config),
            context.regionLoops().get(0),
            context.environment().time(),
            transport,
            multiRaft::suspect);
    this.rests = new PeerRests(context, multiRaft, beats);
    this.snapshots = new SnapshotBudget(context.config().snapshots(), context.environment().time());
    for (EventLoop loop : context.regionLoops()) {
      long firstId =
          context.environment().random().generator("snapshots-" + loop.name()).nextLong();
      traffic.put(loop.name(), new SnapshotTraffic(context, events, snapshots, firstId));
      transports.put(loop.name(), TurnTransport.of(loop, transport));
    }
  }

  /**
   * Opens the group of a replica, creating its log if there is none: at the replica's applied
   * index, keeping a term and vote that are there. On the region's loop.
   *
   * @param ranBefore the replica may have promised something to a leader before a restart
   */
  void open(RegionPeer peer, ApplyState applied, boolean ranBefore) {
    Region region = peer.region();
    GroupStart start =
        new GroupStart(
            peer.regionId(),
            peer.peerId(),
            region == null ? Membership.EMPTY : PeerChanges.membership(region),
            applied.getAppliedIndex(),
            applied.getAppliedTerm(),
            region == null ? GroupLogState.EMPTY : GroupLogState.BOOTSTRAP,
            ranBefore);
    GroupServices services =
        new GroupServices(
            peer.loop(),
            context.environment().time(),
            context.environment().random().generator("raft-" + peer.regionId()),
            logs,
            transports.get(peer.loop().name()),
            promises,
            context.storeId(),
            meters);
    RegionOwner owner = new RegionOwner(peer, events, trafficOf(peer), rests);
    Optional<RaftGroup<Proposal>> group = openSound(peer, start, services, owner);
    peer.start(
        group.orElseGet(
            () ->
                new RaftGroup<>(
                    config,
                    GroupStart.newcomer(peer.regionId(), peer.peerId()),
                    services.withLogs(new AbandonedLog(logs)),
                    owner)));
    multiRaft.add(peer.regionId(), owner);
    rests.opened(peer);
    if (group.isEmpty()) {
      peer.end().onDamaged();
    }
  }

  /**
   * The group, if the replica is sound. One whose log cannot be read may have forgotten a vote or
   * an entry that it has acknowledged, and must never answer again under its id.
   */
  private Optional<RaftGroup<Proposal>> openSound(
      RegionPeer peer, GroupStart start, GroupServices services, RegionOwner owner) {
    if (context.damaged().recall(peer.regionId(), peer.peerId())) {
      return Optional.empty();
    }
    try {
      return Optional.of(new RaftGroup<>(config, start, services, owner));
    } catch (CorruptDataException unreadable) {
      if (!DamagedReplicas.isOfOneReplica(unreadable)) {
        throw unreadable;
      }
      context.damaged().note(peer.regionId(), peer.peerId(), unreadable.getMessage());
      return Optional.empty();
    }
  }

  /** Takes the group from its loop; on that loop. */
  void remove(RegionPeer peer) {
    multiRaft.remove(peer.regionId());
    rests.closed(peer);
    trafficOf(peer).forget(peer.regionId());
  }

  @Override
  public void receive(RaftEnvelope envelope) {
    if (envelope.groupId() == StoreBeats.GROUP_ID) {
      beats.receive(envelope);
    } else {
      multiRaft.receive(envelope);
    }
  }

  /** Begins to tick, and to watch over the stores of sleeping groups. */
  void start() {
    multiRaft.start();
    beats.start();
  }

  void stop() {
    beats.close();
    multiRaft.close();
  }

  PeerRests rests() {
    return rests;
  }

  @Override
  public Optional<SnapshotSink> receiveSnapshot(RaftEnvelope envelope) {
    return context
        .directory()
        .find(envelope.groupId())
        .flatMap(peer -> trafficOf(peer).receive(peer, envelope));
  }

  /**
   * A replica that has gone is asked for its vote: it may have been the only one to know that its
   * removal is committed, and without that its vote would be waited for in vain. Any thread.
   */
  void answerForRemoved(RaftEnvelope envelope, RegionState end) {
    Message asked = envelope.message();
    if (asked.to() != end.getPeerId() || end.getRemovedIndex() == 0) {
      return;
    }
    if (asked instanceof Message.PreVoteRequest) {
      // In the term that the asking replica is in, so that it neither ignores nor fears it.
      answer(
          envelope,
          new Message.PreVoteResponse(
              asked.to(),
              asked.from(),
              asked.term() - 1,
              false,
              end.getRemovedIndex(),
              end.getRemovedTerm()));
    } else if (asked instanceof Message.VoteRequest) {
      answer(
          envelope,
          new Message.VoteResponse(
              asked.to(),
              asked.from(),
              asked.term(),
              false,
              end.getRemovedIndex(),
              end.getRemovedTerm()));
    }
  }

  private void answer(RaftEnvelope asked, Message answer) {
    transport.send(
        new RaftEnvelope(
            asked.groupId(), context.storeId(), asked.fromStore(), answer, Bytes.EMPTY));
  }

  /** Any thread. */
  int snapshotsOnTheirWayOut() {
    return snapshots.sending();
  }

  /** What all snapshots of this store share. */
  SnapshotBudget snapshots() {
    return snapshots;
  }

  /** On the given region loop. */
  void sweepSnapshots(EventLoop loop) {
    traffic.get(loop.name()).sweep();
  }

  /** On the given region loop. */
  void closeSnapshots(EventLoop loop) {
    traffic.get(loop.name()).close();
  }

  private SnapshotTraffic trafficOf(RegionPeer peer) {
    return traffic.get(peer.loop().name());
  }
}
