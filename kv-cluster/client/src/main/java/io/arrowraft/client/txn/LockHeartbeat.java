package io.arrowraft.client.txn;

import io.arrowraft.client.keyvalue.Wire;
import io.arrowraft.client.region.KeySpace;
import io.arrowraft.client.region.RegionCalls;
import io.arrowraft.proto.kvrpcpb.TxnHeartBeatRequest;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.runtime.Timer;
import java.time.Duration;

/** Keeps the primary lock from expiring while the commit goes on. Confined to the client's loop. */
final class LockHeartbeat {
  /** A commit ends by its own deadline. */
  private static final Duration FOR_EVER = Duration.ofSeconds(Long.MAX_VALUE);

  private final RegionCalls calls;
  private final TransactionAge age;
  private final Bytes primary;
  private final long startTs;
  private final Duration interval;
  private final Duration ttl;
  private Timer next = () -> {};
  private Duration ageMax = FOR_EVER;
  private boolean stopped;

  /**
   * @param interval between beats
   * @param ttl how long the lock shall live from each beat on
   */
  LockHeartbeat(
      RegionCalls calls,
      TransactionAge age,
      Bytes primary,
      long startTs,
      Duration interval,
      Duration ttl) {
    this.calls = calls;
    this.age = age;
    this.primary = primary;
    this.startTs = startTs;
    this.interval = interval;
    this.ttl = ttl;
  }

  void start() {
    start(FOR_EVER);
  }

  /**
   * @param ageMax the transaction's age from which on it is no longer kept alive
   */
  void start(Duration ageMax) {
    this.ageMax = ageMax;
    next = calls.loop().schedule(interval, this::beat);
  }

  void stop() {
    stopped = true;
    next.cancel();
  }

  private void beat() {
    if (stopped || age.elapsed().compareTo(ageMax) > 0) {
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
                                .setAdviseLockTtl(age.lockTtlMillis(ttl))
                                .build()),
                    backoff))
        .whenComplete((response, failure) -> beaten());
  }

  /**
   * A lock that is not there does not end the beats: its prewrite may be on its way to a slow store
   * while others hold the transaction's locks already. The commit's own end does.
   */
  private void beaten() {
    if (!stopped) {
      start(ageMax);
    }
  }
}
