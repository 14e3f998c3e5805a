package io.arrowraft.pd.service;

import io.arrowraft.pd.gc.GarbageCollection;
import io.arrowraft.proto.pd.GarbageCollectionGrpc;
import io.arrowraft.proto.pd.GcProgress;
import io.arrowraft.proto.pd.GcReport;
import java.util.concurrent.CompletableFuture;

/** What stores say of the locks that they have resolved, and what they are told. */
final class GcHandlers {
  private final GarbageCollection gc;

  GcHandlers(GarbageCollection gc) {
    this.gc = gc;
  }

  void bind(Bindings bindings) {
    bindings.bootstrapped(
        GarbageCollectionGrpc.getReportGarbageCollectionMethod(),
        GcReport::getHeader,
        header -> GcProgress.newBuilder().setHeader(header).build(),
        (request, ok, call) -> {
          gc.report(request.getResolvedList());
          GarbageCollection.Progress now = gc.progress();
          return CompletableFuture.completedFuture(
              GcProgress.newBuilder()
                  .setHeader(ok)
                  .setTarget(now.target())
                  .setSafePoint(now.safePoint())
                  .setCollectable(now.collectable())
                  .setEndBefore(now.endBefore())
                  .build());
        });
  }
}
