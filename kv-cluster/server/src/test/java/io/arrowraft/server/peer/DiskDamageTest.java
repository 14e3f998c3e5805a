package io.arrowraft.server.peer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arrowraft.proto.metapb.Region;
import io.arrowraft.raft.PeerTransport;
import io.arrowraft.raft.RaftEnvelope;
import io.arrowraft.raft.RaftGroupConfig;
import io.arrowraft.raft.SnapshotSource;
import io.arrowraft.runtime.Deadline;
import io.arrowraft.runtime.Environment;
import io.arrowraft.runtime.threads.SystemRandom;
import io.arrowraft.runtime.threads.SystemTime;
import io.arrowraft.runtime.threads.ThreadLoopFactory;
import io.arrowraft.server.apply.RegionFixture;
import io.arrowraft.server.region.RegionErrorException;
import io.arrowraft.server.region.RegionHash;
import io.arrowraft.server.region.RegionRequest;
import io.arrowraft.server.region.RegionView;
import io.arrowraft.storage.engine.ColumnFamily;
import io.arrowraft.storage.engine.WriteBatch;
import io.arrowraft.storage.raftlog.RaftLogEngine;
import io.arrowraft.storage.rocks.RocksEngine;
import io.arrowraft.storage.rocks.RocksMemory;
import io.arrowraft.storage.rocks.RocksOptions;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompactRangeOptions;
import org.rocksdb.DBOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;

/**
 * Rot on a real disk: a bit of one region's value turns over in a file of RocksDB. Its replica is
 * given up, and the region next to it in the same files goes on (correctness rule 55).
 */
class DiskDamageTest {
  private static final int VALUE_BYTES = 100_000;
  private static final int FRAGMENT_BYTES = 64;

  @TempDir Path root;

  private final RocksMemory memory = new RocksMemory(32 << 20, 8 << 20);
  private final AtomicReference<Throwable> fault = new AtomicReference<>();
  private final byte[] rotten = new byte[VALUE_BYTES];
  private final byte[] sound = new byte[VALUE_BYTES];
  private RunningRegions store;

  /** Two regions of one replica each, on real threads and a real disk. */
  private final class RunningRegions {
    private final ThreadLoopFactory loops =
        new ThreadLoopFactory("rot", (component, cause) -> fault.set(cause));
    private final RocksEngine data =
        RocksEngine.open(
            root.resolve("data"), ColumnFamily.dataFamilies(), RocksOptions.dataDefaults(), memory);
    private final RocksEngine log =
        RocksEngine.open(
            root.resolve("log"), ColumnFamily.logFamilies(), RocksOptions.logDefaults(), memory);
    private final StoreRegions regions =
        new StoreRegions(
            new Environment(
                SystemTime.INSTANCE,
                new SystemRandom(),
                loops,
                (component, cause) -> fault.set(cause),
                new SimpleMeterRegistry()),
            1,
            new StoreRegions.Threads(1, 1, 1),
            RegionConfig.defaults(),
            RaftGroupConfig.withTicks(Duration.ofMillis(20), 10, 2),
            new StoreRegions.Storage(
                data,
                new RaftLogEngine(
                    log, loops.newLoop("raft-log"), (component, cause) -> fault.set(cause))),
            new TestPd().client(),
            unreachable -> new Alone());

    private void start() {
      get(regions.start());
    }

    private void stop() {
      get(regions.stop());
      loops.close();
      data.close();
      log.close();
    }

    private void put(long regionId, String key, byte[] value) {
      await("a leader", () -> view(regionId).map(RegionView::isLeader).orElse(false));
      RegionView view = view(regionId).orElseThrow();
      get(
          regions
              .regions()
              .write(
                  new RegionRequest(
                      regionId,
                      view.region().getRegionEpoch(),
                      view.peer(),
                      0,
                      false,
                      false,
                      Deadline.after(Duration.ofSeconds(10), SystemTime.INSTANCE)),
                  view.term(),
                  List.of(new WriteBatch.Put(ColumnFamily.RAW, key.getBytes(UTF_8), value))));
    }

    private java.util.Optional<RegionView> view(long regionId) {
      return regions.regions().region(regionId);
    }

    private RegionHash hash(long regionId) {
      return get(regions.regions().regionHash(regionId));
    }
  }

  private static final class Alone implements PeerTransport {
    @Override
    public void send(RaftEnvelope envelope) {}

    @Override
    public void sendSnapshot(RaftEnvelope envelope, SnapshotSource source, Consumer<Boolean> told) {
      source.close();
      told.accept(false);
    }
  }

  @AfterEach
  void close() {
    if (store != null) {
      store.stop();
    }
    memory.close();
    assertThat(fault.get()).isNull();
  }

  @Test
  void rotInADataFileEndsOneReplica() throws IOException, RocksDBException {
    fillAndFlush();
    turnABit(root.resolve("data"));

    open();
    await("both serve", () -> store.view(1).isPresent() && store.view(2).isPresent());
    assertThatThrownBy(() -> store.hash(1)).hasCauseInstanceOf(RegionErrorException.class);

    assertGivenUpForGood();
  }

  @Test
  void rotInALogFileEndsOneReplicaBeforeItVotes() throws IOException, RocksDBException {
    fillAndFlush();
    turnABit(root.resolve("log"));

    open();

    assertGivenUpForGood();
  }

  private void assertGivenUpForGood() {
    await("the replica given up", () -> isGivenUp(1));
    store.put(2, "y", sound);
    assertThat(store.hash(2).keys()).isEqualTo(2);
    store.stop();
    open();
    await("the replica given up again", () -> isGivenUp(1));
    store.put(2, "x", sound);
    assertThat(isGivenUp(2)).isFalse();
  }

  private boolean isGivenUp(long regionId) {
    return store.view(regionId).isEmpty()
        && store.regions.takeStatistics().damagedRegions().contains(regionId);
  }

  private void open() {
    store = new RunningRegions();
    store.start();
  }

  /** Leaves both values in table files that nobody is going to rewrite. */
  private void fillAndFlush() throws RocksDBException {
    Random random = new Random(5);
    random.nextBytes(rotten);
    random.nextBytes(sound);
    store = new RunningRegions();
    RegionFixture.create(store.data, region(1, "", "m", 11), 11);
    RegionFixture.create(store.data, region(2, "m", "", 21), 21);
    store.start();
    store.put(2, "z", sound);
    store.put(1, "a", rotten);
    store.stop();
    store = null;
    compact("data", ColumnFamily.dataFamilies());
    compact("log", ColumnFamily.logFamilies());
  }

  /** As by and by of itself; rot that compaction meets before any reader stops the store. */
  private void compact(String directory, List<ColumnFamily> families) throws RocksDBException {
    List<ColumnFamilyHandle> handles = new ArrayList<>();
    try (DBOptions options = new DBOptions();
        ColumnFamilyOptions familyOptions = new ColumnFamilyOptions();
        CompactRangeOptions whole =
            new CompactRangeOptions()
                .setBottommostLevelCompaction(
                    CompactRangeOptions.BottommostLevelCompaction.kForce);
        RocksDB database =
            RocksDB.open(
                options,
                root.resolve(directory).toString(),
                families.stream()
                    .map(
                        family ->
                            new ColumnFamilyDescriptor(
                                family.familyName().getBytes(UTF_8), familyOptions))
                    .toList(),
                handles)) {
      for (ColumnFamilyHandle handle : handles) {
        database.compactRange(handle, null, null, whole);
        handle.close();
      }
    }
  }

  private static Region region(long id, String start, String end, long peerId) {
    return RegionFixture.region(id, start, end).toBuilder()
        .clearPeers()
        .addPeers(RegionFixture.peer(peerId, 1))
        .build();
  }

  /** In every copy of the value that the files of the directory have. */
  private void turnABit(Path directory) throws IOException {
    byte[] fragment = Arrays.copyOfRange(rotten, VALUE_BYTES / 2, VALUE_BYTES / 2 + FRAGMENT_BYTES);
    int turned = 0;
    List<Path> files;
    try (Stream<Path> all = Files.walk(directory)) {
      files = all.filter(Files::isRegularFile).sorted().toList();
    }
    for (Path file : files) {
      String name = file.getFileName().toString();
      if (!name.endsWith(".sst") && !name.endsWith(".blob")) {
        continue;
      }
      byte[] content = Files.readAllBytes(file);
      int at = find(content, fragment);
      if (at >= 0) {
        content[at] ^= 1;
        Files.write(file, content);
        turned++;
      }
    }
    assertThat(turned).as("files of %s that hold the value", directory).isPositive();
  }

  private static int find(byte[] content, byte[] fragment) {
    for (int at = 0; at + fragment.length <= content.length; at++) {
      if (content[at] == fragment[0]
          && Arrays.equals(content, at, at + fragment.length, fragment, 0, fragment.length)) {
        return at;
      }
    }
    return -1;
  }

  private void await(String what, BooleanSupplier condition) {
    long end = SystemTime.INSTANCE.nanos() + Duration.ofSeconds(30).toNanos();
    while (!condition.getAsBoolean()) {
      if (fault.get() != null) {
        throw new AssertionError("the store stopped", fault.get());
      }
      if (SystemTime.INSTANCE.nanos() > end) {
        throw new AssertionError("not within 30 s: " + what);
      }
      LockSupport.parkNanos(2_000_000);
    }
  }

  private static <T> T get(CompletionStage<T> stage) {
    try {
      return stage.toCompletableFuture().get(30, TimeUnit.SECONDS);
    } catch (java.util.concurrent.ExecutionException failure) {
      throw new CompletionException(failure.getCause());
    } catch (InterruptedException | java.util.concurrent.TimeoutException late) {
      throw new AssertionError("no answer within 30 s", late);
    }
  }
}
