package io.arrowraft.client.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.client.error.ArrowraftException;
import io.arrowraft.client.error.ErrorCode;
import io.arrowraft.client.fake.FakeCluster;
import io.arrowraft.client.fake.VirtualWorld;
import io.arrowraft.client.region.KeySpace;
import io.arrowraft.client.table.TableDefinition.ColumnDefinition;
import io.arrowraft.client.table.TableDefinition.IndexDefinition;
import io.arrowraft.client.table.change.SchemaJob;
import io.arrowraft.client.table.schema.MetaKeys;
import io.arrowraft.client.table.schema.SchemaLease;
import io.arrowraft.client.txn.Snapshot;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.table.DataType;
import io.arrowraft.table.KeyRange;
import io.arrowraft.table.TableKeys;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.LongStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** A cluster with a table of people, whose definition tests change. */
final class ChangingTables {
  static final String PEOPLE = "shop.people";
  static final IndexDefinition BY_MAIL = new IndexDefinition("by_mail", true, List.of("mail"));
  static final IndexDefinition BY_CITY = new IndexDefinition("by_city", false, List.of("city"));
  static final ColumnDefinition AGE =
      new ColumnDefinition("age", DataType.INTEGER, false, Optional.of(18));

  final VirtualWorld world = new VirtualWorld();
  final FakeCluster cluster = new FakeCluster(world);
  final ArrowraftClient client = cluster.client();
  final Tables tables = client.tables();
  private final TableAudit audit = new TableAudit(world);

  /** The table, with rows 1 to {@code rows}, each with a mail address of its own. */
  TableHandle people(int rows, IndexDefinition... indexes) {
    world.await(
        tables.createTable(
            new TableDefinition(
                io.arrowraft.table.TableName.parse(PEOPLE),
                List.of(
                    new ColumnDefinition("id", DataType.BIGINT, false),
                    new ColumnDefinition("mail", DataType.STRING, true),
                    new ColumnDefinition("city", DataType.STRING, true)),
                List.of("id"),
                List.of(indexes),
                io.arrowraft.table.AutoId.NONE)));
    TableHandle people = world.await(tables.open(PEOPLE));
    List<Row> all =
        LongStream.rangeClosed(1, rows).mapToObj(id -> person(id, "m" + id, "c" + id % 7)).toList();
    if (rows > 0) {
      world.await(people.autoCommit().insertAll(all));
    }
    world.await(client.transactions().idle());
    return people;
  }

  /** Begins a region at each of some rows. */
  void splitAt(TableHandle table, long... ids) {
    for (long id : ids) {
      cluster.splitAt(
          KeySpace.TRANSACTIONAL.regionKey(
              Bytes.wrap(TableKeys.rowKey(table.schema().tableId(), id))));
    }
  }

  static Row person(long id, String mail, String city) {
    return Row.builder().set("id", id).set("mail", mail).set("city", city).build();
  }

  void finish(CompletableFuture<SchemaJob> submitted) {
    world.await(world.await(submitted).done());
  }

  Snapshot snapshot() {
    return world.await(client.snapshot());
  }

  /** As anybody finds it now. */
  TableHandle reopened() {
    return world.await(tables.open(PEOPLE));
  }

  /** Each index holds what the rows say, no more and no less, at one timestamp. */
  void assertIndexesAreRight() {
    Snapshot snapshot = snapshot();
    var schema = world.await(tables.schema(snapshot, io.arrowraft.table.TableName.parse(PEOPLE)));
    for (var index : schema.indexes()) {
      TableAudit.Comparison found = audit.compare(snapshot, schema, index.name());
      assertThat(found.stored()).as(index.name()).isEqualTo(found.due());
    }
  }

  /** Nothing is stored there any more once garbage collection has come by. */
  void assertEmpty(KeyRange range) {
    collectGarbage();
    assertThat(audit.all(snapshot(), range)).isEmpty();
  }

  /** Keys that are stored there, whatever definitions say. */
  int stored(KeyRange range) {
    return audit.all(snapshot(), range).size();
  }

  static KeyRange keysOf(long tableId) {
    return KeyRange.prefix(TableKeys.tablePrefix(tableId));
  }

  /**
   * No change is under way and, once garbage collection has come by, nothing is left to reclaim.
   */
  void assertNothingIsLeft() {
    assertThat(world.await(tables.changes().active())).isEmpty();
    Bytes parts = MetaKeys.fillParts();
    assertThat(world.await(snapshot().scan(parts, MetaKeys.endOf(parts), 9)).pairs()).isEmpty();
    collectGarbage();
    assertThat(world.await(tables.changes().reclaims())).isEmpty();
  }

  /** Garbage collection passes all that has happened, and somebody looks at what was dropped. */
  void collectGarbage() {
    world.await(tables.changes().resume());
    world.advance(SchemaLease.LENGTH.plusMillis(10));
    cluster.passSafePoint(world.await(client.timestamp()));
    world.await(tables.changes().resume());
  }

  static void assertFails(ThrowingCallable call, ErrorCode code, String... mentioned) {
    assertThatThrownBy(call)
        .isInstanceOf(ArrowraftException.class)
        .satisfies(
            failure -> {
              assertThat(((ArrowraftException) failure).code()).isEqualTo(code);
              for (String each : mentioned) {
                assertThat(failure.getMessage()).contains(each);
              }
            });
  }
}
