package io.arrowraft.server.apply;

import io.arrowraft.proto.metapb.RegionEpoch;
import io.arrowraft.proto.store.ChangePeersCommand;
import io.arrowraft.proto.store.CollectCommand;
import io.arrowraft.proto.store.CommitMergeCommand;
import io.arrowraft.proto.store.ComputeHashCommand;
import io.arrowraft.proto.store.IngestCommand;
import io.arrowraft.proto.store.PrepareMergeCommand;
import io.arrowraft.proto.store.RegionCommand;
import io.arrowraft.proto.store.RollbackMergeCommand;
import io.arrowraft.proto.store.SplitCommand;
import io.arrowraft.proto.store.StagedFile;
import io.arrowraft.proto.store.VerifyHashCommand;
import io.arrowraft.raft.core.Entry;
import io.arrowraft.raft.core.EntryType;
import io.arrowraft.server.region.CollectStep;
import io.arrowraft.server.state.Mutations;
import io.arrowraft.server.state.Versioned;
import io.arrowraft.storage.engine.WriteBatch;
import java.util.List;

/** Commands as the data of log entries. */
public final class CommandCodec {
  private CommandCodec() {}

  public static byte[] data(RegionEpoch epoch, List<WriteBatch.Operation> mutations) {
    return Versioned.encode(
        RegionCommand.newBuilder().setEpoch(epoch).setData(Mutations.encode(mutations)).build());
  }

  public static byte[] collect(RegionEpoch epoch, CollectStep step) {
    return Versioned.encode(
        RegionCommand.newBuilder()
            .setEpoch(epoch)
            .setCollect(
                CollectCommand.newBuilder()
                    .setSafePoint(step.safePoint())
                    .addAllMutations(Mutations.encode(step.removals()).getMutationsList())
                    .setGarbageChange(step.garbageChange()))
            .build());
  }

  public static byte[] split(RegionEpoch epoch, SplitCommand split) {
    return Versioned.encode(RegionCommand.newBuilder().setEpoch(epoch).setSplit(split).build());
  }

  public static byte[] prepareMerge(RegionEpoch epoch, PrepareMergeCommand merge) {
    return Versioned.encode(
        RegionCommand.newBuilder().setEpoch(epoch).setPrepareMerge(merge).build());
  }

  public static byte[] commitMerge(RegionEpoch epoch, CommitMergeCommand merge) {
    return Versioned.encode(
        RegionCommand.newBuilder().setEpoch(epoch).setCommitMerge(merge).build());
  }

  public static byte[] rollbackMerge(RegionEpoch epoch, long commit) {
    return Versioned.encode(
        RegionCommand.newBuilder()
            .setEpoch(epoch)
            .setRollbackMerge(RollbackMergeCommand.newBuilder().setCommit(commit))
            .build());
  }

  /**
   * @param unhurried whether the hashes are computed at a configured rate, or as fast as can be
   */
  public static byte[] computeHash(RegionEpoch epoch, boolean unhurried) {
    return Versioned.encode(
        RegionCommand.newBuilder()
            .setEpoch(epoch)
            .setComputeHash(ComputeHashCommand.newBuilder().setUnhurried(unhurried))
            .build());
  }

  public static byte[] verifyHash(RegionEpoch epoch, long index, long hash) {
    return Versioned.encode(
        RegionCommand.newBuilder()
            .setEpoch(epoch)
            .setVerifyHash(VerifyHashCommand.newBuilder().setIndex(index).setHash(hash))
            .build());
  }

  public static byte[] ingest(RegionEpoch epoch, List<StagedFile> files) {
    return Versioned.encode(
        RegionCommand.newBuilder()
            .setEpoch(epoch)
            .setIngest(IngestCommand.newBuilder().addAllFiles(files))
            .build());
  }

  /**
   * Whether an entry does nothing but change data, if that, and can be applied wherever it gets to:
   * ingesting needs files beside the log.
   */
  public static boolean isData(Entry entry) {
    if (entry.type() != EntryType.NORMAL) {
      return false;
    }
    if (entry.data().length == 0) {
      return true;
    }
    RegionCommand command = decode(entry.data());
    return command.hasData()
        || command.hasCollect()
        || command.hasComputeHash()
        || command.hasVerifyHash();
  }

  public static byte[] changePeers(ChangePeersCommand command) {
    return Versioned.encode(command);
  }

  static RegionCommand decode(byte[] data) {
    return Versioned.decode(data, RegionCommand.parser());
  }

  static ChangePeersCommand decodeChangePeers(byte[] context) {
    return Versioned.decode(context, ChangePeersCommand.parser());
  }
}
