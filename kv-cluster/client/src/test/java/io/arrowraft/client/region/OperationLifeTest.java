package io.arrowraft.client.region;

import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.client.fake.FakeCluster;
import io.arrowraft.client.fake.FakeCluster.Fault;
import io.arrowraft.client.fake.VirtualWorld;
import io.arrowraft.runtime.Bytes;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What becomes of operations that nobody wants any more, or that take long. */
class OperationLifeTest {
  private static final Bytes KEY = Bytes.ofUtf8("k");

  private final VirtualWorld world = new VirtualWorld();
  private final FakeCluster cluster = new FakeCluster(world);
  private final ArrowraftClient client = cluster.client();

  @Test
  void aCancelledOperationSendsNothingMore() {
    world.await(client.raw().put(KEY, KEY));
    for (int i = 0; i < 3; i++) {
      cluster.fault("RawGet", Fault.LOSE_REQUEST);
    }
    CompletableFuture<Optional<Bytes>> read = client.raw().get(KEY);
    world.advance(Duration.ofMillis(100));
    assertThat(cluster.calls("RawGet")).isEqualTo(1);
    read.cancel(false);
    world.advance(Duration.ofMinutes(1));
    assertThat(cluster.calls("RawGet")).as("retries after the cancellation").isEqualTo(1);
  }

  @Test
  void anOperationThatIsCancelledAtOnceSendsNothing() {
    world.await(client.raw().put(KEY, KEY));
    CompletableFuture<Optional<Bytes>> read = client.raw().get(KEY);
    read.cancel(false);
    world.advance(Duration.ofMinutes(1));
    assertThat(cluster.calls("RawGet")).isZero();
    assertThat(world.await(client.raw().get(KEY))).as("others go on").contains(KEY);
  }

  @Test
  void aSlowOperationIsCounted() {
    world.await(client.raw().put(KEY, KEY));
    assertThat(slow()).isZero();
    cluster.fault("RawGet", Fault.LOSE_REQUEST);
    world.await(client.raw().get(KEY));
    assertThat(slow()).isEqualTo(1);
  }

  private double slow() {
    return world.meters().counter("arrowraft_client_slow_operations_total").count();
  }
}
