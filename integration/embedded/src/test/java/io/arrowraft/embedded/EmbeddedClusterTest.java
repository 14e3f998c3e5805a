package io.arrowraft.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.client.options.ClientOptions;
import io.arrowraft.client.options.CommitModes;
import io.arrowraft.client.region.KeySpace;
import io.arrowraft.runtime.Bytes;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedClusterTest {
  private static final int ACCOUNTS = 8;

  @TempDir private Path directory;

  @Test
  void servesRawAndTransactionalDataAndFindsItAgainAfterARestart() {
    EmbeddedOptions options = EmbeddedOptions.defaults(directory);
    try (EmbeddedCluster cluster = EmbeddedCluster.start(options);
        ArrowraftClient client = connect(cluster)) {
      client.await(client.raw().put(Bytes.ofUtf8("raw"), Bytes.ofUtf8("one")));
      client.transact(
          transaction -> {
            transaction.put(Bytes.ofUtf8("txn-a"), Bytes.ofUtf8("two"));
            transaction.put(Bytes.ofUtf8("txn-b"), Bytes.ofUtf8("three"));
            return null;
          });
      assertFound(client);
      cluster.check();
    }
    try (EmbeddedCluster cluster = EmbeddedCluster.start(options);
        ArrowraftClient client = connect(cluster)) {
      assertFound(client);
      cluster.check();
    }
  }

  @Test
  void transfersThatTheStoresTimeNeverMoveTheTotal() {
    try (EmbeddedCluster cluster = EmbeddedCluster.start(EmbeddedOptions.defaults(directory));
        ArrowraftClient client =
            ArrowraftClient.connect(
                ClientOptions.of(cluster.pdAddress()).withCommits(CommitModes.early()))) {
      client.transact(
          transaction -> {
            for (int i = 0; i < ACCOUNTS; i++) {
              transaction.put(account(i), Bytes.ofUtf8("100"));
            }
            return null;
          });
      for (int round = 0; round < 6; round++) {
        List<CompletableFuture<Void>> transfers = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
          transfers.add(transfer(client, i % ACCOUNTS, (i * 5 + round + 1) % ACCOUNTS));
        }
        if (round == 2) {
          client.await(client.split(KeySpace.TRANSACTIONAL, List.of(account(ACCOUNTS / 2))));
        }
        assertThat(total(client)).isEqualTo(100 * ACCOUNTS);
        transfers.forEach(client::await);
        assertThat(total(client)).isEqualTo(100 * ACCOUNTS);
      }
      cluster.check();
    }
  }

  private static CompletableFuture<Void> transfer(ArrowraftClient client, int from, int to) {
    return client.retrying(
        transaction ->
            transaction
                .batchGet(List.of(account(from), account(to)))
                .thenAccept(
                    balances -> {
                      if (from != to) {
                        transaction.put(account(from), plus(balances.get(account(from)), -1));
                        transaction.put(account(to), plus(balances.get(account(to)), 1));
                      }
                    }));
  }

  private static int total(ArrowraftClient client) {
    return client
        .await(
            client
                .await(client.snapshot())
                .scan(Bytes.ofUtf8("account-"), Bytes.ofUtf8("account."), 100))
        .pairs()
        .stream()
        .mapToInt(pair -> number(pair.value()))
        .sum();
  }

  private static Bytes account(int number) {
    return Bytes.ofUtf8("account-" + number);
  }

  private static Bytes plus(Bytes balance, int amount) {
    return Bytes.ofUtf8(Integer.toString(number(balance) + amount));
  }

  private static int number(Bytes text) {
    return Integer.parseInt(
        new String(text.toByteArray(), java.nio.charset.StandardCharsets.UTF_8));
  }

  @Test
  void stopsUnderLoadWithoutAFault() {
    EmbeddedCluster cluster = EmbeddedCluster.start(EmbeddedOptions.defaults(directory));
    try (ArrowraftClient client = connect(cluster)) {
      for (int i = 0; i < 200; i++) {
        client.raw().put(Bytes.ofUtf8("key-" + i), Bytes.ofUtf8("value"));
      }
      client.await(client.raw().put(Bytes.ofUtf8("last"), Bytes.ofUtf8("value")));
    } finally {
      cluster.close();
    }
    cluster.check();
  }

  private static ArrowraftClient connect(EmbeddedCluster cluster) {
    return ArrowraftClient.connect(ClientOptions.of(cluster.pdAddress()));
  }

  private static void assertFound(ArrowraftClient client) {
    assertThat(client.await(client.raw().get(Bytes.ofUtf8("raw")))).contains(Bytes.ofUtf8("one"));
    String read =
        client.transact(
            transaction ->
                new String(
                    client
                        .await(transaction.get(Bytes.ofUtf8("txn-b")))
                        .orElseThrow()
                        .toByteArray(),
                    java.nio.charset.StandardCharsets.UTF_8));
    assertThat(read).isEqualTo("three");
  }
}
