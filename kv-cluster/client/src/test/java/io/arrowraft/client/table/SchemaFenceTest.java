package io.arrowraft.client.table;

import static io.arrowraft.client.table.ChangingTables.BY_CITY;
import static io.arrowraft.client.table.ChangingTables.BY_MAIL;
import static io.arrowraft.client.table.ChangingTables.PEOPLE;
import static io.arrowraft.client.table.ChangingTables.assertFails;
import static io.arrowraft.client.table.ChangingTables.person;
import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.client.error.ErrorCode;
import io.arrowraft.client.fake.FakeCluster;
import io.arrowraft.client.fake.PausedConnections;
import io.arrowraft.client.options.ClientOptions;
import io.arrowraft.client.options.CommitModes;
import io.arrowraft.client.txn.Transaction;
import io.arrowraft.pd.client.Timestamp;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Rule 52: nobody commits by a definition that others no longer go by. */
class SchemaFenceTest {
  private final ChangingTables fixture = new ChangingTables();
  private final PausedConnections connections = fixture.cluster.pausing();

  private ArrowraftClient writer(CommitModes commits) {
    return fixture.cluster.client(
        connections, ClientOptions.of(FakeCluster.PD_ADDRESS).withCommits(commits));
  }

  /** A transaction that has added row 500 by the definition without an index. */
  private Transaction begun(ArrowraftClient writer) {
    TableHandle people = fixture.world.await(writer.tables().open(PEOPLE));
    Transaction transaction = fixture.world.await(writer.begin());
    fixture.world.await(people.insert(transaction, person(500, "m500", "late")));
    return transaction;
  }

  /** The commit of a writer that stood still at a request until the table had one more index. */
  private CompletableFuture<Timestamp> overtaken(
      CommitModes commits, String request, TableDefinition.IndexDefinition index) {
    fixture.people(20);
    Transaction transaction = begun(writer(commits));
    connections.pauseAt(request);
    CompletableFuture<Timestamp> commit = transaction.commit();
    fixture.finish(fixture.tables.addIndex(PEOPLE, index));
    assertThat(connections.isPaused()).isTrue();
    connections.goOn();
    return commit;
  }

  private void assertTheRowIsNowhere() {
    fixture.world.await(fixture.client.transactions().idle());
    assertThat(fixture.world.await(fixture.reopened().get(fixture.snapshot(), 500L))).isEmpty();
    fixture.assertIndexesAreRight();
  }

  @Test
  void aWriterThatPausesBeforeItPrewritesIsRefused() {
    CompletableFuture<Timestamp> commit = overtaken(CommitModes.twoPhase(), "KvPrewrite", BY_CITY);
    assertFails(() -> fixture.world.await(commit), ErrorCode.SCHEMA_CHANGED, "version 1");
    assertTheRowIsNowhere();
  }

  @Test
  void aWriterThatPausesAfterItHasTheTimestampOfItsCommitIsRefused() {
    CompletableFuture<Timestamp> commit = overtaken(CommitModes.twoPhase(), "KvCommit", BY_CITY);
    assertFails(() -> fixture.world.await(commit), ErrorCode.TRANSACTION_ABORTED);
    assertTheRowIsNowhere();
  }

  @Test
  void theStoresDoNotTimeALateCommitWithinALeaseThatIsOver() {
    CompletableFuture<Timestamp> commit = overtaken(CommitModes.early(), "KvPrewrite", BY_MAIL);
    assertFails(() -> fixture.world.await(commit), ErrorCode.SCHEMA_CHANGED);
    assertTheRowIsNowhere();
  }

  @Test
  void aWriterWithinItsLeaseCommitsAndTheOwnerWaitsForIt() {
    fixture.people(20);
    ArrowraftClient writer = writer(CommitModes.early());
    Transaction transaction = begun(writer);
    var job = fixture.world.await(fixture.tables.addIndex(PEOPLE, BY_CITY));
    fixture.world.advance(Duration.ofMillis(200));
    fixture.world.await(transaction.commit());
    fixture.world.await(job.done());
    assertThat(fixture.world.await(fixture.reopened().get(fixture.snapshot(), 500L))).isPresent();
    fixture.assertIndexesAreRight();
  }

  @Test
  void aLongTransactionCommitsWhileNothingChanges() {
    fixture.people(20);
    Transaction transaction = begun(writer(CommitModes.early()));
    fixture.world.advance(Duration.ofMinutes(1));
    fixture.world.await(transaction.commit());
    Transaction other = begunUpdate(writer(CommitModes.twoPhase()));
    fixture.world.advance(Duration.ofMinutes(1));
    fixture.world.await(other.commit());
    fixture.assertIndexesAreRight();
  }

  private Transaction begunUpdate(ArrowraftClient writer) {
    TableHandle people = fixture.world.await(writer.tables().open(PEOPLE));
    Transaction transaction = fixture.world.await(writer.begin());
    fixture.world.await(people.upsert(transaction, person(500, "again", "late")));
    return transaction;
  }

  @Test
  void aRetriedWriteGoesByTheNewDefinition() {
    fixture.people(20);
    ArrowraftClient writer = writer(CommitModes.twoPhase());
    TableHandle people = fixture.world.await(writer.tables().open(PEOPLE));
    connections.pauseAt("KvPrewrite");
    CompletableFuture<Row> added = people.autoCommit().insert(person(500, "m500", "late"));
    fixture.finish(fixture.tables.addIndex(PEOPLE, BY_CITY));
    connections.goOn();
    fixture.world.await(added);
    assertThat(
            fixture
                .world
                .await(
                    people.index("by_city").scan(fixture.snapshot(), IndexRange.equalTo("late"), 9))
                .rows())
        .hasSize(1);
    fixture.assertIndexesAreRight();
  }

  @Test
  void aLoadThatAChangeOvertakesEnds() {
    fixture.people(5);
    ArrowraftClient writer = writer(CommitModes.twoPhase());
    TableHandle people = fixture.world.await(writer.tables().open(PEOPLE));
    connections.pauseAt("KvPrewrite");
    CompletableFuture<Long> load =
        people.load(
            List.of(person(500, "m500", "late")).iterator(), LoadOptions.defaults(), done -> {});
    fixture.finish(fixture.tables.addIndex(PEOPLE, BY_CITY));
    connections.goOn();
    assertFails(() -> fixture.world.await(load), ErrorCode.SCHEMA_CHANGED, "load");
    assertTheRowIsNowhere();
  }

  @Test
  void aWriteToADroppedTableIsRefused() {
    fixture.people(5);
    Transaction transaction = begun(writer(CommitModes.twoPhase()));
    fixture.world.await(fixture.tables.dropTable(PEOPLE));
    fixture.world.advance(Duration.ofSeconds(3));
    assertFails(
        () -> fixture.world.await(transaction.commit()), ErrorCode.SCHEMA_CHANGED, "dropped");
  }

  @Test
  void aReaderOfThePastGoesByTheDefinitionOfThen() {
    TableHandle people = fixture.people(5, BY_MAIL);
    var past = fixture.snapshot();
    fixture.finish(fixture.tables.dropColumn(PEOPLE, "city"));
    assertThat(fixture.world.await(people.get(fixture.snapshot(), 1L)).orElseThrow().columns())
        .isEqualTo(List.of("id", "mail"));
    assertThat(fixture.world.await(people.get(past, 1L)).orElseThrow().columns())
        .isEqualTo(List.of("id", "mail", "city"));
  }
}
