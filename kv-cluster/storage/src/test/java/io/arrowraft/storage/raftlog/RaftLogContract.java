package io.arrowraft.storage.raftlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arrowraft.raft.GroupLogState;
import io.arrowraft.raft.LogWrite;
import io.arrowraft.raft.core.Entry;
import io.arrowraft.raft.core.EntryType;
import io.arrowraft.raft.core.HardState;
import io.arrowraft.runtime.EventLoop;
import io.arrowraft.runtime.Timer;
import io.arrowraft.storage.engine.ColumnFamily;
import io.arrowraft.storage.engine.CorruptDataException;
import io.arrowraft.storage.engine.Engine;
import io.arrowraft.storage.engine.EngineException;
import io.arrowraft.storage.engine.WriteBatch;
import io.arrowraft.storage.memory.FaultyEngine;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the log keeps on every engine. */
abstract class RaftLogContract {
  private static final long GROUP = 7;
  private static final long NEIGHBOUR = 8;

  private final ManualLoop writer = new ManualLoop();
  private final List<Throwable> faults = new ArrayList<>();
  private final List<String> durable = new ArrayList<>();
  private Engine engine;
  private RaftLogEngine log;

  abstract Engine openEngine();

  /** Closes the engine and opens what a restart finds. */
  abstract Engine reopen(Engine open);

  @BeforeEach
  void open() {
    engine = openEngine();
    log = new RaftLogEngine(engine, writer, (component, cause) -> faults.add(cause));
  }

  @AfterEach
  void close() {
    engine.close();
  }

  private void restart() {
    log.close();
    engine = reopen(engine);
    log = new RaftLogEngine(engine, writer, (component, cause) -> faults.add(cause));
  }

  private static Entry entry(long term, long index, int bytes) {
    return new Entry(term, index, EntryType.NORMAL, new byte[bytes]);
  }

  private static GroupLogState state(long term, long commit, long truncated, long last) {
    return new GroupLogState(new HardState(term, 3, commit), truncated, 5, last);
  }

  private void append(long group, GroupLogState state, Entry... entries) {
    log.submit(
        new LogWrite(
            group, state, List.of(entries), 0, 0, false, true, () -> durable.add("g" + group)));
  }

  @Test
  void whatWasReportedDurableSurvivesARestart() {
    GroupLogState state = state(6, 6, 5, 7);
    Entry membership = new Entry(6, 7, EntryType.MEMBERSHIP, new byte[] {1, 2});
    append(GROUP, state, entry(6, 6, 0), membership);
    assertThat(durable).isEmpty();
    writer.runAll();
    assertThat(durable).containsExactly("g7");
    restart();
    assertThat(log.load(GROUP)).contains(state);
    assertThat(log.entries(GROUP, 6, 8, Long.MAX_VALUE))
        .containsExactly(entry(6, 6, 0), membership);
    assertThat(log.load(NEIGHBOUR)).isEmpty();
  }

  @Test
  void groupsThatWaitTogetherShareOneSync() {
    for (long group = 1; group <= 100; group++) {
      append(group, state(6, 5, 5, 6), entry(6, 6, 10));
    }
    writer.runAll();
    assertThat(durable).hasSize(100);
    assertThat(log.syncs()).isEqualTo(1);
    assertThat(log.groups()).hasSize(100).startsWith(1L, 2L).endsWith(100L);
  }

  @Test
  void batchInWhichNobodyAsksIsNotSynced() {
    log.submit(new LogWrite(GROUP, state(6, 5, 5, 5), List.of(), 0, 0, false, false, () -> {}));
    writer.runAll();
    assertThat(log.syncs()).isZero();
    assertThat(log.batches()).isEqualTo(1);
    assertThat(log.load(GROUP)).contains(state(6, 5, 5, 5));
  }

  @Test
  void laterWritesReplaceEntries() {
    append(GROUP, state(6, 5, 5, 8), entry(6, 6, 1), entry(6, 7, 1), entry(6, 8, 1));
    append(GROUP, state(7, 5, 5, 7), entry(7, 7, 2));
    writer.runAll();
    assertThat(log.load(GROUP).orElseThrow().lastIndex()).isEqualTo(7);
    assertThat(log.entries(GROUP, 6, 8, Long.MAX_VALUE))
        .containsExactly(entry(6, 6, 1), entry(7, 7, 2));
  }

  @Test
  void readIsCutAtItsLimitButNeverEmpty() {
    append(GROUP, state(6, 5, 5, 8), entry(6, 6, 100), entry(6, 7, 100), entry(6, 8, 100));
    writer.runAll();
    assertThat(log.entries(GROUP, 6, 9, 1)).containsExactly(entry(6, 6, 100));
    assertThat(log.entries(GROUP, 6, 9, 250)).hasSize(2);
  }

  @Test
  void compactionDeletesTheRangeAndNothingElse() {
    append(GROUP, state(6, 5, 5, 7), entry(6, 6, 1), entry(6, 7, 1));
    append(NEIGHBOUR, state(6, 5, 5, 6), entry(6, 6, 1));
    log.submit(new LogWrite(GROUP, state(6, 7, 6, 7), List.of(), 6, 7, false, false, () -> {}));
    writer.runAll();
    assertThat(log.entries(GROUP, 7, 8, 1)).hasSize(1);
    assertThatThrownBy(() -> log.entries(GROUP, 6, 7, 1)).hasMessageContaining("missing");
    assertThat(log.entries(NEIGHBOUR, 6, 7, 1)).hasSize(1);
  }

  @Test
  void snapshotReplacesTheWholeLogBeforeNewEntriesArePut() {
    append(GROUP, state(6, 5, 5, 7), entry(6, 6, 1), entry(6, 7, 1));
    log.submit(
        new LogWrite(
            GROUP,
            state(9, 50, 50, 51),
            List.of(entry(9, 51, 1)),
            0,
            Long.MAX_VALUE,
            false,
            true,
            () -> {}));
    writer.runAll();
    assertThat(log.entries(GROUP, 51, 52, 1)).containsExactly(entry(9, 51, 1));
    assertThatThrownBy(() -> log.entries(GROUP, 7, 8, 1)).hasMessageContaining("missing");
  }

  @Test
  void destroyedGroupLeavesNothing() {
    append(GROUP, state(6, 5, 5, 6), entry(6, 6, 1));
    append(NEIGHBOUR, state(6, 5, 5, 6), entry(6, 6, 1));
    log.submit(
        new LogWrite(
            GROUP, GroupLogState.EMPTY, List.of(), 0, 0, true, true, () -> durable.add("gone")));
    writer.runAll();
    assertThat(durable).endsWith("gone");
    assertThat(log.groups()).containsExactly(NEIGHBOUR);
    assertThat(log.entries(NEIGHBOUR, 6, 7, 1)).hasSize(1);
  }

  @Test
  void groupIdsMayBeAnyNumber() {
    for (long group : new long[] {0, 1, Long.MAX_VALUE, Long.MIN_VALUE, -1}) {
      append(group, state(6, 5, 5, 6), entry(6, 6, 1));
    }
    writer.runAll();
    assertThat(log.groups()).containsExactly(0L, 1L, Long.MAX_VALUE, Long.MIN_VALUE, -1L);
  }

  @Test
  void damagedAndMisplacedRecordsAreNoticed() {
    append(GROUP, state(6, 5, 5, 6), entry(6, 6, 40));
    writer.runAll();
    byte[] key = RaftLogFormat.entryKey(GROUP, 6);
    byte[] good = engine.get(ColumnFamily.RAFT, key);
    for (int i = 0; i < good.length; i++) {
      byte[] bad = good.clone();
      bad[i] ^= 4;
      engine.write(new WriteBatch().put(ColumnFamily.RAFT, key, bad), false);
      assertThatThrownBy(() -> log.entries(GROUP, 6, 7, 1))
          .isInstanceOfSatisfying(
              EngineException.class,
              e -> assertThat(e.kind()).isEqualTo(EngineException.Kind.CORRUPTION));
    }
    engine.write(
        new WriteBatch().put(ColumnFamily.RAFT, RaftLogFormat.entryKey(GROUP, 7), good), false);
    assertThatThrownBy(() -> log.entries(GROUP, 7, 8, 1)).hasMessageContaining("checksum");
  }

  @Test
  void failedWriteStopsTheNodeAndIsNotReportedDurable() {
    engine.close();
    append(GROUP, state(6, 5, 5, 6), entry(6, 6, 1));
    append(GROUP, state(6, 5, 5, 7), entry(6, 7, 1));
    writer.runAll();
    assertThat(faults).hasSize(1);
    assertThat(durable).isEmpty();
    engine = reopen(engine);
  }

  @Test
  void nothingIsReportedDurableAfterAFailedSync() {
    FaultyEngine faulty = new FaultyEngine(engine);
    log = new RaftLogEngine(faulty, writer, (component, cause) -> faults.add(cause));
    append(GROUP, state(6, 5, 5, 6), entry(6, 6, 1));
    writer.runAll();
    faulty.failSyncs(EngineException.Kind.IO);
    append(GROUP, state(6, 5, 5, 7), entry(6, 7, 1));
    writer.runAll();
    append(NEIGHBOUR, state(6, 5, 5, 6), entry(6, 6, 1));
    writer.runAll();
    assertThat(durable).containsExactly("g7");
    assertThat(faults).hasSize(1);
    assertThat(((EngineException) faults.get(0)).kind()).isEqualTo(EngineException.Kind.IO);
  }

  @Test
  void manyBytesAreWrittenInSeveralBatches() {
    for (int i = 6; i < 12; i++) {
      append(GROUP, state(6, 5, 5, i), entry(6, i, 7 << 20));
    }
    writer.runAll();
    assertThat(durable).hasSize(6);
    assertThat(log.batches()).isEqualTo(2);
    assertThat(log.load(GROUP)).contains(state(6, 5, 5, 11));
  }

  @Test
  void damageNamesTheGroup() {
    append(GROUP, state(6, 5, 5, 6), entry(6, 6, 40));
    writer.runAll();
    engine.write(
        new WriteBatch()
            .put(ColumnFamily.RAFT, RaftLogFormat.stateKey(GROUP), new byte[] {1, 2, 3}),
        false);
    assertThatThrownBy(() -> log.load(GROUP))
        .isInstanceOfSatisfying(
            CorruptDataException.class, e -> assertThat(e.group()).hasValue(GROUP));
  }

  @Test
  void whatTheEngineCannotReadOfAGroupNamesItToo() {
    FaultyEngine faulty = new FaultyEngine(engine);
    RaftLogEngine unreadable =
        new RaftLogEngine(faulty, writer, (component, cause) -> faults.add(cause));
    append(GROUP, state(6, 5, 5, 6), entry(6, 6, 40));
    writer.runAll();
    faulty.damage(
        ColumnFamily.RAFT, RaftLogFormat.groupStart(GROUP), RaftLogFormat.groupEnd(GROUP));

    assertThatThrownBy(() -> unreadable.load(GROUP))
        .isInstanceOfSatisfying(
            CorruptDataException.class, e -> assertThat(e.group()).hasValue(GROUP));
    assertThatThrownBy(() -> unreadable.entries(GROUP, 6, 7, 100))
        .isInstanceOfSatisfying(
            CorruptDataException.class, e -> assertThat(e.group()).hasValue(GROUP));
  }

  private static final class ManualLoop implements EventLoop {
    private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();

    void runAll() {
      while (!tasks.isEmpty()) {
        tasks.removeFirst().run();
      }
    }

    @Override
    public String name() {
      return "manual";
    }

    @Override
    public void execute(Runnable task) {
      tasks.add(task);
    }

    @Override
    public Timer schedule(Duration delay, Runnable task) {
      throw new UnsupportedOperationException("the log waits for nothing but the disk");
    }

    @Override
    public boolean inLoop() {
      return true;
    }
  }
}
