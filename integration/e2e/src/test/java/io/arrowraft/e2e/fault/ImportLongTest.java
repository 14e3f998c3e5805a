package io.arrowraft.e2e.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.client.table.IndexHandle;
import io.arrowraft.client.table.IndexRange;
import io.arrowraft.client.table.Row;
import io.arrowraft.client.table.RowPage;
import io.arrowraft.client.table.TableHandle;
import io.arrowraft.client.txn.Snapshot;
import io.arrowraft.e2e.Bounded;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.table.IndexSchema;
import io.arrowraft.table.KeyRange;
import io.arrowraft.table.TableKeys;
import java.nio.file.Path;
import java.time.Duration;
import java.util.BitSet;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A bulk import while those who take part in it are killed. */
@Tag("long")
class ImportLongTest {
  private static final int PAGE = 5_000;
  private static final Duration BOUND = Duration.ofMinutes(2);

  @TempDir private Path data;

  @Test
  void eachRowIsThereOnceWhoeverIsKilledWhileItIsImported() throws Exception {
    FaultCluster.Options options = FaultCluster.Options.of(Optional.empty(), 3);
    try (FaultSession session = FaultSession.of(FaultCluster.start(data, 3, options))) {
      FaultCluster cluster = session.cluster();
      ArrowraftClient client = session.client();
      TableHandle table =
          client
              .tables()
              .handle(client.await(client.tables().createTable(ImportLoader.definition())));
      try (LoaderProcess first = LoaderProcess.start(cluster.pdAddress(), false)) {
        first.awaitRows(1);
        for (ServerNode store : cluster.stores()) {
          restart(store, first);
        }
        restart(cluster.pd(), first);
        first.awaitRows(ImportLoader.ROWS / 2);
        first.kill();
        System.out.printf("the loader was killed at %s%n", first);
      }
      try (LoaderProcess second = LoaderProcess.start(cluster.pdAddress(), true)) {
        second.awaitRows(1);
        restart(cluster.stores().get(0), second);
        restart(cluster.pd(), second);
        assertThat(second.awaitDone()).isEqualTo(ImportLoader.ROWS);
      }

      Snapshot snapshot = client.await(client.snapshot());
      assertAllOnce(client, from -> rows(table, snapshot, from));
      for (IndexSchema index : table.schema().indexes()) {
        IndexHandle handle = table.index(index.name());
        assertAllOnce(client, from -> entries(handle, snapshot, from));
        assertThat(pairs(client, snapshot, table, index)).isEqualTo(ImportLoader.ROWS);
      }
      Bounded.awaitNo("equal replicas", BOUND, session.inspector()::differingReplicas);
    }
  }

  private static void restart(ServerNode victim, LoaderProcess loader) {
    long before = loader.rows();
    victim.kill();
    victim.start().awaitReady();
    long after = loader.rows();
    loader.awaitRows(after + 1);
    System.out.printf(
        "%s was killed at %d rows, served again at %d, and the import went on%n",
        victim.name(), before, after);
  }

  private static CompletableFuture<RowPage> rows(
      TableHandle table, Snapshot snapshot, Optional<Bytes> from) {
    return from.isPresent() ? table.scan(snapshot, from.get(), PAGE) : table.scan(snapshot, PAGE);
  }

  private static CompletableFuture<RowPage> entries(
      IndexHandle index, Snapshot snapshot, Optional<Bytes> from) {
    return from.isPresent()
        ? index.scan(snapshot, IndexRange.all(), from.get(), PAGE)
        : index.scan(snapshot, IndexRange.all(), PAGE);
  }

  private static void assertAllOnce(
      ArrowraftClient client, Function<Optional<Bytes>, CompletableFuture<RowPage>> pages) {
    BitSet seen = new BitSet();
    Optional<Bytes> from = Optional.empty();
    do {
      RowPage page = client.await(pages.apply(from), BOUND);
      page.rows().forEach(stored -> assertNew(stored.row(), seen));
      from = page.continuation();
    } while (from.isPresent());
    assertThat(seen.cardinality()).isEqualTo((int) ImportLoader.ROWS);
    assertThat(seen.length()).isEqualTo((int) ImportLoader.ROWS);
  }

  private static void assertNew(Row row, BitSet seen) {
    int id = ((Number) row.get("id")).intValue();
    assertThat(seen.get(id)).as("the row %d was there before", id).isFalse();
    seen.set(id);
    assertThat(row.get("code").toString()).isEqualTo(ImportLoader.code(id));
    assertThat(row.get("group")).isEqualTo(ImportLoader.group(id));
    assertThat(row.get("text").toString()).isEqualTo(ImportLoader.text(id));
  }

  /** Entries as stored, whether or not they lead to a row. */
  private static long pairs(
      ArrowraftClient client, Snapshot snapshot, TableHandle table, IndexSchema index) {
    KeyRange range = TableKeys.indexRange(table.schema().tableId(), index.id());
    Bytes end = Bytes.wrap(range.end().toByteArray());
    long count = 0;
    Optional<Bytes> from = Optional.of(Bytes.wrap(range.start().toByteArray()));
    while (from.isPresent()) {
      var page = client.await(snapshot.scan(from.get(), end, PAGE), BOUND);
      count += page.pairs().size();
      from = page.continuation();
    }
    return count;
  }
}
