package io.arrowraft.server.txn;

import io.arrowraft.runtime.Bytes;
import io.arrowraft.runtime.rpc.RpcCall;
import io.arrowraft.server.region.RegionRequest;
import io.arrowraft.storage.txn.Command;
import io.arrowraft.storage.txn.TxnResult;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * Runs transaction commands with all that they share on a store.
 *
 * @param unlocked told of the user keys whose locks a command has removed, once that is applied or
 *     has failed, and before other commands on these keys run
 */
public record TxnCommands(
    WriteScheduler scheduler, MemoryLocks memoryLocks, Consumer<List<Bytes>> unlocked) {
  public TxnCommands {
    Objects.requireNonNull(scheduler, "scheduler");
    Objects.requireNonNull(memoryLocks, "memoryLocks");
    Objects.requireNonNull(unlocked, "unlocked");
  }

  /** As {@link WriteScheduler#submit}. */
  public <V> CompletableFuture<TxnResult<V>> submit(
      RegionRequest request, Command<V> command, long byteSize, RpcCall call) {
    return scheduler.submit(
        request, new TxnCommand<>(command, byteSize, memoryLocks, unlocked), call);
  }
}
