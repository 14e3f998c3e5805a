package io.arrowraft.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.client.error.ArrowraftException;
import io.arrowraft.client.error.ErrorCode;
import io.arrowraft.client.options.ClientOptions;
import io.arrowraft.client.options.CommitModes;
import io.arrowraft.client.table.IndexRange;
import io.arrowraft.client.table.Row;
import io.arrowraft.client.table.RowPage;
import io.arrowraft.client.table.TableDefinition;
import io.arrowraft.client.table.TableDefinition.IndexDefinition;
import io.arrowraft.client.table.TableHandle;
import io.arrowraft.client.table.change.SchemaJob;
import io.arrowraft.client.txn.PessimisticTransaction;
import io.arrowraft.client.txn.Snapshot;
import io.arrowraft.table.DataType;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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
