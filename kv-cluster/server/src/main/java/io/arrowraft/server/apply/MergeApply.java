package io.arrowraft.server.apply;

import com.google.protobuf.ByteString;
import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.store.CommitMergeCommand;
import io.arrowraft.proto.store.LoggedEntry;
import io.arrowraft.proto.store.MergeState;
import io.arrowraft.proto.store.PrepareMergeCommand;
import io.arrowraft.proto.store.RegionPhase;
import io.arrowraft.proto.store.RegionState;
import io.arrowraft.raft.core.Entry;
import io.arrowraft.runtime.Invariant;
import io.arrowraft.server.state.KeyRanges;
import io.arrowraft.server.state.RegionRecords;
import io.arrowraft.storage.engine.WriteBatch;
import java.util.ArrayList;
import java.util.List;

/**
 * What the steps of a merge do to the states of its regions. The crash table is on the page of
 * {@code io.arrowraft.server.merge}.
 */
final class MergeApply {
  private MergeApply() {}

  /**
   * The source once its merge is prepared: both parts of its epoch have moved, so that whatever was
   * proposed before is refused from here on, data as well as splits and changes of peers.
   */
  static Region prepared(Region source) {
    Region.Builder prepared = source.toBuilder();
    prepared
        .getRegionEpochBuilder()
        .setVersion(source.getRegionEpoch().getVersion() + 1)
        .setConfVer(source.getRegionEpoch().getConfVer() + 1);
    return prepared.build();
  }

  static MergeState state(PrepareMergeCommand command, Entry entry) {
    return MergeState.newBuilder()
        .setTarget(command.getTarget())
        .setMinIndex(command.getMinIndex())
        .setCommit(entry.index())
        .setCommitTerm(entry.term())
        .build();
  }

  /** The source after all; its version moves, so that no second rollback is taken for another. */
  static Region rolledBack(Region source) {
    Region.Builder back = source.toBuilder();
    back.getRegionEpochBuilder().setVersion(source.getRegionEpoch().getVersion() + 1);
    return back.build();
  }

  /** The target with the source's range. Its version is above both. */
  static Region merged(Region target, Region source) {
    Region.Builder merged = target.toBuilder();
    if (adjoin(target, source)) {
      merged.setEndKey(source.getEndKey());
    } else {
      Invariant.check(
          adjoin(source, target),
          "regions that merge are no neighbours",
          "target",
          target.getId(),
          "source",
          source.getId());
      merged.setStartKey(source.getStartKey());
    }
    merged
        .getRegionEpochBuilder()
        .setVersion(
            1
                + Math.max(
                    target.getRegionEpoch().getVersion(), source.getRegionEpoch().getVersion()));
    return merged.build();
  }

  private static boolean adjoin(Region left, Region right) {
    ByteString border = left.getEndKey();
    return !border.isEmpty() && KeyRanges.compare(border, right.getStartKey()) == 0;
  }

  /** Whether the source here is what the merge was committed for. */
  static void check(CommitMergeCommand merge, MergeSource source) {
    RegionState state = source.state();
    Invariant.check(
        state.getPhase() == RegionPhase.MERGING
            && state.getMerge().getCommit() == merge.getCommit()
            && state.getRegion().equals(merge.getSource())
            && source.appliedIndex() >= merge.getCommit(),
        "the source of a merge is not what it was prepared to be",
        "source",
        merge.getSource().getId(),
        "phase",
        state.getPhase(),
        "applied",
        source.appliedIndex());
  }

  /** The source's end. Its data stays, as the target's. */
  static void bury(WriteBatch batch, RegionState source, long targetId) {
    long sourceId = source.getRegion().getId();
    RegionRecords.deleteChunks(batch, sourceId);
    RegionRecords.deleteApplyState(batch, sourceId);
    RegionRecords.putRegionState(
        batch,
        source.toBuilder()
            .setPhase(RegionPhase.TOMBSTONE)
            .clearMerge()
            .setMergedInto(targetId)
            .build());
  }

  /** The source's entries that the merge carries, after {@code applied}. */
  static List<Entry> carried(CommitMergeCommand merge, long applied) {
    List<Entry> entries = new ArrayList<>(merge.getEntriesCount());
    long index = merge.getMinIndex();
    for (LoggedEntry logged : merge.getEntriesList()) {
      if (index > applied) {
        entries.add(Entry.normal(logged.getTerm(), index, logged.getData().toByteArray()));
      }
      index++;
    }
    return entries;
  }
}
