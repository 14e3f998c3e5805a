package io.arrowraft.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.client.options.ClientOptions;
import io.arrowraft.runtime.Bytes;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedClusterTest {
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
