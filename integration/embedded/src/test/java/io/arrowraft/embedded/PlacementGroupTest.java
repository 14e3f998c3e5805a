package io.arrowraft.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.client.options.ClientOptions;
import io.arrowraft.runtime.Bytes;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three members of the placement driver over RocksDB and real gRPC. */
class PlacementGroupTest {
  private static final Bytes KEY = Bytes.ofUtf8("key");

  @TempDir private Path directory;

  private EmbeddedCluster start() {
    return EmbeddedCluster.start(
        EmbeddedOptions.defaults(directory).withStores(1).withPlacementDrivers(3));
  }

  @Test
  void dataIsFoundAgainThoughAllMembersListenElsewhere() {
    String first;
    try (EmbeddedCluster cluster = start();
        ArrowraftClient client = ArrowraftClient.connect(ClientOptions.of(cluster.pdAddress()))) {
      first = cluster.pdAddress();
      assertThat(first.split(",")).hasSize(3);
      client.await(client.raw().put(KEY, Bytes.ofUtf8("value")));
    }
    try (EmbeddedCluster cluster = start();
        ArrowraftClient client = ArrowraftClient.connect(ClientOptions.of(cluster.pdAddress()))) {
      assertThat(cluster.pdAddress()).isNotEqualTo(first);
      assertThat(client.await(client.raw().get(KEY))).contains(Bytes.ofUtf8("value"));
      cluster.check();
    }
  }
}
