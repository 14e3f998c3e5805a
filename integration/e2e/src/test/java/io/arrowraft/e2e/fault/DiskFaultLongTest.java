package io.arrowraft.e2e.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.arrowraft.e2e.Bounded;
import io.arrowraft.e2e.load.FaultLoad;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * One of three stores lies on a disk that fills up, stalls or fails. The others go on, nobody loses
 * anything, and the store says what is wrong before it stops.
 */
@Tag("long")
class DiskFaultLongTest {
  private static final int DISK_MIB = 512;
  private static final Duration STALL = Duration.ofSeconds(10);
  private static final Duration FULL = Duration.ofSeconds(30);

  /** Until others lead what the store led, and its last callers have lost patience. */
  private static final Duration WITHOUT_STORE_BOUND = Duration.ofSeconds(30);

  private static final Duration BOUND = Duration.ofSeconds(90);

  @TempDir private Path data;

  /** What happens to the disk of the store. */
  private interface Fault {
    void happen(ServerNode store, LoopDisk disk, FaultLoad load) throws Exception;
  }

  @Test
  void aDiskThatStallsHoldsNobodyUpForLong() throws Exception {
    withStoreOn(
        disk(DISK_MIB),
        "stall",
        (store, disk, load) -> {
          disk.freeze();
          try {
            FaultSession.repeatFor(STALL, () -> {});
            FaultSession.awaitProgress(load, "writes while a disk stalls", WITHOUT_STORE_BOUND);
          } finally {
            // A process that waits for a frozen disk cannot even be killed.
            disk.thaw();
          }
          FaultSession.awaitProgress(load, "writes after a stall", BOUND);
        });
  }

  @Test
  void aStoreWhoseSyncsFailStopsAndTheOthersGoOn() throws Exception {
    withStoreOn(
        disk(DISK_MIB / 2),
        "failing-sync",
        (store, disk, load) -> {
          disk.exhaust();
          Bounded.awaitNo("the store stops", BOUND, () -> running(store));
          assertThat(store.said()).contains("disk");
          FaultSession.awaitProgress(load, "writes without the store", BOUND);
        });
  }

  /**
   * New data is refused before the disk is full, so the store may live on with what it has set
   * aside; if it does not, it says why.
   */
  @Test
  void aFullDiskHoldsNobodyUpAndRoomBringsTheStoreBack() throws Exception {
    withStoreOn(
        disk(DISK_MIB),
        "disk-full",
        (store, disk, load) -> {
          disk.fill();
          FaultSession.awaitProgress(load, "writes while a disk is full", WITHOUT_STORE_BOUND);
          FaultSession.repeatFor(FULL, () -> {});
          FaultSession.awaitProgress(load, "writes to a full disk's peers", WITHOUT_STORE_BOUND);
          if (!store.isAlive()) {
            assertThat(store.said()).contains("disk");
          }
          System.out.println("disk-full: the store " + (store.isAlive() ? "lived on" : "stopped"));
          disk.empty();
          if (!store.isAlive()) {
            store.start().awaitReady();
          }
          FaultSession.awaitProgress(load, "writes with the store", BOUND);
        });
  }

  private static Optional<String> running(ServerNode store) {
    return store.isAlive() ? Optional.of("it runs and said: " + store.said()) : Optional.empty();
  }

  private LoopDisk disk(int roomMib) {
    try {
      return LoopDisk.open(data.resolve("loop"), DISK_MIB, roomMib);
    } catch (Machine.DeniedException denied) {
      assumeTrue(
          false,
          "NOTICE: this machine denies mounts and loop devices, so faults of disks are not tested: "
              + denied.getMessage());
      throw denied;
    }
  }

  private void withStoreOn(LoopDisk disk, String name, Fault fault) throws Exception {
    FaultCluster.Options options =
        FaultCluster.Options.of(Optional.empty(), 3).withStoreWords("--reserve-space=16");
    try (disk;
        FaultSession session = FaultSession.of(FaultCluster.start(data, 2, options, disk.path()))) {
      ServerNode store = session.cluster().stores().get(2);
      session.under(
          new FaultLoad.Shape(name, 2, 2, 4),
          load -> fault.happen(store, disk, load),
          store::isAlive);
    }
  }
}
