package io.arrowraft.server.apply;

import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.metapb.RegionEpoch;
import io.arrowraft.proto.store.ApplyState;
import io.arrowraft.proto.store.RegionCommand;
import io.arrowraft.proto.store.RegionPhase;
import io.arrowraft.proto.store.RegionState;
import io.arrowraft.proto.store.SplitCommand;
import io.arrowraft.raft.core.Entry;
import io.arrowraft.raft.core.EntryType;
import io.arrowraft.raft.core.MembershipChange;
import io.arrowraft.runtime.Invariant;
import io.arrowraft.server.region.RegionErrors;
import io.arrowraft.server.region.RegionEvent;
import io.arrowraft.server.region.RegionObservers;
import io.arrowraft.server.state.Mutations;
import io.arrowraft.server.state.RegionRecords;
import io.arrowraft.storage.engine.Engine;
import io.arrowraft.storage.engine.WriteBatch;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Applies the committed entries of one region replica, in order. */
public final class RegionApplier {
  /** A run of entries is cut into batches of about this many bytes. */
  private static final long BATCH_BYTES_MAX = 4L << 20;

  private final Engine engine;
  private final RegionObservers observers;
  private final SplitApply splits;
  private final long storeId;
  private final long peerId;

  private Region region;
  private long appliedIndex;
  private long appliedTerm;
  private Counts counts;
  private boolean removed;
  private boolean destroyed;

  private WriteBatch batch = new WriteBatch();
  private List<RegionEvent> events = new ArrayList<>();
  private Run run = new Run();

  /** What one call gathers. */
  private static final class Run {
    private final List<EntryOutcome> outcomes = new ArrayList<>();
    private final List<ApplyResult.AppliedMembership> memberships = new ArrayList<>();
    private final List<ApplyResult.NewReplica> children = new ArrayList<>();
    private long bytes;
    private long keys;
  }

  public RegionApplier(
      Engine engine,
      RegionObservers observers,
      long storeId,
      long peerId,
      Region region,
      ApplyState applied) {
    this.engine = engine;
    this.observers = observers;
    this.splits = new SplitApply(engine);
    this.storeId = storeId;
    this.peerId = peerId;
    reset(region, applied);
  }

  /** Starts over from a state that a snapshot has installed. */
  public void reset(Region newRegion, ApplyState applied) {
    region = newRegion;
    appliedIndex = applied.getAppliedIndex();
    appliedTerm = applied.getAppliedTerm();
    counts = Counts.of(applied.getCounts());
  }

  /** Replaces the estimates by what a scan found. */
  public void correctCounts(Counts scanned) {
    counts = scanned;
  }

  public Region region() {
    return region;
  }

  public long appliedIndex() {
    return appliedIndex;
  }

  /** Applies entries that follow those of the last call. After a removal the rest is ignored. */
  public ApplyResult apply(List<Entry> entries) {
    run = new Run();
    for (Entry entry : entries) {
      if (removed) {
        break;
      }
      Invariant.check(
          entry.index() == appliedIndex + 1,
          "entries are not consecutive",
          "region",
          region.getId(),
          "applied",
          appliedIndex,
          "entry",
          entry.index());
      appliedIndex = entry.index();
      appliedTerm = entry.term();
      applyEntry(entry);
      if (batch.byteSize() >= BATCH_BYTES_MAX) {
        flush(false);
      }
    }
    flush(false);
    return new ApplyResult(
        region,
        appliedIndex,
        appliedTerm,
        run.outcomes,
        run.memberships,
        run.children,
        removed,
        counts,
        run.bytes,
        run.keys);
  }

  private void applyEntry(Entry entry) {
    if (entry.type() == EntryType.MEMBERSHIP) {
      applyMembership(entry);
    } else if (entry.data().length == 0) {
      finish(entry, List.of());
    } else {
      RegionCommand command = CommandCodec.decode(entry.data());
      switch (command.getCommandCase()) {
        case DATA -> applyData(entry, command);
        case SPLIT -> applySplit(entry, command.getEpoch(), command.getSplit());
        case COMMAND_NOT_SET ->
            Invariant.check(
                false, "unknown command in the log", "region", region.getId(), "entry", entry);
      }
    }
  }

  private void applyData(Entry entry, RegionCommand command) {
    if (command.getEpoch().getVersion() != region.getRegionEpoch().getVersion()) {
      refuse(entry);
      return;
    }
    List<WriteBatch.Operation> operations = Mutations.decode(command.getData());
    long before = batch.byteSize();
    for (WriteBatch.Operation operation : operations) {
      add(operation);
      counts = counts.after(operation);
    }
    run.bytes += batch.byteSize() - before;
    run.keys += operations.size();
    finish(entry, operations);
  }

  private void add(WriteBatch.Operation operation) {
    if (operation instanceof WriteBatch.Put put) {
      batch.put(put.family(), put.key(), put.value());
    } else if (operation instanceof WriteBatch.Delete delete) {
      batch.delete(delete.family(), delete.key());
    } else if (operation instanceof WriteBatch.DeleteRange range) {
      batch.deleteRange(range.family(), range.start(), range.end());
    }
  }

  private void applySplit(Entry entry, RegionEpoch epoch, SplitCommand command) {
    if (!epoch.equals(region.getRegionEpoch())) {
      refuse(entry);
      return;
    }
    SplitParts parts = SplitParts.of(region, command);
    region = parts.remainder();
    counts = counts.dividedBy(parts.children().size() + 1);
    List<ApplyResult.NewReplica> created = splits.write(batch, parts, storeId, counts);
    putRegionState();
    run.children.addAll(created);
    run.outcomes.add(new EntryOutcome(entry.index(), entry.term(), Optional.empty(), parts.all()));
    events.add(applied(entry, List.of()));
    events.add(new RegionEvent.Split(region.getId(), entry.index(), parts.all()));
    for (ApplyResult.NewReplica child : created) {
      PeerChanges.byId(child.region(), child.peerId())
          .ifPresent(
              peer -> events.add(new RegionEvent.Created(child.region(), peer, InitialLog.INDEX)));
    }
    flush(true);
  }

  private void applyMembership(Entry entry) {
    MembershipChange change = MembershipChange.decode(entry.data());
    Optional<Region> changed = PeerChanges.after(region, change);
    if (changed.isEmpty()) {
      refuse(entry);
      return;
    }
    region = changed.get();
    run.memberships.add(new ApplyResult.AppliedMembership(entry.index(), change));
    run.outcomes.add(
        new EntryOutcome(entry.index(), entry.term(), Optional.empty(), List.of(region)));
    events.add(applied(entry, List.of()));
    events.add(new RegionEvent.PeersChanged(region, entry.index()));
    if (PeerChanges.byId(region, peerId).isEmpty()) {
      leave(entry);
    } else {
      putRegionState();
    }
  }

  /** In the batch of the entries before, so that no crash finds the removal applied by half. */
  private void leave(Entry removal) {
    removed = true;
    destroyed = true;
    Tombstones.write(batch, region, peerId, removal);
    engine.write(batch, true);
    batch = new WriteBatch();
    events.add(new RegionEvent.Destroyed(region));
    tell();
  }

  public boolean isDestroyed() {
    return destroyed;
  }

  /**
   * Removes the replica's data and leaves a tombstone, durably. Nothing is applied afterwards.
   *
   * @param last the newest description of the region, whose epoch the tombstone keeps
   */
  public void destroy(Region last) {
    if (destroyed) {
      return;
    }
    destroyed = true;
    removed = true;
    WriteBatch tombstone = new WriteBatch();
    Tombstones.write(tombstone, region, last, peerId);
    engine.write(tombstone, true);
    observers.publish(new RegionEvent.Destroyed(last));
  }

  private void refuse(Entry entry) {
    run.outcomes.add(
        EntryOutcome.refused(
            entry.index(),
            entry.term(),
            RegionErrors.epochNotMatch(region.getId(), List.of(region))));
    events.add(applied(entry, List.of()));
  }

  private void finish(Entry entry, List<WriteBatch.Operation> operations) {
    run.outcomes.add(EntryOutcome.done(entry.index(), entry.term()));
    events.add(applied(entry, operations));
  }

  private RegionEvent applied(Entry entry, List<WriteBatch.Operation> operations) {
    return new RegionEvent.Applied(region.getId(), entry.term(), entry.index(), operations);
  }

  private void putRegionState() {
    RegionRecords.putRegionState(
        batch,
        RegionState.newBuilder()
            .setPhase(RegionPhase.NORMAL)
            .setRegion(region)
            .setPeerId(peerId)
            .build());
  }

  private void flush(boolean sync) {
    if (events.isEmpty()) {
      return;
    }
    RegionRecords.putApplyState(
        batch,
        region.getId(),
        ApplyState.newBuilder()
            .setAppliedIndex(appliedIndex)
            .setAppliedTerm(appliedTerm)
            .setCounts(counts.toProto())
            .build());
    engine.write(batch, sync);
    batch = new WriteBatch();
    tell();
  }

  private void tell() {
    List<RegionEvent> told = events;
    events = new ArrayList<>();
    for (RegionEvent event : told) {
      observers.publish(event);
    }
  }
}
