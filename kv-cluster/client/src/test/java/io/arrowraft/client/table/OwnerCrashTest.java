package io.arrowraft.client.table;

import static io.arrowraft.client.table.ChangingTables.AGE;
import static io.arrowraft.client.table.ChangingTables.BY_MAIL;
import static io.arrowraft.client.table.ChangingTables.PEOPLE;
import static io.arrowraft.client.table.ChangingTables.keysOf;
import static io.arrowraft.client.table.ChangingTables.person;
import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.client.error.ArrowraftException;
import io.arrowraft.client.fake.DyingConnections;
import io.arrowraft.client.fake.FakeCluster;
import io.arrowraft.client.options.ClientOptions;
import io.arrowraft.client.table.change.SchemaJob;
import io.arrowraft.table.TableKeys;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** The owner of a change dies after any one of its requests; somebody else brings it to its end. */
class OwnerCrashTest {
  @Test
  void ofAnIndexThatIsAdded() {
    everywhere(
        tables -> tables.addIndex(PEOPLE, BY_MAIL),
        (fixture, people) -> {
          assertThat(fixture.reopened().schema().index("by_mail").orElseThrow().state().reads())
              .isTrue();
        });
  }

  @Test
  void ofAnIndexThatCannotBe() {
    everywhere(
        tables ->
            tables.addIndex(
                PEOPLE,
                new TableDefinition.IndexDefinition("by_city", true, java.util.List.of("city"))),
        (fixture, people) -> {
          assertThat(fixture.reopened().schema().index("by_city")).isEmpty();
          fixture.assertEmpty(TableKeys.indexRange(people.schema().tableId(), 2));
        });
  }

  @Test
  void ofAnIndexThatIsDropped() {
    everywhere(
        tables -> tables.dropIndex(PEOPLE, "old"),
        (fixture, people) -> {
          assertThat(fixture.reopened().schema().index("old")).isEmpty();
          fixture.assertEmpty(TableKeys.indexRange(people.schema().tableId(), 1));
        });
  }

  @Test
  void ofAColumnThatIsAdded() {
    everywhere(
        tables -> tables.addColumn(PEOPLE, AGE),
        (fixture, people) ->
            assertThat(
                    fixture
                        .world
                        .await(people.get(fixture.snapshot(), 1L))
                        .orElseThrow()
                        .getLong("age"))
                .isEqualTo(18));
  }

  @Test
  void ofATableThatIsEmptied() {
    everywhere(
        tables -> tables.truncate(PEOPLE),
        (fixture, people) -> {
          fixture.assertEmpty(keysOf(1));
          assertThat(fixture.reopened().schema().tableId()).isEqualTo(2);
        });
  }

  private static void everywhere(
      Function<Tables, CompletableFuture<SchemaJob>> change,
      BiConsumer<ChangingTables, TableHandle> check) {
    boolean survived = false;
    int deaths = 0;
    for (int calls = 1; !survived; calls++) {
      ChangingTables fixture = new ChangingTables();
      TableHandle people =
          fixture.people(
              20, new TableDefinition.IndexDefinition("old", false, java.util.List.of("city")));
      fixture.splitAt(people, 8, 15);
      DyingConnections connections = fixture.cluster.connections();
      Tables owner =
          fixture.cluster.client(connections, ClientOptions.of(FakeCluster.PD_ADDRESS)).tables();
      connections.dieAfterCalls(calls);
      boolean recorded = carriedOut(fixture, owner, change);
      survived = !connections.isDead();
      deaths += survived ? 0 : 1;
      fixture.world.advance(Duration.ofSeconds(1));
      boolean waiting = !fixture.world.await(fixture.tables.changes().active()).isEmpty();
      fixture.world.await(fixture.tables.changes().resume());
      fixture.world.await(fixture.client.transactions().idle());
      fixture.assertNothingIsLeft();
      fixture.assertIndexesAreRight();
      if (survived || recorded || waiting) {
        check.accept(fixture, people);
      }
      fixture.world.await(people.autoCommit().upsert(person(1, "m1", "still works")));
      fixture.assertIndexesAreRight();
    }
    assertThat(deaths).isGreaterThan(20);
  }

  /** Whether the change is sure to have been recorded. */
  private static boolean carriedOut(
      ChangingTables fixture, Tables owner, Function<Tables, CompletableFuture<SchemaJob>> change) {
    SchemaJob job;
    try {
      job = fixture.world.await(change.apply(owner));
    } catch (ArrowraftException died) {
      return false;
    }
    try {
      fixture.world.await(job.done());
    } catch (ArrowraftException diedOrTakenBack) {
      assertThat(diedOrTakenBack).hasMessageNotContaining("NullPointer");
    }
    return true;
  }
}
