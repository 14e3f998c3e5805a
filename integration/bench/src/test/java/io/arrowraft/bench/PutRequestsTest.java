package io.arrowraft.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.client.options.ClientOptions;
import io.arrowraft.client.region.KeySpace;
import io.arrowraft.embedded.EmbeddedCluster;
import io.arrowraft.embedded.EmbeddedOptions;
import io.arrowraft.runtime.Bytes;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PutRequestsTest {
  /** Refusals follow one another as fast as they are answered: these are seconds. */
  private static final int REFUSALS_MAX = 2_000;

  private static final byte[] LEFT = {0x10};
  private static final byte[] RIGHT = {(byte) 0xf0};
  private static final byte[] VALUE = {1};

  @TempDir private Path directory;

  @Test
  void aPutThatMetASplitIsRefusedOnceAndLaterOnesKnowTheNewRegions() throws Exception {
    try (EmbeddedCluster cluster = EmbeddedCluster.start(EmbeddedOptions.defaults(directory));
        PutRequests puts = new PutRequests(cluster.pdAddress(), Duration.ofSeconds(10), 2);
        ArrowraftClient client = ArrowraftClient.connect(ClientOptions.of(cluster.pdAddress()))) {
      puts.route(1);
      assertThat(put(puts, RIGHT)).isEmpty();

      client.await(client.split(KeySpace.RAW, List.of(Bytes.wrap(new byte[] {(byte) 0x80}))));

      List<String> refusals = new ArrayList<>();
      for (byte[] key : List.of(LEFT, RIGHT)) {
        String answer = put(puts, key);
        while (!answer.isEmpty() && refusals.size() < REFUSALS_MAX) {
          refusals.add(answer);
          answer = put(puts, key);
        }
        assertThat(answer).isEmpty();
      }
      assertThat(refusals).isNotEmpty().containsOnly("epoch_not_match");
      assertThat(put(puts, LEFT) + put(puts, RIGHT)).isEmpty();
      assertThat(client.await(client.raw().get(Bytes.wrap(RIGHT)))).contains(Bytes.wrap(VALUE));
    }
  }

  private static String put(PutRequests puts, byte[] key) throws Exception {
    return puts.put(key, VALUE).get(20, TimeUnit.SECONDS);
  }
}
