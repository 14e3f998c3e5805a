package io.arrowraft.server.gc;

import static io.arrowraft.server.fakes.TikvFixture.prewrite;
import static io.arrowraft.server.fakes.TikvFixture.put;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arrowraft.proto.kvrpcpb.PrewriteResponse;
import io.arrowraft.proto.tikvpb.TikvGrpc;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.runtime.WorkerPool;
import io.arrowraft.runtime.threads.SystemTime;
import io.arrowraft.server.fakes.TestCall;
import io.arrowraft.server.fakes.TikvFixture;
import io.arrowraft.server.peer.TestPd;
import io.arrowraft.server.region.RegionErrorException;
import io.arrowraft.server.txn.MemoryLocks;
import io.arrowraft.server.txn.SnapshotReads;
import io.arrowraft.storage.mvcc.Lock;
import io.arrowraft.storage.mvcc.LockType;
import io.arrowraft.storage.mvcc.MvccKeys;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Correctness rule 40: what a report of a region free of old locks promises. */
class LockSweepTest {
  private static final long TARGET = 500;

  private final TikvFixture store = new TikvFixture();
  private final LockSweep sweep =
      new LockSweep(
          new SnapshotReads(store.regions(), new SameThread(), SystemTime.INSTANCE),
          store.services().commands(),
          store.services().memoryLocks(),
          new Fates(new StoreCalls(new TestPd().client(), null, null, Duration.ofSeconds(1))),
          SystemTime.INSTANCE,
          new SimpleMeterRegistry().counter("settled"));

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void commitsThatTheStoreTimesLaterComeAfterTheReport() {
    assertThat(sweep()).isCompletedWithValue(TARGET);

    PrewriteResponse late =
        store.call(
            TikvGrpc.getKvPrewriteMethod(),
            prewrite(10, "a", put("a", "1")).setUseAsyncCommit(true).build());
    assertThat(late.getMinCommitTs()).isGreaterThan(TARGET);
  }

  @Test
  void aCommitWhoseLockIsOnItsWayToTheLogHoldsTheReportBack() throws Exception {
    store.regions().holdWrites();
    CompletableFuture<PrewriteResponse> underWay =
        store.start(
            TikvGrpc.getKvPrewriteMethod(),
            prewrite(10, "a", put("a", "1")).setUseAsyncCommit(true).build(),
            new TestCall());
    while (store.regions().heldWrites() == 0) {
      Thread.onSpinWait();
    }

    assertThatThrownBy(() -> sweep().join())
        .hasCauseInstanceOf(RegionErrorException.class)
        .hasMessageContaining("began before the target");

    store.regions().applyHeld();
    assertThat(underWay.get(20, TimeUnit.SECONDS).getErrorsList()).isEmpty();
  }

  @Test
  void ofAllCommitsUnderWayThoseOfTheRegionCount() {
    byte[] middle = MvccKeys.encode(Bytes.ofUtf8("m"));
    store.regions().addRegion(1, middle, new byte[0]);
    MemoryLocks.Held other = hold("a");
    assertThat(sweep()).isCompletedWithValue(TARGET);

    MemoryLocks.Held own = hold("z");
    assertThatThrownBy(() -> sweep().join()).hasMessageContaining("began before the target");

    own.close();
    assertThat(sweep()).isCompletedWithValue(TARGET);
    other.close();
  }

  private MemoryLocks.Held hold(String key) {
    Bytes user = Bytes.ofUtf8(key);
    return store
        .services()
        .memoryLocks()
        .hold(user, seen -> Lock.twoPhase(LockType.PUT, user, 10, 3_000, Bytes.EMPTY, 1, seen + 1));
  }

  private CompletableFuture<Long> sweep() {
    return sweep.run(store.regions().region(1).orElseThrow(), TARGET, 0).toCompletableFuture();
  }

  /** Runs what it is given at once. */
  private static final class SameThread implements WorkerPool {
    @Override
    public String name() {
      return "same thread";
    }

    @Override
    public void execute(Runnable task) {
      task.run();
    }
  }
}
