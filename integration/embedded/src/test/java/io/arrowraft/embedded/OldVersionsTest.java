package io.arrowraft.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.client.error.ArrowraftException;
import io.arrowraft.client.error.ErrorCode;
import io.arrowraft.client.options.ClientOptions;
import io.arrowraft.client.region.KeySpace;
import io.arrowraft.client.table.Row;
import io.arrowraft.client.table.TableDefinition;
import io.arrowraft.client.table.TableHandle;
import io.arrowraft.client.txn.SafePointHold;
import io.arrowraft.client.txn.Snapshot;
import io.arrowraft.pd.client.Timestamp;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.table.DataType;
import io.arrowraft.table.TableKeys;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a client sees of garbage collection. */
class OldVersionsTest {
  private static final Bytes KEY = Bytes.ofUtf8("k");

  @TempDir private Path directory;

  @Test
  void readsBehindTheSafePointFailByNameAndNewOnesFindTheirData() {
    try (EmbeddedCluster cluster = EmbeddedCluster.start(EmbeddedOptions.defaults(directory));
        ArrowraftClient client = ArrowraftClient.connect(ClientOptions.of(cluster.pdAddress()))) {
      Timestamp before = null;
      for (int i = 0; i < 5; i++) {
        Bytes value = Bytes.ofUtf8("v" + i);
        client.transact(
            transaction -> {
              transaction.put(KEY, value);
              return null;
            });
        before = i == 0 ? client.await(client.timestamp()) : before;
      }
      Timestamp old = before;
      assertThat(read(client, old)).contains(Bytes.ofUtf8("v0"));
      Timestamp now = client.await(client.timestamp());

      client.await(client.placement().advanceGcSafePoint(now));

      long until = System.nanoTime() + Duration.ofSeconds(60).toNanos();
      while (isServed(client, old)) {
        assertThat(System.nanoTime() - until).isNegative();
        LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
      }
      assertThatThrownBy(() -> read(client, old))
          .isInstanceOfSatisfying(
              ArrowraftException.class,
              failure -> assertThat(failure.code()).isEqualTo(ErrorCode.TIMESTAMP_TOO_OLD))
          .hasMessageContaining(Long.toString(old.value()))
          .hasMessageContaining(Long.toString(now.value()));
      assertThat(read(client, now)).contains(Bytes.ofUtf8("v4"));
      cluster.check();
    }
  }

  @Test
  void aHoldLastsUntilItIsClosed() {
    try (EmbeddedCluster cluster =
            EmbeddedCluster.start(EmbeddedOptions.defaults(directory).withStores(1));
        ArrowraftClient client = ArrowraftClient.connect(ClientOptions.of(cluster.pdAddress()))) {
      Timestamp now = client.await(client.timestamp());
      SafePointHold hold = client.await(client.holdVersions("report", now, Duration.ofMinutes(5)));
      Timestamp later = client.await(client.timestamp());
      SafePointHold other =
          client.await(client.holdVersions("other", later, Duration.ofMinutes(5)));

      assertThat(hold.isLost()).isFalse();
      assertThat(hold.timestamp()).isEqualTo(now);
      hold.close();
      other.close();
    }
  }

  @Test
  void aDroppedTableIsReadByOldSnapshotsUntilItsSpaceIsGivenBack() {
    try (EmbeddedCluster cluster = EmbeddedCluster.start(EmbeddedOptions.defaults(directory));
        ArrowraftClient client = ArrowraftClient.connect(ClientOptions.of(cluster.pdAddress()))) {
      client.await(
          client
              .tables()
              .createTable(
                  TableDefinition.named("shop.gone")
                      .required("id", DataType.BIGINT)
                      .primaryKey("id")
                      .build()));
      TableHandle gone = client.await(client.tables().open("shop.gone"));
      client.await(
          gone.autoCommit()
              .insertAll(
                  LongStream.range(0, 100)
                      .mapToObj(id -> Row.builder().set("id", id).build())
                      .toList()));
      long id = gone.schema().tableId();
      client.await(
          client.split(
              KeySpace.TRANSACTIONAL,
              List.of(Bytes.wrap(TableKeys.rowKey(id, 30)), Bytes.wrap(TableKeys.rowKey(id, 60)))));
      Snapshot before = client.await(client.snapshot());
      client.await(client.tables().dropTable("shop.gone"));
      client.await(client.tables().changes().resume());
      assertThat(client.await(gone.scan(before, 200)).rows()).hasSize(100);

      Timestamp waitsFor =
          client.await(client.tables().changes().reclaims()).get(0).waitsFor().orElseThrow();
      Timestamp after = client.await(client.transactions().after(waitsFor));
      client.await(client.placement().advanceGcSafePoint(after));
      client.await(client.tables().changes().resume());

      assertThat(client.await(client.tables().changes().reclaims())).isEmpty();
      Bytes start = Bytes.wrap(TableKeys.tablePrefix(id));
      assertThat(
              client
                  .await(
                      client
                          .snapshotAt(after)
                          .scan(start, Bytes.wrap(TableKeys.tablePrefix(id + 1)), 10))
                  .pairs())
          .isEmpty();
      // No store has had time to hear of the safe point but by what destroyed the range.
      assertThatThrownBy(() -> client.await(gone.scan(before, 200)))
          .isInstanceOfSatisfying(
              ArrowraftException.class,
              failure -> assertThat(failure.code()).isEqualTo(ErrorCode.TIMESTAMP_TOO_OLD));
      cluster.check();
    }
  }

  private static Optional<Bytes> read(ArrowraftClient client, Timestamp at) {
    return client.await(client.snapshotAt(at).get(KEY));
  }

  private static boolean isServed(ArrowraftClient client, Timestamp at) {
    try {
      read(client, at);
      return true;
    } catch (ArrowraftException refused) {
      return false;
    }
  }
}
