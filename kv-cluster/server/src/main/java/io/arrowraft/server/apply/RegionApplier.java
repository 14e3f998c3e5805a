package io.arrowraft.server.apply;

import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.metapb.RegionEpoch;
import io.arrowraft.proto.store.ApplyState;
import io.arrowraft.proto.store.CollectCommand;
import io.arrowraft.proto.store.CommitMergeCommand;
import io.arrowraft.proto.store.DataCommand;
import io.arrowraft.proto.store.MergeState;
import io.arrowraft.proto.store.MergedRegion;
import io.arrowraft.proto.store.RegionCommand;
import io.arrowraft.proto.store.RegionPhase;
import io.arrowraft.proto.store.RegionState;
import io.arrowraft.proto.store.SplitCommand;
import io.arrowraft.proto.store.StagedFile;
import io.arrowraft.raft.core.Entry;
import io.arrowraft.raft.core.EntryType;
import io.arrowraft.raft.core.MembershipChange;
import io.arrowraft.runtime.Invariant;
import io.arrowraft.server.region.RegionErrors;
import io.arrowraft.server.region.RegionEvent;
import io.arrowraft.server.region.RegionObservers;
import io.arrowraft.server.state.HeldSafePoint;
import io.arrowraft.server.state.MergedRegions;
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
  private final IngestApply ingest;
  private final long storeId;
  private final long peerId;

  private Region region;
  private long appliedIndex;
  private long appliedTerm;
  private Counts counts;
  private boolean removed;
  private boolean destroyed;
  private ConsistencyListener consistency = ConsistencyListener.NONE;
  private HeldSafePoint safePoint;

  /** The merge that the region is prepared for; null if none is. */
  private MergeState merging;

  private List<MergedRegion> merged;

  /** What {@link Awaited} asked for, until the entry that waited has used it. */
  private MergeSource source;

  private boolean childrenReserved;

  private WriteBatch batch = new WriteBatch();
  private List<RegionEvent> events = new ArrayList<>();
  private Run run = new Run();

  /** What one call gathers. */
  private static final class Run {
    private final List<EntryOutcome> outcomes = new ArrayList<>();
    private final List<ApplyResult.AppliedMembership> memberships = new ArrayList<>();
    private final List<ApplyResult.NewReplica> children = new ArrayList<>();
    private final List<RegionState> absorbed = new ArrayList<>();
    private Optional<Awaited> awaited = Optional.empty();
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
    this.ingest = new IngestApply(engine);
    this.storeId = storeId;
    this.peerId = peerId;
    this.safePoint = HeldSafePoint.of(engine);
    reset(region, applied);
  }

  /** Who is told of consistency checks. */
  public RegionApplier checkedBy(ConsistencyListener listener) {
    consistency = listener;
    return this;
  }

  /** What the store knows of garbage collection: raised by what is applied here. */
  public RegionApplier holding(HeldSafePoint shared) {
    safePoint = shared;
    return this;
  }

  /** Starts over from a state that a snapshot has installed. */
  public void reset(Region newRegion, ApplyState applied) {
    region = newRegion;
    appliedIndex = applied.getAppliedIndex();
    appliedTerm = applied.getAppliedTerm();
    counts = Counts.of(applied.getCounts());
    RegionState stored =
        RegionRecords.regionState(engine, region.getId())
            .orElseGet(RegionState::getDefaultInstance);
    merging = stored.getPhase() == RegionPhase.MERGING ? stored.getMerge() : null;
    merged = stored.getMergedList();
  }

  /** The merge that the region is prepared for. */
  public Optional<MergeState> merging() {
    return Optional.ofNullable(merging);
  }

  /** Replaces the estimates by what a scan found. */
  public void correctCounts(Counts scanned) {
    counts = scanned.withGarbage(counts.garbage());
  }

  public Region region() {
    return region;
  }

  public long appliedIndex() {
    return appliedIndex;
  }

  /** The replica as the source of a merge; nothing is to be applied to it any more. */
  public MergeSource asMergeSource() {
    return new MergeSource(state(), appliedIndex, counts);
  }

  /** What the entry that came last waits for: see {@link Awaited.Source}. */
  public void sourceIsReady(MergeSource ready) {
    source = ready;
  }

  /** What the entry that came last waits for: see {@link Awaited.Children}. */
  public void childrenAreReserved() {
    childrenReserved = true;
  }

  /** The entries of the source that a merge carries and that are not applied here. */
  public List<Entry> missing(CommitMergeCommand merge) {
    return MergeApply.carried(merge, appliedIndex);
  }

  /**
   * Applies entries that follow those of the last call. After a removal the rest is ignored. An
   * entry that has to wait, and what follows it, is to be handed over again later.
   */
  public ApplyResult apply(List<Entry> entries) {
    run = new Run();
    for (Entry entry : entries) {
      if (removed) {
        break;
      }
      RegionCommand command = commandOf(entry);
      run.awaited = awaits(command);
      if (run.awaited.isEmpty() && ingests(command)) {
        // While the applied index is still that of the entries before.
        flush(false);
        run.awaited = ingest.takeIn(command.getIngest());
      }
      if (run.awaited.isPresent()) {
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
      applyEntry(entry, command);
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
        merging(),
        run.absorbed,
        run.awaited,
        counts,
        run.bytes,
        run.keys);
  }

  /** Null for an entry that carries none. */
  private static RegionCommand commandOf(Entry entry) {
    return entry.type() == EntryType.MEMBERSHIP || entry.data().length == 0
        ? null
        : CommandCodec.decode(entry.data());
  }

  /** Commands that are refused do not wait. */
  private Optional<Awaited> awaits(RegionCommand command) {
    if (command == null || !command.getEpoch().equals(region.getRegionEpoch())) {
      return Optional.empty();
    }
    if (command.hasCommitMerge() && source == null && merging == null) {
      return Optional.of(new Awaited.Source(command.getCommitMerge()));
    }
    if (command.hasSplit() && !childrenReserved) {
      return Optional.of(
          new Awaited.Children(
              command.getSplit().getPartsList().stream().map(part -> part.getRegionId()).toList()));
    }
    return Optional.empty();
  }

  private void applyEntry(Entry entry, RegionCommand command) {
    if (entry.type() == EntryType.MEMBERSHIP) {
      applyMembership(entry);
    } else if (command == null) {
      finish(entry, List.of());
    } else {
      switch (command.getCommandCase()) {
        case DATA -> applyData(entry, command);
        case COLLECT -> applyCollect(entry, command);
        case SPLIT -> applySplit(entry, command.getEpoch(), command.getSplit());
        case PREPARE_MERGE -> prepareMerge(entry, command);
        case COMMIT_MERGE -> commitMerge(entry, command);
        case ROLLBACK_MERGE -> rollBackMerge(entry, command);
        case INGEST -> applyIngest(entry, command);
        case COMPUTE_HASH -> computeHash(entry, command.getComputeHash().getUnhurried());
        case VERIFY_HASH -> {
          finish(entry, List.of());
          consistency.verifyHash(
              region.getId(),
              peerId,
              command.getVerifyHash().getIndex(),
              command.getVerifyHash().getHash());
        }
        case COMMAND_NOT_SET ->
            Invariant.check(
                false, "unknown command in the log", "region", region.getId(), "entry", entry);
      }
    }
  }

  private void applyData(Entry entry, RegionCommand command) {
    if (merging != null
        || command.getEpoch().getVersion() != region.getRegionEpoch().getVersion()) {
      refuse(entry);
      return;
    }
    applyOperations(entry, Mutations.decode(command.getData()));
  }

  /** The safe point is raised before the engine can show that versions are missing. */
  private void applyCollect(Entry entry, RegionCommand command) {
    if (merging != null
        || command.getEpoch().getVersion() != region.getRegionEpoch().getVersion()) {
      refuse(entry);
      return;
    }
    CollectCommand collect = command.getCollect();
    safePoint.raise(collect.getSafePoint(), batch);
    applyOperations(
        entry,
        Mutations.decode(
            DataCommand.newBuilder().addAllMutations(collect.getMutationsList()).build()));
    counts = counts.withGarbage(counts.garbage() + collect.getGarbageChange());
  }

  private void applyOperations(Entry entry, List<WriteBatch.Operation> operations) {
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

  private boolean ingests(RegionCommand command) {
    return command != null
        && command.hasIngest()
        && merging == null
        && IngestApply.fits(command, region);
  }

  /** The files are part of the data by now. */
  private void applyIngest(Entry entry, RegionCommand command) {
    if (!ingests(command)) {
      refuse(entry);
      return;
    }
    for (StagedFile file : command.getIngest().getFilesList()) {
      counts = counts.after(file);
      run.bytes += file.getBytes();
      run.keys += file.getPairs();
    }
    IngestApply.forget(batch, command.getIngest());
    finish(entry, List.of());
    events.add(new RegionEvent.Ingested(region, entry.index()));
    flush(true);
    ingest.deleteFiles(command.getIngest());
  }

  private void applySplit(Entry entry, RegionEpoch epoch, SplitCommand command) {
    if (!epoch.equals(region.getRegionEpoch())) {
      refuse(entry);
      return;
    }
    childrenReserved = false;
    SplitParts parts = SplitParts.of(region, command);
    Counts countsOfPart = counts.dividedBy(parts.children().size() + 1);
    // It reads, and may fail: until then the whole range is this replica's.
    List<ApplyResult.NewReplica> created = splits.write(batch, parts, storeId, countsOfPart);
    region = parts.remainder();
    counts = countsOfPart;
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

  private void prepareMerge(Entry entry, RegionCommand command) {
    if (merging != null || !command.getEpoch().equals(region.getRegionEpoch())) {
      refuse(entry);
      return;
    }
    region = MergeApply.prepared(region);
    merging = MergeApply.state(command.getPrepareMerge(), entry);
    changed(entry);
  }

  private void rollBackMerge(Entry entry, RegionCommand command) {
    if (merging == null
        || merging.getCommit() != command.getRollbackMerge().getCommit()
        || !command.getEpoch().equals(region.getRegionEpoch())) {
      refuse(entry);
      return;
    }
    region = MergeApply.rolledBack(region);
    merging = null;
    changed(entry);
  }

  private void changed(Entry entry) {
    putRegionState();
    run.outcomes.add(
        new EntryOutcome(entry.index(), entry.term(), Optional.empty(), List.of(region)));
    events.add(applied(entry, List.of()));
  }

  private void commitMerge(Entry entry, RegionCommand command) {
    if (merging != null || !command.getEpoch().equals(region.getRegionEpoch())) {
      refuse(entry);
      return;
    }
    MergeSource ready = source;
    source = null;
    MergeApply.check(command.getCommitMerge(), ready);
    Region absorbed = ready.state().getRegion();
    region = MergeApply.merged(region, absorbed);
    merged = MergedRegions.with(merged, ready.state().getMergedList(), absorbed);
    counts = counts.plus(ready.counts());
    MergeApply.bury(batch, ready.state(), region.getId());
    changed(entry);
    run.absorbed.add(ready.state());
    events.add(new RegionEvent.Merged(region, entry.index(), absorbed, ready.appliedIndex()));
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
    Tombstones.write(batch, state(), removal);
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

  /** What is in the engine by then is what the log says up to this entry, and no more. */
  private void computeHash(Entry entry, boolean unhurried) {
    finish(entry, List.of());
    flush(false);
    consistency.computeHash(region.getId(), entry.index(), unhurried, engine.snapshot());
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
    RegionRecords.putRegionState(batch, state());
  }

  private RegionState state() {
    RegionState.Builder state =
        RegionState.newBuilder().setRegion(region).setPeerId(peerId).addAllMerged(merged);
    return merging == null
        ? state.setPhase(RegionPhase.NORMAL).build()
        : state.setPhase(RegionPhase.MERGING).setMerge(merging).build();
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
