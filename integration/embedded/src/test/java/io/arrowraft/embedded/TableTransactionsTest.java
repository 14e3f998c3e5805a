package io.arrowraft.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.client.error.ArrowraftException;
import io.arrowraft.client.error.ErrorCode;
import io.arrowraft.client.keyvalue.KeyValue;
import io.arrowraft.client.keyvalue.ScanPage;
import io.arrowraft.client.keyvalue.ScanRange;
import io.arrowraft.client.options.ClientOptions;
import io.arrowraft.client.options.CommitModes;
import io.arrowraft.client.region.KeySpace;
import io.arrowraft.client.table.IndexRange;
import io.arrowraft.client.table.Row;
import io.arrowraft.client.table.RowPage;
import io.arrowraft.client.table.TableDefinition;
import io.arrowraft.client.table.TableDefinition.IndexDefinition;
import io.arrowraft.client.table.TableHandle;
import io.arrowraft.client.table.change.SchemaJob;
import io.arrowraft.client.txn.PessimisticTransaction;
import io.arrowraft.client.txn.Snapshot;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.table.DataType;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tables with indexes over stores that lock, resolve and time commits in earnest. */
class TableTransactionsTest {
  private static final String PEOPLE = "shop.people";

  @TempDir private Path directory;

  @Test
  void pessimisticWritersLockRowsAndUniqueKeys() {
    try (EmbeddedCluster cluster = EmbeddedCluster.start(EmbeddedOptions.defaults(directory));
        ArrowraftClient client = ArrowraftClient.connect(ClientOptions.of(cluster.pdAddress()))) {
      TableHandle people = people(client);
      PessimisticTransaction first = client.await(client.beginPessimistic());
      client.await(people.insert(first, person(1, "a@x", "Ulm")));
      client.await(first.commit());
      PessimisticTransaction second = client.await(client.beginPessimistic());
      assertThatThrownBy(() -> client.await(people.insert(second, person(2, "a@x", "Bonn"))))
          .isInstanceOf(ArrowraftException.class)
          .hasMessageContaining("index by_mail")
          .hasMessageContaining("a@x")
          .extracting(failure -> ((ArrowraftException) failure).code())
          .isEqualTo(ErrorCode.KEY_EXISTS);
      assertThat(client.await(people.insertIgnore(second, person(2, "a@x", "Bonn")))).isFalse();
      Row change = Row.builder().set("id", 1L).set("mail", "b@x").build();
      assertThat(client.await(people.update(second, change))).isTrue();
      client.await(people.insert(second, person(2, "a@x", "Bonn")));
      assertThat(client.await(people.index("by_mail").get(second, "a@x")))
          .map(row -> row.getLong("id"))
          .contains(2L);
      client.await(second.commit());
      PessimisticTransaction third = client.await(client.beginPessimistic());
      assertThat(client.await(people.delete(third, 1L))).isTrue();
      client.await(third.commit());
      Snapshot snapshot = client.await(client.snapshot());
      assertThat(client.await(people.index("by_mail").get(snapshot, "b@x"))).isEmpty();
      assertThat(ids(client, people, "by_mail", IndexRange.all())).containsExactly(2L);
      cluster.check();
    }
  }

  @Test
  void aRowThatIsReadForUpdateStaysSoUntilTheTransactionEnds() {
    try (EmbeddedCluster cluster = EmbeddedCluster.start(EmbeddedOptions.defaults(directory));
        ArrowraftClient client = ArrowraftClient.connect(ClientOptions.of(cluster.pdAddress()))) {
      TableHandle people = people(client);
      client.await(
          people.autoCommit().insertAll(List.of(person(1, "a@x", "Ulm"), person(2, "b@x", "Ulm"))));
      PessimisticTransaction first = client.await(client.beginPessimistic());
      PessimisticTransaction second = client.await(client.beginPessimistic());
      assertThat(client.await(people.getForUpdate(first, 1L))).isPresent();
      assertThat(client.await(people.getForUpdate(first, 3L))).isEmpty();
      CompletableFuture<Optional<Row>> waiting = people.getForUpdate(second, 1L);
      client.await(people.update(first, Row.builder().set("id", 1L).set("city", "Bonn").build()));
      assertThat(waiting).isNotDone();
      client.await(first.commit());
      assertThat(client.await(waiting))
          .map(row -> row.getString("city"))
          .as("what is newest, and not as of the start")
          .contains("Bonn");

      PessimisticTransaction third = client.await(client.beginPessimistic());
      assertThat(client.await(people.index("by_mail").getForUpdate(third, "b@x"))).isPresent();
      CompletableFuture<Boolean> deleted = people.delete(second, 2L);
      client.await(people.update(third, Row.builder().set("id", 2L).set("city", "Rom").build()));
      assertThat(deleted).isNotDone();
      client.await(third.commit());
      assertThat(client.await(deleted)).isTrue();
      client.await(second.commit());
      assertThat(ids(client, people, "by_mail", IndexRange.all())).containsExactly(1L);
      cluster.check();
    }
  }

  @Test
  void scansGoDownThroughRegions() {
    try (EmbeddedCluster cluster = EmbeddedCluster.start(EmbeddedOptions.defaults(directory));
        ArrowraftClient client = ArrowraftClient.connect(ClientOptions.of(cluster.pdAddress()))) {
      List<Bytes> keys =
          IntStream.range(10, 40).mapToObj(number -> Bytes.ofUtf8("k" + number)).toList();
      client.transact(
          transaction -> {
            keys.forEach(key -> transaction.put(key, key));
            return null;
          });
      keys.forEach(key -> client.await(client.raw().put(key, key)));
      client.await(client.split(KeySpace.TRANSACTIONAL, List.of(keys.get(5), keys.get(6))));
      client.await(client.split(KeySpace.RAW, List.of(keys.get(20))));
      List<Bytes> expected = new ArrayList<>(keys.subList(3, 25));
      Collections.reverse(expected);
      ScanRange range = ScanRange.of(keys.get(3), keys.get(25)).downwards();

      ScanPage own = client.await(client.await(client.snapshot()).scan(range, 100));
      assertThat(own.pairs()).extracting(KeyValue::key).isEqualTo(expected);
      assertThat(own.pairs()).extracting(KeyValue::value).isEqualTo(expected);
      ScanPage raw = client.await(client.raw().scan(range.withoutValues(), 100));
      assertThat(raw.pairs()).extracting(KeyValue::key).isEqualTo(expected);
      assertThat(raw.pairs()).extracting(KeyValue::value).containsOnly(Bytes.EMPTY);
      ScanRange all = ScanRange.of(Bytes.EMPTY, Bytes.EMPTY).downwards();
      assertThat(client.await(client.raw().scan(all, 1)).pairs())
          .extracting(KeyValue::key)
          .containsExactly(keys.get(29));
      cluster.check();
    }
  }

  @Test
  void anIndexIsBuiltUnderWritersOfAllKinds() {
    try (EmbeddedCluster cluster = EmbeddedCluster.start(EmbeddedOptions.defaults(directory));
        ArrowraftClient client = ArrowraftClient.connect(ClientOptions.of(cluster.pdAddress()));
        ArrowraftClient early =
            ArrowraftClient.connect(
                ClientOptions.of(cluster.pdAddress()).withCommits(CommitModes.early()))) {
      TableHandle people = people(client);
      TableHandle elsewhere = early.await(early.tables().open(PEOPLE));
      List<Row> rows = new ArrayList<>();
      for (int id = 0; id < 500; id++) {
        rows.add(person(id, "m" + id, "c" + id % 5));
      }
      client.await(people.autoCommit().insertAll(rows));
      SchemaJob job =
          client.await(
              client
                  .tables()
                  .addIndex(PEOPLE, new IndexDefinition("by_city", false, List.of("city"))));
      int written = 0;
      while (!job.done().isDone()) {
        long id = written++ % 500;
        Row change = Row.builder().set("id", id).set("city", "c" + written % 5).build();
        if (written % 2 == 0) {
          assertThat(client.await(people.autoCommit().update(change))).isTrue();
        } else {
          assertThat(early.await(elsewhere.autoCommit().update(change))).isTrue();
        }
      }
      client.await(job.done(), Duration.ofMinutes(1));
      assertThat(written).isPositive();
      Snapshot snapshot = client.await(client.snapshot());
      RowPage all = client.await(people.scan(snapshot, 1000));
      assertThat(all.rows()).hasSize(500);
      int found = 0;
      for (int city = 0; city < 5; city++) {
        RowPage page =
            client.await(
                people.index("by_city").scan(snapshot, IndexRange.equalTo("c" + city), 1000));
        for (var row : page.rows()) {
          assertThat(row.row().getString("city")).isEqualTo("c" + city);
        }
        found += page.rows().size();
      }
      assertThat(found).isEqualTo(500);
      cluster.check();
    }
  }

  private static TableHandle people(ArrowraftClient client) {
    client.await(
        client
            .tables()
            .createTable(
                TableDefinition.named(PEOPLE)
                    .required("id", DataType.BIGINT)
                    .column("mail", DataType.STRING)
                    .column("city", DataType.STRING)
                    .primaryKey("id")
                    .uniqueIndex("by_mail", "mail")
                    .build()));
    return client.await(client.tables().open(PEOPLE));
  }

  private static Row person(long id, String mail, String city) {
    return Row.builder().set("id", id).set("mail", mail).set("city", city).build();
  }

  private static List<Long> ids(
      ArrowraftClient client, TableHandle people, String index, IndexRange range) {
    Snapshot snapshot = client.await(client.snapshot());
    return client.await(people.index(index).scan(snapshot, range, 100)).rows().stream()
        .map(row -> row.row().getLong("id"))
        .toList();
  }
}
