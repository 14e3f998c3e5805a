package io.arrowraft.client.txn;

import io.arrowraft.client.keyvalue.Wire;
import io.arrowraft.client.options.LockTimes;
import io.arrowraft.client.region.KeySpace;
import io.arrowraft.client.region.RegionCalls;
import io.arrowraft.proto.kvrpcpb.TxnHeartBeatRequest;
import io.arrowraft.proto.kvrpcpb.TxnHeartBeatResponse;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.runtime.Timer;

/** Keeps the primary lock of a long commit from expiring. Confined to the client's loop. */
final class LockHeartbeat {
  private final RegionCalls calls;
  private final LockTimes times;
  private final TransactionAge age;
  private final Bytes primary;
  private final long startTs;
  private Timer next = () -> {};
  private boolean stopped;

  LockHeartbeat(RegionCalls calls, TransactionAge age, Bytes primary, long startTs) {
    this.calls = calls;
    this.times = calls.options().locks();
    this.age = age;
    this.primary = primary;
    this.startTs = startTs;
  }

  void start() {
    next = calls.loop().schedule(times.heartbeatInterval(), this::beat);
  }

  void stop() {
    stopped = true;
    next.cancel();
  }

  private void beat() {
    if (stopped) {
      return;
    }
    calls
        .background(
            backoff ->
                calls.callByKey(
                    KeySpace.TRANSACTIONAL,
                    primary,
                    TxnRequests.heartbeat(
                        context ->
                            TxnHeartBeatRequest.newBuilder()
                                .setContext(context)
                                .setPrimaryLock(Wire.of(primary))
                                .setStartVersion(startTs)
                                .setAdviseLockTtl(age.lockTtlMillis(times.managedTtl()))
                                .build()),
                    backoff))
        .whenComplete((response, failure) -> beaten(response, failure));
  }

  private void beaten(TxnHeartBeatResponse response, Throwable failure) {
    // A lock that is gone ends the beats: the commit will learn the reason by itself.
    if (!stopped && (failure != null || !response.hasError())) {
      start();
    }
  }
}
