package io.arrowraft.client.table;

import static io.arrowraft.client.table.ChangingTables.BY_CITY;
import static io.arrowraft.client.table.ChangingTables.BY_MAIL;
import static io.arrowraft.client.table.ChangingTables.PEOPLE;
import static io.arrowraft.client.table.ChangingTables.assertFails;
import static io.arrowraft.client.table.ChangingTables.keysOf;
import static io.arrowraft.client.table.ChangingTables.person;
import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.client.error.ErrorCode;
import io.arrowraft.client.fake.DyingConnections;
import io.arrowraft.client.fake.FakeCluster;
import io.arrowraft.client.fake.PausedConnections;
import io.arrowraft.client.options.ClientOptions;
import io.arrowraft.client.table.change.JobProgress;
import io.arrowraft.client.table.change.Reclaims;
import io.arrowraft.client.table.change.SchemaJob;
import io.arrowraft.table.SchemaState;
import io.arrowraft.table.TableKeys;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** An index is filled from several regions at once. */
class IndexFillTest {
  private static final int ROWS = 8000;

  private final ChangingTables fixture = new ChangingTables();

  private TableHandle people(long... splits) {
    TableHandle people = fixture.people(ROWS);
    fixture.splitAt(people, splits);
    return people;
  }

  private void awaitFilling(SchemaJob job, long rows) {
    JobProgress progress = fixture.world.await(job.progress());
    while (progress.state() != SchemaState.BACKFILL || progress.rowsDone() < rows) {
      fixture.world.advance(Duration.ofMillis(2));
      progress = fixture.world.await(job.progress());
    }
  }

  /** How long it takes to fill an index, beside what the steps take. */
  private static long millis(long... splits) {
    IndexFillTest test = new IndexFillTest();
    test.people(splits);
    SchemaJob job = test.fixture.world.await(test.fixture.tables.addIndex(PEOPLE, BY_MAIL));
    test.awaitFilling(job, 1);
    long begun = test.fixture.world.wallMillis();
    while (test.fixture.world.await(job.progress()).rowsDone() < ROWS) {
      test.fixture.world.advance(Duration.ofMillis(1));
    }
    long taken = test.fixture.world.wallMillis() - begun;
    test.fixture.world.await(job.done());
    assertThat(test.fixture.world.await(job.progress()).rowsDone()).isEqualTo(ROWS);
    test.fixture.assertIndexesAreRight();
    test.fixture.assertNothingIsLeft();
    return taken;
  }

  @Test
  void regionsAreFilledFromAtOnce() {
    assertThat(millis(1000, 2000, 3000, 4000, 5000, 6000, 7000)).isLessThan(millis() / 2);
  }

  @Test
  void twinsInDifferentRegionsAreFound() {
    TableHandle people = people(1000, 2000, 3000);
    fixture.world.await(people.autoCommit().upsert(person(3900, "m20", "x")));
    assertFails(
        () -> fixture.finish(fixture.tables.addIndex(PEOPLE, BY_MAIL)),
        ErrorCode.SCHEMA_CHANGE_FAILED,
        "primary key (20)",
        "primary key (3900)",
        "m20");
    fixture.assertEmpty(TableKeys.indexRange(people.schema().tableId(), 1));
    fixture.assertNothingIsLeft();
  }

  @Test
  void aFillingThatIsCancelledLeavesNothing() {
    TableHandle people = people(1000, 2000, 3000);
    SchemaJob job = fixture.world.await(fixture.tables.addIndex(PEOPLE, BY_MAIL));
    awaitFilling(job, 300);
    fixture.world.await(job.cancel());
    assertFails(() -> fixture.world.await(job.done()), ErrorCode.SCHEMA_CHANGE_FAILED, "cancelled");
    assertThat(fixture.reopened().schema().indexes()).isEmpty();
    fixture.assertNothingIsLeft();
    fixture.assertEmpty(TableKeys.indexRange(people.schema().tableId(), 1));
  }

  @Test
  void whoTakesAFillingOverGoesOnWhereEachPartStands() {
    people(1000, 2000, 3000);
    DyingConnections connections = fixture.cluster.connections();
    ArrowraftClient owner =
        fixture.cluster.client(connections, ClientOptions.of(FakeCluster.PD_ADDRESS));
    SchemaJob job = fixture.world.await(owner.tables().addIndex(PEOPLE, BY_MAIL));
    awaitFilling(job, 500);
    connections.dieAfterCalls(5);
    fixture.world.advance(Duration.ofSeconds(1));
    JobProgress left = fixture.world.await(fixture.tables.changes().progress(job.id()));
    assertThat(left.rowsDone()).isBetween(500L, ROWS - 1L);
    long scans = fixture.cluster.calls("KvScan");

    fixture.world.await(fixture.tables.changes().carryOut(job.id()));

    JobProgress done = fixture.world.await(fixture.tables.changes().progress(job.id()));
    assertThat(done.rowsDone()).as("no row is read twice").isEqualTo(ROWS);
    assertThat(fixture.cluster.calls("KvScan")).isGreaterThan(scans);
    fixture.assertIndexesAreRight();
    fixture.assertNothingIsLeft();
  }

  @Test
  void aBatchThatStoodStillAddsNothingToATableThatIsGone() {
    TableHandle people = fixture.people(200);
    PausedConnections connections = fixture.cluster.pausing();
    ArrowraftClient slow =
        fixture.cluster.client(connections, ClientOptions.of(FakeCluster.PD_ADDRESS));
    SchemaJob job = fixture.world.await(slow.tables().addIndex(PEOPLE, BY_CITY));
    while (fixture.world.await(fixture.tables.changes().progress(job.id())).state()
        != SchemaState.BACKFILL) {
      fixture.world.advance(Duration.ofMillis(1));
    }
    connections.pauseAt("KvPrewrite");
    fixture.world.advance(Duration.ofMillis(50));
    assertThat(connections.isPaused()).isTrue();
    fixture.world.await(fixture.tables.dropTable(PEOPLE));
    Reclaims reclaims = new Reclaims(fixture.client.transactions());
    fixture.world.await(reclaims.sweep());
    fixture.world.advance(Duration.ofSeconds(3));
    fixture.cluster.passSafePoint(fixture.world.await(fixture.client.timestamp()));
    assertThat(fixture.world.await(reclaims.sweep())).isZero();

    connections.goOn();
    fixture.world.advance(Duration.ofSeconds(30));

    assertFails(() -> fixture.world.await(job.done()), ErrorCode.SCHEMA_CHANGE_FAILED, "dropped");
    assertThat(fixture.stored(keysOf(people.schema().tableId()))).isZero();
    fixture.assertNothingIsLeft();
  }
}
