package io.arrowraft.client.table;

import static io.arrowraft.client.table.ChangingTables.BY_CITY;
import static io.arrowraft.client.table.ChangingTables.BY_MAIL;
import static io.arrowraft.client.table.ChangingTables.PEOPLE;
import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.client.error.ArrowraftException;
import io.arrowraft.client.error.ErrorCode;
import io.arrowraft.client.fake.FakeCluster;
import io.arrowraft.client.options.ClientOptions;
import io.arrowraft.client.options.CommitModes;
import io.arrowraft.client.table.TableDefinition.ColumnDefinition;
import io.arrowraft.client.table.TableDefinition.IndexDefinition;
import io.arrowraft.runtime.Async;
import io.arrowraft.table.DataType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients write, each as it has heard of the table, while indexes and columns come and go. */
class ConcurrentChangesTest {
  private static final int WRITERS = 3;
  private static final int ROWS = 60;

  private final ChangingTables fixture = new ChangingTables();
  private final List<String> surprises = new ArrayList<>();
  private boolean stopped;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void indexesAreRightAndNothingAcknowledgedIsLost(long seed) {
    TableHandle people = fixture.people(ROWS, BY_CITY);
    fixture.splitAt(people, 15, 30, 45);
    List<Writer> writers = new ArrayList<>();
    for (int i = 0; i < WRITERS; i++) {
      writers.add(new Writer(i, new Random(seed * 31 + i)));
    }
    List<CompletableFuture<Void>> ends = writers.stream().map(Writer::run).toList();
    Tables tables = fixture.tables;
    fixture.finish(tables.addIndex(PEOPLE, BY_MAIL));
    fixture.assertIndexesAreRight();
    fixture.finish(
        tables.addColumn(
            PEOPLE, new ColumnDefinition("age", DataType.INTEGER, false, Optional.of(18))));
    fixture.finish(tables.addIndex(PEOPLE, new IndexDefinition("by_age", false, List.of("age"))));
    fixture.assertIndexesAreRight();
    fixture.finish(tables.dropIndex(PEOPLE, "by_city"));
    fixture.finish(tables.dropColumn(PEOPLE, "city"));
    fixture.assertIndexesAreRight();
    fixture.finish(tables.dropIndex(PEOPLE, "by_mail"));
    fixture.finish(tables.addIndex(PEOPLE, BY_MAIL));
    stopped = true;
    ends.forEach(fixture.world::await);
    fixture.world.await(fixture.client.transactions().idle());
    fixture.assertIndexesAreRight();
    fixture.assertNothingIsLeft();
    assertThat(surprises).isEmpty();
    assertThat(writers).allMatch(writer -> writer.acknowledged > 50);
    Map<Long, Row> stored = new TreeMap<>();
    fixture
        .world
        .await(fixture.reopened().scan(fixture.snapshot(), 999))
        .rows()
        .forEach(row -> stored.put(row.row().getLong("id"), row.row()));
    for (Writer writer : writers) {
      writer.known.forEach(
          (id, expected) -> {
            if (expected.isEmpty()) {
              assertThat(stored).as("row %s was deleted", id).doesNotContainKey(id);
            } else {
              Row row = stored.get(id);
              assertThat(row).as("row %s", id).isNotNull();
              assertThat(row.get("mail")).as("row %s", id).isEqualTo(expected.get().mail());
              if (expected.get().age() != null) {
                assertThat(row.get("age")).as("row %s", id).isEqualTo(expected.get().age());
              }
            }
          });
    }
  }

  /**
   * What a row must hold.
   *
   * @param age null if it was never set, or written by a definition without it
   */
  private record Expected(String mail, Integer age) {}

  /** Changes rows of its own, one after the other. */
  private final class Writer {
    private final int number;
    private final Random random;
    private final ArrowraftClient client;
    private final Map<Long, Optional<Expected>> known = new TreeMap<>();
    private final CompletableFuture<Void> end = new CompletableFuture<>();
    private final TableHandle people;
    private int acknowledged;
    private int mails;

    Writer(int number, Random random) {
      this.number = number;
      this.random = random;
      CommitModes modes = number == 0 ? CommitModes.early() : CommitModes.twoPhase();
      this.client =
          fixture.cluster.client(ClientOptions.of(FakeCluster.PD_ADDRESS).withCommits(modes));
      this.people = fixture.world.await(client.tables().open(PEOPLE));
    }

    CompletableFuture<Void> run() {
      next();
      return end;
    }

    private void next() {
      if (stopped) {
        end.complete(null);
        return;
      }
      long id = 1 + number + WRITERS * (long) random.nextInt(ROWS / WRITERS);
      CompletableFuture<Optional<Expected>> written = write(id);
      written.whenComplete(
          (expected, failure) -> {
            if (failure == null) {
              acknowledged++;
              known.put(id, expected);
            } else {
              known.remove(id);
              note(Async.cause(failure));
            }
            client
                .transactions()
                .timestamp()
                .thenCompose(
                    now ->
                        client
                            .transactions()
                            .after(
                                io.arrowraft.pd.client.Timestamp.of(
                                    now.physicalMillis() + random.nextInt(60), 0)))
                .whenComplete((later, broken) -> next());
          });
    }

    /** A column that is gone, or a transaction that was overtaken: what users are told. */
    private void note(Throwable failure) {
      ErrorCode code = failure instanceof ArrowraftException known ? known.code() : null;
      if (code != ErrorCode.UNKNOWN_COLUMN
          && code != ErrorCode.SCHEMA_CHANGED
          && code != ErrorCode.WRITE_CONFLICT
          && code != ErrorCode.TRANSACTION_ABORTED) {
        surprises.add("writer " + number + ": " + failure);
      }
    }

    private CompletableFuture<Optional<Expected>> write(long id) {
      String mail = "w" + number + "-" + mails++;
      boolean hasAge = people.schema().column("age").isPresent();
      Integer age = hasAge && random.nextBoolean() ? Integer.valueOf(random.nextInt(5)) : null;
      Row.Builder row = Row.builder().set("id", id).set("mail", mail);
      if (age != null) {
        row.set("age", age);
      }
      if (people.schema().column("city").isPresent()) {
        row.set("city", "c" + random.nextInt(4));
      }
      Expected expected = new Expected(mail, age);
      return switch (random.nextInt(6)) {
        case 0 -> people.autoCommit().delete(id).thenApply(found -> Optional.empty());
        case 1, 2 ->
            people.autoCommit().upsert(row.build()).thenApply(done -> Optional.of(expected));
        case 3 -> slowly(row.build()).thenApply(done -> Optional.of(expected));
        default ->
            people
                .autoCommit()
                .update(row.build())
                .thenApply(
                    found ->
                        found
                            ? Optional.of(new Expected(mail, age != null ? age : ageBefore(id)))
                            : Optional.empty());
      };
    }

    private Integer ageBefore(long id) {
      return known.getOrDefault(id, Optional.empty()).map(Expected::age).orElse(null);
    }

    /** A transaction that takes its time between writing and committing. */
    private CompletableFuture<Void> slowly(Row row) {
      return client
          .begin()
          .thenCompose(
              transaction ->
                  people
                      .upsert(transaction, row)
                      .thenCompose(
                          done ->
                              client
                                  .transactions()
                                  .after(
                                      io.arrowraft.pd.client.Timestamp.of(
                                          transaction.timestamp().physicalMillis()
                                              + random.nextInt(4000),
                                          0)))
                      .thenCompose(later -> transaction.commit())
                      .thenApply(committed -> null));
    }
  }
}
