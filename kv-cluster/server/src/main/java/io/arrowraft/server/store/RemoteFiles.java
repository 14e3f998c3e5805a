package io.arrowraft.server.store;

import io.arrowraft.proto.ingest.HoldRequest;
import io.arrowraft.proto.ingest.HoldResponse;
import io.arrowraft.proto.store.StagedFile;
import io.arrowraft.raft.grpc.StoreAddresses;
import io.arrowraft.runtime.rpc.RpcClient;
import io.arrowraft.server.ingest.ImportServices;
import io.arrowraft.server.ingest.ReplicaFiles;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** Asks the staged-files service of other stores. */
final class RemoteFiles implements ReplicaFiles {
  private static final Duration TIMEOUT = Duration.ofSeconds(2);

  private final RpcClient client;
  private final StoreAddresses addresses;

  RemoteFiles(RpcClient client, StoreAddresses addresses) {
    this.client = client;
    this.addresses = addresses;
  }

  @Override
  public CompletionStage<List<String>> hold(long storeId, List<StagedFile> files) {
    HoldRequest request = HoldRequest.newBuilder().addAllFiles(files).build();
    return addresses
        .addressOf(storeId)
        .thenCompose(address -> client.call(address, ImportServices.HOLD, request, TIMEOUT))
        .thenApply(HoldResponse::getMissingList);
  }
}
