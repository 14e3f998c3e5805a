package io.arrowraft.coprocessor.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arrowraft.client.error.RoutingException;
import io.arrowraft.coprocessor.plan.AggregateCall;
import io.arrowraft.coprocessor.plan.PlanNode;
import io.arrowraft.coprocessor.plan.PlanRequest;
import io.arrowraft.coprocessor.plan.ScanColumn;
import io.arrowraft.coprocessor.read.ScriptedStores.Trouble;
import io.arrowraft.pd.client.Timestamp;
import io.arrowraft.table.ColumnSource;
import io.arrowraft.table.DataType;
import io.arrowraft.table.TableKeys;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RegionTableReaderTest {
  static final PlanNode SCAN =
      new PlanNode.TableScan(
          ScriptedStores.TABLE,
          List.of(new ScanColumn(1, DataType.BIGINT, new ColumnSource.Handle(), Optional.empty())),
          false);
  static final PlanNode COUNT =
      new PlanNode.PartialAggregation(SCAN, List.of(), List.of(AggregateCall.countAll()));
  static final List<Long> ALL = LongStream.range(0, ScriptedStores.ROWS).boxed().toList();

  private final BufferAllocator allocator = new RootAllocator();
  private final ScriptedStores stores = new ScriptedStores();

  @AfterEach
  void everyBufferIsFreed() {
    stores.close();
    assertThat(allocator.getAllocatedMemory()).isZero();
    allocator.close();
  }

  private TableReader open(PlanNode plan) {
    return open(plan, ReadLimits.defaults());
  }

  private TableReader open(PlanNode plan, ReadLimits limits) {
    return stores
        .readers(allocator)
        .open(
            new ReadRequest(
                PlanRequest.of(plan),
                List.of(TableKeys.tableRange(ScriptedStores.TABLE)),
                new Timestamp(1000),
                limits));
  }

  static List<Long> drain(TableReader reader) {
    List<Long> values = new ArrayList<>();
    for (Optional<ReadBatch> batch = reader.next(); batch.isPresent(); batch = reader.next()) {
      BigIntVector vector = (BigIntVector) batch.get().vectors().get(0);
      for (int i = 0; i < batch.get().rowCount(); i++) {
        values.add(vector.get(i));
      }
    }
    return values;
  }

  @Test
  void readsRegionsInKeyOrder() {
    stores.splitAt(30);
    stores.splitAt(60);
    try (TableReader reader = open(SCAN)) {
      assertThat(drain(reader)).isEqualTo(ALL);
      assertThat(reader.statistics().regions()).isEqualTo(3);
      assertThat(reader.statistics().rowsScanned()).isEqualTo(100);
      assertThat(reader.statistics().rowsReturned()).isEqualTo(100);
      assertThat(reader.statistics().retries()).isZero();
    }
  }

  @Test
  void goesOnBehindWhatABrokenStreamHadCovered() {
    stores.script.add(new Trouble(4, Trouble.Kind.BROKEN));
    try (TableReader reader = open(SCAN)) {
      assertThat(drain(reader)).isEqualTo(ALL);
      assertThat(reader.statistics().retries()).isEqualTo(1);
      assertThat(stores.requests.get(1).getRanges(0).getStart().toByteArray())
          .isEqualTo(TableKeys.rowKey(ScriptedStores.TABLE, 40));
    }
  }

  @Test
  void followsARegionThatSplitsUnderTheReader() {
    stores.script.add(new Trouble(3, Trouble.Kind.SPLIT));
    try (TableReader reader = open(SCAN)) {
      assertThat(drain(reader)).isEqualTo(ALL);
      assertThat(reader.statistics().regions()).isEqualTo(2);
    }
  }

  @Test
  void resolvesLocksAndReadsAtTheSameTimestamp() {
    stores.script.add(new Trouble(5, Trouble.Kind.LOCKED));
    try (TableReader reader = open(SCAN)) {
      assertThat(drain(reader)).isEqualTo(ALL);
    }
    assertThat(stores.requests).hasSize(2).allMatch(request -> request.getStartTs() == 1000);
  }

  @Test
  void aggregateOfAFailedAttemptCountsNothing() {
    // The attempt breaks after it has sent its batch, before it could say that it is complete.
    stores.script.add(new Trouble(1, Trouble.Kind.BROKEN));
    stores.script.add(new Trouble(1, Trouble.Kind.LOCKED));
    stores.script.add(new Trouble(1, Trouble.Kind.SPLIT));
    try (TableReader reader = open(COUNT)) {
      assertThat(drain(reader)).containsExactly(55L, 45L);
    }
  }

  @Test
  void refusedPlansFailWithTheStoresWords() {
    stores.script.add(new Trouble(0, Trouble.Kind.REFUSED));
    try (TableReader reader = open(SCAN)) {
      assertThatThrownBy(reader::next)
          .isInstanceOf(ReadFailedException.class)
          .hasMessage("no such column");
    }
  }

  @Test
  void silentStoresAreATimeout() {
    stores.script.add(new Trouble(1, Trouble.Kind.SILENT));
    try (TableReader reader =
        open(SCAN, ReadLimits.defaults().withTimeout(Duration.ofMillis(50)))) {
      assertThat(reader.next()).isPresent();
      assertThatThrownBy(reader::next)
          .isInstanceOfSatisfying(
              ReadFailedException.class,
              failure -> assertThat(failure.code()).isEqualTo(ReadFailedException.Code.TIMED_OUT));
    }
  }

  @Test
  void storesThatStayAwayAreAClearError() {
    for (int i = 0; i < 1_000; i++) {
      stores.script.add(new Trouble(0, Trouble.Kind.BROKEN));
    }
    try (TableReader reader =
        open(SCAN, ReadLimits.defaults().withTimeout(Duration.ofMillis(200)))) {
      assertThatThrownBy(reader::next)
          .isInstanceOf(RoutingException.class)
          .hasMessageContaining("the store is gone");
    }
  }

  @Test
  void closingEarlyFreesWhatIsUnderWay() {
    stores.splitAt(50);
    TableReader reader = open(SCAN);
    assertThat(reader.next()).isPresent();
    reader.close();
    reader.close();
    assertThatThrownBy(reader::next).hasMessageContaining("closed");
  }
}
