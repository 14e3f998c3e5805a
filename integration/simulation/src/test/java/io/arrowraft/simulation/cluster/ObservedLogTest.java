package io.arrowraft.simulation.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.raft.GroupLogState;
import io.arrowraft.raft.LogWrite;
import io.arrowraft.raft.core.Entry;
import io.arrowraft.raft.core.EntryType;
import io.arrowraft.raft.core.HardState;
import io.arrowraft.runtime.Environment;
import io.arrowraft.simulation.check.ReplicationHistory;
import io.arrowraft.simulation.world.SimulatedWorld;
import io.arrowraft.simulation.world.WorldOptions;
import io.arrowraft.storage.memory.MemoryEngine;
import io.arrowraft.storage.raftlog.RaftLogEngine;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ObservedLogTest {
  private static final long GROUP = 7;
  private static final HardState PROMISES = new HardState(3, 1, 0);

  private final SimulatedWorld world = new SimulatedWorld(1, WorldOptions.calm());
  private final MemoryEngine disk = new MemoryEngine();
  private final ReplicationHistory history = new ReplicationHistory();
  private Optional<ObservedLog.Applied> applied = Optional.empty();
  private ObservedLog log = open("first");

  @Test
  void anEntryIsDurableOnceItIsSynced() {
    write(6);
    assertThat(log.isDurable(GROUP, 6)).isFalse();
    world.runFor(Duration.ofMillis(1));
    assertThat(log.isDurable(GROUP, 6)).isTrue();
    assertThat(log.isDurable(GROUP, 7)).isFalse();
    assertThat(open("second").isDurable(GROUP, 6)).isTrue();
  }

  @Test
  void aSnapshotInTheStateMachineIsDurableWhereTheLogWasCutOffBeforeIt() {
    write(6);
    world.runFor(Duration.ofMillis(1));
    log = open("second");
    assertThat(log.isDurable(GROUP, 13)).isFalse();
    applied = Optional.of(new ObservedLog.Applied(13, 3));
    assertThat(log.isDurable(GROUP, 13)).isTrue();
    assertThat(log.isDurable(GROUP, 14)).isFalse();
  }

  @Test
  void whatIsAppliedByARunningProcessProvesNothingOfItsLog() {
    write(6);
    applied = Optional.of(new ObservedLog.Applied(6, 3));
    assertThat(log.isDurable(GROUP, 6)).isFalse();
  }

  @Test
  void aReplicaThatWasDestroyedIsNotTheOneInItsPlace() {
    log.opened(GROUP, 1);
    assertThat(log.isGone(GROUP, 1)).isFalse();
    log.submit(new LogWrite(GROUP, GroupLogState.EMPTY, List.of(), 0, 0, true, true, () -> {}));
    log.opened(GROUP, 2);
    assertThat(log.isGone(GROUP, 1)).isTrue();
    assertThat(log.isGone(GROUP, 2)).isFalse();
    assertThat(log.isGone(GROUP + 1, 1)).isFalse();
  }

  private void write(long index) {
    log.submit(
        new LogWrite(
            GROUP,
            new GroupLogState(PROMISES, index - 1, 3, index),
            List.of(new Entry(3, index, EntryType.NORMAL, new byte[] {1})),
            0,
            0,
            false,
            true,
            () -> {}));
  }

  private ObservedLog open(String process) {
    Environment environment = world.newNode(process).environment();
    RaftLogEngine store =
        new RaftLogEngine(disk, environment.loops().newLoop("log"), environment.faults());
    return new ObservedLog(store, store, process, "", history, group -> applied, Runnable::run);
  }
}
