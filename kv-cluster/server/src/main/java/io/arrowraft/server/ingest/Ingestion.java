package io.arrowraft.server.ingest;

import io.arrowraft.proto.importsst.SSTMeta;
import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.metapb.PeerRole;
import io.arrowraft.proto.store.Family;
import io.arrowraft.proto.store.StagedFile;
import io.arrowraft.server.region.RegionErrorException;
import io.arrowraft.server.region.RegionErrors;
import io.arrowraft.server.region.RegionRequest;
import io.arrowraft.server.region.RegionStore;
import io.arrowraft.server.region.RegionView;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Has a region take in staged files, once enough of its replicas say to have them. */
final class Ingestion {
  private final RegionStore regions;
  private final StagedFiles staged;
  private final ReplicaFiles replicas;

  /** What the voters said. */
  private record Answers(int have, Optional<String> lacking) {}

  Ingestion(RegionStore regions, StagedFiles staged, ReplicaFiles replicas) {
    this.regions = regions;
    this.staged = staged;
    this.replicas = replicas;
  }

  /**
   * @param metas as stores have answered a stream; at least one
   * @return fails with {@link RegionErrorException}, or with what {@link RegionStore#ingest} says
   */
  CompletionStage<Void> ingest(RegionRequest request, List<SSTMeta> metas) {
    Optional<RegionView> view = regions.region(request.regionId());
    boolean current =
        view.isPresent()
            && view.get().isLeader()
            && view.get().region().getRegionEpoch().equals(request.epoch());
    if (!current) {
      // Nobody else need be asked: the region says itself what is wrong with the request.
      return regions.ingest(request, List.of());
    }
    List<StagedFile> files = find(metas);
    return ask(view.get(), files)
        .thenCompose(
            answers -> {
              require(view.get(), answers);
              return regions.ingest(request, files);
            });
  }

  private List<StagedFile> find(List<SSTMeta> metas) {
    List<StagedFile> files = new ArrayList<>(metas.size());
    for (SSTMeta meta : metas) {
      FileNames.check(meta);
      String name = FileNames.name(meta);
      StagedFile file =
          staged
              .find(name)
              .orElseThrow(
                  () ->
                      RegionErrors.other(
                          "file "
                              + name
                              + " is not staged on this store: it has been ingested, has expired"
                              + " or was never sent; send the stream again"));
      if (meta.getCrc32() != 0 && meta.getCrc32() != file.getChecksum()) {
        throw RegionErrors.other(
            "file "
                + name
                + " has checksum "
                + Integer.toHexString(file.getChecksum())
                + " here, not "
                + Integer.toHexString(meta.getCrc32())
                + "; send the stream again");
      }
      files.add(file);
    }
    // Values before the records that make them visible.
    files.sort(Comparator.comparing(file -> file.getFamily() == Family.DEFAULT ? 0 : 1));
    return files;
  }

  private CompletionStage<Answers> ask(RegionView view, List<StagedFile> files) {
    List<String> here = staged.hold(files);
    CompletionStage<Answers> answers =
        CompletableFuture.completedFuture(
            new Answers(here.isEmpty() ? 1 : 0, lacking(view.peer(), here)));
    for (Peer peer : view.region().getPeersList()) {
      if (peer.getId() == view.peer().getId() || !votes(peer)) {
        continue;
      }
      CompletionStage<Answers> one =
          replicas
              .hold(peer.getStoreId(), files)
              .handle(
                  (missing, failure) ->
                      failure != null
                          ? new Answers(0, Optional.empty())
                          : new Answers(missing.isEmpty() ? 1 : 0, lacking(peer, missing)));
      answers =
          answers.thenCombine(
              one,
              (left, right) ->
                  new Answers(left.have() + right.have(), left.lacking().or(right::lacking)));
    }
    return answers;
  }

  private static Optional<String> lacking(Peer peer, List<String> missing) {
    return missing.stream()
        .findFirst()
        .map(name -> "store " + peer.getStoreId() + " lacks file " + name);
  }

  private static boolean votes(Peer peer) {
    return peer.getRole() != PeerRole.Learner;
  }

  private static void require(RegionView view, Answers answers) {
    long voters = view.region().getPeersList().stream().filter(Ingestion::votes).count();
    if (answers.lacking().isPresent()) {
      throw RegionErrors.other(
          answers.lacking().get()
              + "; send the stream to the stores of all peers of region "
              + view.region().getId()
              + " again");
    }
    if (answers.have() <= voters / 2) {
      throw RegionErrors.serverIsBusy(
          "only "
              + answers.have()
              + " of "
              + voters
              + " replicas of region "
              + view.region().getId()
              + " say that they have the files");
    }
  }
}
