package io.arrowraft.server.apply;

import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.store.IngestCommand;
import io.arrowraft.proto.store.RegionCommand;
import io.arrowraft.proto.store.StagedFile;
import io.arrowraft.server.state.KeyRanges;
import io.arrowraft.server.state.Mutations;
import io.arrowraft.server.state.RegionRecords;
import io.arrowraft.storage.engine.CorruptDataException;
import io.arrowraft.storage.engine.Engine;
import io.arrowraft.storage.engine.SortedFiles;
import io.arrowraft.storage.engine.WriteBatch;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Takes staged files into a region. The files' pairs cannot be in the batch of the applied index,
 * so the steps are such that a crash between any two of them is mended by applying the entry again:
 *
 * <table>
 *   <caption>What applying the entry again finds</caption>
 *   <tr><th>crash</th><th>found</th><th>done</th></tr>
 *   <tr><td>before the engine has taken all files in</td><td>the index before, which the engine made
 *       durable first; some of the pairs; all files and their records</td><td>all files are taken in,
 *       over what is there of them</td></tr>
 *   <tr><td>after that, before the index is durable</td><td>the same with all pairs</td><td>the
 *       same</td></tr>
 *   <tr><td>after the index, and with it the end of the records, is durable</td><td>files without
 *       records</td><td>the entry is not applied again; the files are deleted at start</td></tr>
 * </table>
 *
 * <p>Nothing that comes after the entry is durable before its index is, so what is applied again
 * never covers later writes.
 */
final class IngestApply {
  private final Engine engine;

  IngestApply(Engine engine) {
    this.engine = engine;
  }

  /**
   * Whether the command's files were made for this region as it is, which all replicas agree on.
   */
  static boolean fits(RegionCommand command, Region region) {
    return command.getEpoch().equals(region.getRegionEpoch())
        && command.getIngest().getFilesList().stream().allMatch(file -> fits(file, region));
  }

  private static boolean fits(StagedFile file, Region region) {
    return file.getRegionId() == region.getId()
        && file.getEpoch().equals(region.getRegionEpoch())
        && KeyRanges.contains(region, file.getFirstKey().toByteArray())
        && KeyRanges.contains(region, file.getLastKey().toByteArray());
  }

  /**
   * Makes the files' pairs data, durably, together with everything that was written before.
   *
   * @return what stands in the way: a file that is not here as the others have it
   */
  Optional<Awaited> takeIn(IngestCommand command) {
    List<SortedFiles.Name> names = new ArrayList<>(command.getFilesCount());
    for (StagedFile file : command.getFilesList()) {
      Optional<StagedFile> staged = RegionRecords.stagedFile(engine, file.getName());
      if (staged.isEmpty()) {
        return replacement(file, "was not staged here, or has expired");
      }
      if (!staged.get().equals(file)) {
        return replacement(file, "was staged with other content than on the leader");
      }
      names.add(name(file));
    }
    try {
      engine.ingest(names);
      return Optional.empty();
    } catch (CorruptDataException unreadable) {
      return Optional.of(
          new Awaited.Replacement(
              "files to be ingested cannot be read: " + unreadable.getMessage()));
    }
  }

  private static Optional<Awaited> replacement(StagedFile file, String problem) {
    return Optional.of(
        new Awaited.Replacement("file " + file.getName() + " to be ingested " + problem));
  }

  /** Adds the end of the files' records to the batch of the applied index. */
  static void forget(WriteBatch batch, IngestCommand command) {
    command.getFilesList().forEach(file -> RegionRecords.deleteStagedFile(batch, file.getName()));
  }

  /** After that batch is durable. */
  void deleteFiles(IngestCommand command) {
    command.getFilesList().forEach(file -> engine.sortedFiles().delete(file.getName()));
  }

  private static SortedFiles.Name name(StagedFile file) {
    return new SortedFiles.Name(file.getName(), Mutations.familyOf(file.getFamily()));
  }
}
