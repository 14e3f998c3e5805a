package io.arrowraft.client.table;

import static io.arrowraft.client.table.ChangingTables.BY_CITY;
import static io.arrowraft.client.table.ChangingTables.BY_MAIL;
import static io.arrowraft.client.table.ChangingTables.PEOPLE;
import static io.arrowraft.client.table.ChangingTables.assertFails;
import static io.arrowraft.client.table.ChangingTables.keysOf;
import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.client.error.ArrowraftException;
import io.arrowraft.client.error.ErrorCode;
import io.arrowraft.client.fake.DyingConnections;
import io.arrowraft.client.fake.FakeCluster;
import io.arrowraft.client.fake.PausedConnections;
import io.arrowraft.client.options.ClientOptions;
import io.arrowraft.client.region.KeySpace;
import io.arrowraft.client.table.change.ReclaimProgress;
import io.arrowraft.client.table.change.Reclaims;
import io.arrowraft.client.table.schema.MetaKeys;
import io.arrowraft.client.txn.Snapshot;
import io.arrowraft.pd.client.Timestamp;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.table.DataType;
import io.arrowraft.table.TableKeys;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** How the space of what was dropped is given back. */
class ReclaimTest {
  private static final int ROWS = 60;

  private final ChangingTables fixture = new ChangingTables();

  private Timestamp now(ChangingTables of) {
    return of.world.await(of.client.timestamp());
  }

  private List<ReclaimProgress> reclaims() {
    return fixture.world.await(fixture.tables.changes().reclaims());
  }

  private void resume() {
    fixture.world.await(fixture.tables.changes().resume());
  }

  /** A region for each two rows, more than are destroyed without a note of it. */
  private static TableHandle spread(ChangingTables fixture) {
    TableHandle people = fixture.people(ROWS, BY_MAIL);
    fixture.splitAt(people, LongStream.range(1, ROWS / 2).map(half -> 2 * half).toArray());
    return people;
  }

  private static TableHandle neighbour(ChangingTables fixture) {
    fixture.world.await(
        fixture.tables.createTable(
            TableDefinition.named("shop.neighbour")
                .required("id", DataType.BIGINT)
                .primaryKey("id")
                .build()));
    TableHandle neighbour = fixture.world.await(fixture.tables.open("shop.neighbour"));
    fixture.world.await(
        neighbour
            .autoCommit()
            .insertAll(
                List.of(Row.builder().set("id", 1L).build(), Row.builder().set("id", 2L).build())));
    return neighbour;
  }

  @Test
  void snapshotsOfBeforeReadUntilGarbageCollectionHasPassedTheDrop() {
    TableHandle people = spread(fixture);
    TableHandle neighbour = neighbour(fixture);
    long id = people.schema().tableId();
    Snapshot before = fixture.snapshot();
    fixture.world.await(fixture.tables.dropTable(PEOPLE));
    Timestamp dropped = now(fixture);
    resume();
    assertThat(reclaims()).hasSize(1).allMatch(each -> each.next().isEmpty());
    Timestamp waitsFor = reclaims().get(0).waitsFor().orElseThrow();
    assertThat(waitsFor.value()).isGreaterThan(dropped.value());

    fixture.cluster.passSafePoint(waitsFor);
    resume();
    assertThat(fixture.world.await(people.scan(before, 99)).rows()).hasSize(ROWS);
    assertThat(fixture.stored(keysOf(id))).isEqualTo(2 * ROWS);

    fixture.cluster.passSafePoint(Timestamp.of(waitsFor.physicalMillis() + 1, 0));
    resume();
    assertThat(reclaims()).isEmpty();
    assertThat(fixture.stored(keysOf(id))).isZero();
    assertThat(fixture.world.await(neighbour.scan(fixture.snapshot(), 9)).rows()).hasSize(2);
  }

  @Test
  void regionsThatNoKeyFallsIntoAreNoObstacle() {
    TableHandle people = spread(fixture);
    // As raw data may be split: just below where the region of a row begins.
    byte[] encoded =
        KeySpace.TRANSACTIONAL
            .regionKey(Bytes.wrap(TableKeys.rowKey(people.schema().tableId(), ROWS / 2)))
            .toByteArray();
    fixture.cluster.splitAt(Bytes.wrap(Arrays.copyOf(encoded, 2 * 9 + 3)));
    fixture.world.await(fixture.tables.dropTable(PEOPLE));
    fixture.assertEmpty(keysOf(people.schema().tableId()));
    assertThat(reclaims()).isEmpty();
  }

  @Test
  void whoDroppedSomethingLooksByItself() {
    TableHandle people = fixture.people(ROWS, BY_MAIL, BY_CITY);
    fixture.finish(fixture.tables.dropIndex(PEOPLE, "by_city"));
    assertThat(reclaims()).hasSize(1);
    fixture.world.advance(Duration.ofMinutes(2));
    assertThat(reclaims().get(0).waitsFor()).isPresent();

    fixture.cluster.passSafePoint(now(fixture));
    fixture.world.advance(Duration.ofSeconds(90));

    assertThat(reclaims()).isEmpty();
    assertThat(fixture.stored(TableKeys.indexRange(people.schema().tableId(), 2))).isZero();
    fixture.assertIndexesAreRight();
  }

  @Test
  void whatADeadClientHasDroppedIsFoundByOthersThatUseTables() {
    TableHandle people = fixture.people(ROWS);
    DyingConnections connections = fixture.cluster.connections();
    ArrowraftClient owner =
        fixture.cluster.client(connections, ClientOptions.of(FakeCluster.PD_ADDRESS));
    fixture.world.await(owner.tables().dropTable(PEOPLE));
    connections.dieAfterCalls(1);
    fixture.world.advance(Duration.ofMinutes(15));
    fixture.cluster.passSafePoint(now(fixture));

    fixture.world.advance(Duration.ofMinutes(15));

    assertThat(reclaims()).isEmpty();
    assertThat(fixture.stored(keysOf(people.schema().tableId()))).isZero();
  }

  @Test
  void aCrashAtAnyRequestIsGoneOnFrom() {
    boolean survived = false;
    int begun = 0;
    for (int calls = 1; !survived; calls++) {
      ChangingTables world = new ChangingTables();
      TableHandle people = spread(world);
      TableHandle neighbour = neighbour(world);
      world.world.await(world.tables.dropTable(PEOPLE));
      world.world.await(world.tables.changes().resume());
      world.world.advance(Duration.ofSeconds(5));
      world.cluster.passSafePoint(now(world));
      DyingConnections connections = world.cluster.connections();
      Tables owner =
          world.cluster.client(connections, ClientOptions.of(FakeCluster.PD_ADDRESS)).tables();
      connections.dieAfterCalls(calls);
      try {
        world.world.await(owner.changes().resume());
      } catch (ArrowraftException died) {
        assertThat(died).hasMessageNotContaining("NullPointer");
      }
      survived = !connections.isDead();
      List<ReclaimProgress> left = world.world.await(world.tables.changes().reclaims());
      begun += left.isEmpty() || left.get(0).next().isEmpty() ? 0 : 1;

      world.world.advance(Duration.ofSeconds(61));
      world.world.await(world.tables.changes().resume());

      assertThat(world.world.await(world.tables.changes().reclaims())).isEmpty();
      assertThat(world.stored(keysOf(people.schema().tableId()))).isZero();
      assertThat(world.world.await(neighbour.scan(world.snapshot(), 9)).rows()).hasSize(2);
    }
    assertThat(begun).as("how far it was had been noted").isGreaterThan(10);
  }

  @Test
  void whileOneIsAtItOthersLeaveItAloneAndTakeOverWhenItStandsStill() {
    TableHandle people = spread(fixture);
    fixture.world.await(fixture.tables.dropTable(PEOPLE));
    resume();
    fixture.world.advance(Duration.ofSeconds(5));
    fixture.cluster.passSafePoint(now(fixture));
    PausedConnections connections = fixture.cluster.pausing();
    ArrowraftClient slow =
        fixture.cluster.client(connections, ClientOptions.of(FakeCluster.PD_ADDRESS));
    connections.pauseAt("KvDeleteRange");
    CompletableFuture<Void> resumed = slow.tables().changes().resume();
    fixture.world.advance(Duration.ofSeconds(1));
    assertThat(connections.isPaused()).isTrue();

    resume();
    assertThat(reclaims()).hasSize(1);
    fixture.world.advance(Duration.ofSeconds(61));
    resume();
    assertThat(reclaims()).isEmpty();
    connections.goOn();
    assertThat(resumed.handle((done, late) -> true)).isNotNull();
    fixture.world.advance(Duration.ofSeconds(30));
    assertThat(fixture.stored(keysOf(people.schema().tableId()))).isZero();
  }

  @Test
  void keysOfATableThatIsInUseAreNotDestroyed() {
    TableHandle people = fixture.people(ROWS, BY_MAIL);
    long id = people.schema().tableId();
    Reclaims reclaims = new Reclaims(fixture.client.transactions());
    for (var keys : List.of(keysOf(id), TableKeys.indexRange(id, 1))) {
      fixture.world.await(fixture.client.retrying(transaction -> reclaims.note(transaction, keys)));
      resume();
      fixture.world.advance(Duration.ofSeconds(5));
      fixture.cluster.passSafePoint(now(fixture));

      assertFails(this::resume, ErrorCode.CORRUPT_DATA, PEOPLE, "not destroyed");

      long wrong = reclaims().get(0).id();
      fixture.world.await(
          fixture.client.retrying(
              transaction -> {
                transaction.delete(MetaKeys.reclaim(wrong));
                return CompletableFuture.completedFuture(null);
              }));
    }
    assertThat(fixture.stored(keysOf(id))).isEqualTo(2 * ROWS);
    fixture.assertIndexesAreRight();
  }

  @Test
  void recordsOfTheOldFormAreUnderstood() {
    TableHandle people = fixture.people(ROWS);
    byte[] start = TableKeys.tablePrefix(77);
    byte[] end = TableKeys.tablePrefix(78);
    Bytes record =
        Bytes.wrap(
            ByteBuffer.allocate(9 + start.length + end.length)
                .put((byte) 1)
                .putInt(start.length)
                .put(start)
                .putInt(end.length)
                .put(end)
                .array());
    fixture.world.await(
        fixture.client.retrying(
            transaction -> {
              transaction.put(MetaKeys.reclaim(5), record);
              transaction.put(Bytes.wrap(TableKeys.rowKey(77, 1)), Bytes.ofUtf8("left"));
              return CompletableFuture.completedFuture(null);
            }));
    fixture.collectGarbage();

    assertThat(reclaims()).isEmpty();
    assertThat(fixture.stored(keysOf(77))).isZero();
    assertThat(fixture.stored(keysOf(people.schema().tableId()))).isEqualTo(ROWS);
  }
}
