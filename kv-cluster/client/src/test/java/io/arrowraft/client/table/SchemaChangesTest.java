package io.arrowraft.client.table;

import static io.arrowraft.client.table.ChangingTables.AGE;
import static io.arrowraft.client.table.ChangingTables.BY_CITY;
import static io.arrowraft.client.table.ChangingTables.BY_MAIL;
import static io.arrowraft.client.table.ChangingTables.PEOPLE;
import static io.arrowraft.client.table.ChangingTables.assertFails;
import static io.arrowraft.client.table.ChangingTables.keysOf;
import static io.arrowraft.client.table.ChangingTables.person;
import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.client.error.ErrorCode;
import io.arrowraft.client.table.TableDefinition.ColumnDefinition;
import io.arrowraft.client.table.change.JobProgress;
import io.arrowraft.client.table.change.SchemaJob;
import io.arrowraft.table.DataType;
import io.arrowraft.table.SchemaState;
import io.arrowraft.table.TableKeys;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class SchemaChangesTest {
  private final ChangingTables fixture = new ChangingTables();
  private final Tables tables = fixture.tables;

  @Test
  void anIndexIsBuiltFromTheRowsThatAreThere() {
    TableHandle people = fixture.people(700);
    SchemaJob job = fixture.world.await(tables.addIndex(PEOPLE, BY_MAIL));
    List<SchemaState> states = new ArrayList<>();
    while (!job.done().isDone()) {
      SchemaState state = fixture.world.await(job.progress()).state();
      if (states.isEmpty() || states.get(states.size() - 1) != state) {
        states.add(state);
      }
      fixture.world.advance(Duration.ofMillis(5));
    }
    fixture.world.await(job.done());
    assertThat(states)
        .containsSubsequence(
            SchemaState.DELETE_ONLY,
            SchemaState.WRITE_ONLY,
            SchemaState.BACKFILL,
            SchemaState.PUBLIC);
    JobProgress progress = fixture.world.await(job.progress());
    assertThat(progress.phase()).isEqualTo("DONE");
    assertThat(progress.rowsDone()).isEqualTo(700);
    assertThat(progress.schemaVersion()).isEqualTo(5);
    assertThat(fixture.world.await(people.index("by_mail").get(fixture.snapshot(), "m33")))
        .map(row -> row.getLong("id"))
        .contains(33L);
    assertFails(
        () -> fixture.world.await(people.autoCommit().upsert(person(9_999, "m33", "x"))),
        ErrorCode.KEY_EXISTS,
        "by_mail");
    fixture.assertIndexesAreRight();
    fixture.assertNothingIsLeft();
  }

  @Test
  void anIndexThatCannotBeUniqueIsTakenBack() {
    TableHandle people = fixture.people(200);
    fixture.world.await(people.autoCommit().upsert(person(150, "m20", "x")));
    assertFails(
        () -> fixture.finish(tables.addIndex(PEOPLE, BY_MAIL)),
        ErrorCode.SCHEMA_CHANGE_FAILED,
        "primary key (20)",
        "primary key (150)",
        "m20");
    TableHandle now = fixture.reopened();
    assertThat(now.schema().indexes()).isEmpty();
    fixture.assertEmpty(TableKeys.indexRange(now.schema().tableId(), 1));
    fixture.assertNothingIsLeft();
    fixture.world.await(now.autoCommit().delete(150L));
    fixture.finish(tables.addIndex(PEOPLE, BY_MAIL));
    assertThat(fixture.reopened().schema().index("by_mail").orElseThrow().id()).isEqualTo(2);
    fixture.assertIndexesAreRight();
  }

  @Test
  void aCancelledIndexLeavesNothing() {
    TableHandle people = fixture.people(100);
    SchemaJob job = fixture.world.await(tables.addIndex(PEOPLE, BY_CITY));
    while (fixture.world.await(job.progress()).state() != SchemaState.WRITE_ONLY) {
      fixture.world.advance(Duration.ofMillis(20));
    }
    fixture.world.await(people.autoCommit().upsert(person(101, "x", "y")));
    fixture.world.await(job.cancel());
    assertFails(() -> fixture.world.await(job.done()), ErrorCode.SCHEMA_CHANGE_FAILED, "cancelled");
    assertThat(fixture.reopened().schema().indexes()).isEmpty();
    fixture.assertEmpty(TableKeys.indexRange(people.schema().tableId(), 1));
    fixture.assertNothingIsLeft();
    assertFails(
        () -> fixture.world.await(job.cancel()), ErrorCode.UNKNOWN_SCHEMA_CHANGE, "" + job.id());
  }

  @Test
  void aDroppedIndexLeavesNothing() {
    TableHandle people = fixture.people(100, BY_MAIL, BY_CITY);
    fixture.finish(tables.dropIndex(PEOPLE, "by_mail"));
    assertFails(
        () -> fixture.world.await(people.index("by_mail").get(fixture.snapshot(), "m1")),
        ErrorCode.UNKNOWN_INDEX,
        "by_mail");
    fixture.assertEmpty(TableKeys.indexRange(people.schema().tableId(), 1));
    fixture.assertIndexesAreRight();
    fixture.world.await(people.autoCommit().upsert(person(500, "m1", "c")));
    fixture.assertIndexesAreRight();
    fixture.assertNothingIsLeft();
  }

  @Test
  void anAddedColumnHasItsDefaultInOldRows() {
    TableHandle people = fixture.people(3);
    fixture.finish(tables.addColumn(PEOPLE, AGE));
    fixture.world.await(
        people.autoCommit().insert(Row.builder().set("id", 4L).set("age", 40).build()));
    Row change = Row.builder().set("id", 1L).set("city", "Ulm").build();
    fixture.world.await(people.autoCommit().update(change));
    assertThat(fixture.world.await(people.scan(fixture.snapshot(), 9)).rows())
        .extracting(row -> row.row().getLong("age"))
        .containsExactly(18L, 18L, 18L, 40L);
    fixture.assertNothingIsLeft();
  }

  @Test
  void aDroppedColumnIsGoneAndItsNameFree() {
    TableHandle people = fixture.people(3);
    fixture.finish(tables.dropColumn(PEOPLE, "city"));
    assertFails(
        () -> fixture.world.await(people.autoCommit().insert(person(9, "x", "y"))),
        ErrorCode.UNKNOWN_COLUMN,
        "city");
    assertThat(fixture.world.await(people.get(fixture.snapshot(), 1L)).orElseThrow().columns())
        .containsExactly("id", "mail");
    fixture.finish(tables.addColumn(PEOPLE, new ColumnDefinition("city", DataType.INTEGER, true)));
    Row found = fixture.world.await(people.get(fixture.snapshot(), 1L)).orElseThrow();
    assertThat(found.isNull("city")).isTrue();
  }

  @Test
  void aRenamedColumnKeepsItsValues() {
    TableHandle people = fixture.people(3);
    fixture.finish(tables.renameColumn(PEOPLE, "mail", "address"));
    Row found = fixture.world.await(people.get(fixture.snapshot(), 2L)).orElseThrow();
    assertThat(found.getString("address")).isEqualTo("m2");
    assertThat(found.has("mail")).isFalse();
  }

  @Test
  void aTruncatedTableBeginsAnew() {
    TableHandle people = fixture.people(300, BY_MAIL);
    long before = people.schema().tableId();
    fixture.finish(tables.truncate(PEOPLE));
    assertThat(fixture.world.await(people.scan(fixture.snapshot(), 9)).rows()).isEmpty();
    assertThat(people.schema().tableId()).isNotEqualTo(before);
    fixture.assertEmpty(keysOf(before));
    fixture.world.await(people.autoCommit().insert(person(1, "m1", "c1")));
    assertThat(fixture.world.await(people.index("by_mail").get(fixture.snapshot(), "m1")))
        .isPresent();
    fixture.assertIndexesAreRight();
    fixture.assertNothingIsLeft();
  }

  @Test
  void writersWaitWhileATableIsEmptied() {
    TableHandle people = fixture.people(3);
    SchemaJob job = fixture.world.await(tables.truncate(PEOPLE));
    while (fixture.world.await(job.progress()).state() != SchemaState.DELETE_ONLY) {
      fixture.world.advance(Duration.ofMillis(5));
    }
    TableHandle elsewhere = fixture.world.await(fixture.cluster.client().tables().open(PEOPLE));
    fixture.world.await(elsewhere.autoCommit().insert(person(7, "m7", "c7")));
    fixture.world.await(job.done());
    assertThat(fixture.world.await(people.scan(fixture.snapshot(), 9)).rows())
        .extracting(row -> row.row().getLong("id"))
        .containsExactly(7L);
  }

  @Test
  void changesOfOneTableFollowEachOther() {
    fixture.people(50);
    List<CompletableFuture<Void>> done = new ArrayList<>();
    done.add(fixture.world.await(tables.addIndex(PEOPLE, BY_MAIL)).done());
    Tables elsewhere = fixture.cluster.client().tables();
    done.add(fixture.world.await(elsewhere.addIndex(PEOPLE, BY_CITY)).done());
    done.add(fixture.world.await(tables.addColumn(PEOPLE, AGE)).done());
    done.forEach(fixture.world::await);
    assertThat(fixture.reopened().schema().schemaVersion()).isEqualTo(1 + 4 + 4 + 3);
    fixture.assertIndexesAreRight();
    fixture.assertNothingIsLeft();
  }

  @Test
  void whatCannotBeIsRefusedAtOnce() {
    fixture.people(3, BY_MAIL);
    assertFails(
        () -> fixture.world.await(tables.addIndex(PEOPLE, BY_MAIL)),
        ErrorCode.INVALID_SCHEMA,
        "by_mail");
    assertFails(
        () -> fixture.world.await(tables.dropColumn(PEOPLE, "mail")),
        ErrorCode.INVALID_SCHEMA,
        "by_mail");
    assertFails(
        () -> fixture.world.await(tables.dropIndex(PEOPLE, "none")),
        ErrorCode.INVALID_SCHEMA,
        "none");
    assertFails(
        () ->
            fixture.world.await(
                tables.addColumn(PEOPLE, new ColumnDefinition("c", DataType.DATE, false))),
        ErrorCode.INVALID_SCHEMA,
        "no default");
    assertFails(
        () -> fixture.world.await(tables.dropIndex("shop.none", "x")), ErrorCode.UNKNOWN_TABLE);
    fixture.assertNothingIsLeft();
  }

  @Test
  void aChangeOfATableThatIsDroppedMeanwhileFails() {
    TableHandle people = fixture.people(100);
    SchemaJob job = fixture.world.await(tables.addIndex(PEOPLE, BY_MAIL));
    fixture.world.advance(Duration.ofSeconds(3));
    fixture.world.await(tables.dropTable(PEOPLE));
    assertFails(() -> fixture.world.await(job.done()), ErrorCode.SCHEMA_CHANGE_FAILED, "dropped");
    fixture.world.await(tables.changes().resume());
    fixture.assertEmpty(keysOf(people.schema().tableId()));
    fixture.assertNothingIsLeft();
  }
}
