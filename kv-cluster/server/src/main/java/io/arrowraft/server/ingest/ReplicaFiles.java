package io.arrowraft.server.ingest;

import io.arrowraft.proto.store.StagedFile;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** Asks other stores about their staged files. Safe for use by any thread. */
@FunctionalInterface
public interface ReplicaFiles {
  /**
   * Has a store keep files for as long as it keeps new ones.
   *
   * @return names of those that it lacks, or has with other content; fails if it does not answer
   */
  CompletionStage<List<String>> hold(long storeId, List<StagedFile> files);
}
