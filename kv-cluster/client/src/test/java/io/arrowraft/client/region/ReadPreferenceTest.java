package io.arrowraft.client.region;

import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.client.fake.FakeCluster;
import io.arrowraft.client.fake.FakeCluster.Fault;
import io.arrowraft.client.fake.VirtualWorld;
import io.arrowraft.client.options.ClientOptions;
import io.arrowraft.client.options.ReadPreference;
import io.arrowraft.proto.errorpb.Error;
import io.arrowraft.proto.errorpb.ReadIndexNotReady;
import io.arrowraft.runtime.Bytes;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReadPreferenceTest {
  private final VirtualWorld world = new VirtualWorld();
  private final FakeCluster cluster = new FakeCluster(world);

  @Test
  void byDefaultOnlyTheLeaderIsRead() {
    ArrowraftClient client = client(ReadPreference.leader());
    write(client);

    assertThat(read(client)).isEqualTo(value());
    assertThat(cluster.replicaReads()).isEmpty();
  }

  @Test
  void followersAreReadInTurn() {
    ArrowraftClient client = client(ReadPreference.followers());
    write(client);

    for (int i = 0; i < 4; i++) {
      assertThat(read(client)).isEqualTo(value());
    }

    assertThat(cluster.replicaReads()).containsExactly(2L, 3L, 2L, 3L);
  }

  @Test
  void nearestReplicaIsTheOneWithTheClientsLabels() {
    ArrowraftClient client = client(ReadPreference.nearest(Map.of("zone", "z3")));
    write(client);

    read(client);
    read(client);

    assertThat(cluster.replicaReads()).containsExactly(3L, 3L);
  }

  @Test
  void leaderIsTakenAmongReplicasThatAreEquallyNear() {
    ArrowraftClient client = client(ReadPreference.nearest(Map.of("zone", "elsewhere")));
    write(client);

    read(client);

    assertThat(cluster.replicaReads()).isEmpty();
  }

  @Test
  void leaderServesWhatAReplicaRefuses() {
    ArrowraftClient client = client(ReadPreference.followers());
    write(client);
    cluster.regionError(
        "RawGet",
        Error.newBuilder()
            .setReadIndexNotReady(ReadIndexNotReady.newBuilder().setRegionId(1))
            .build());

    assertThat(read(client)).isEqualTo(value());
    assertThat(cluster.replicaReads()).isEmpty();
  }

  @Test
  void leaderServesWhenTheReplicasStoreIsGone() {
    ArrowraftClient client = client(ReadPreference.nearest(Map.of("zone", "z2")));
    write(client);
    cluster.stop(2);

    assertThat(read(client)).isEqualTo(value());
  }

  @Test
  void lostAnswerOfAReplicaIsAskedOfTheLeader() {
    ArrowraftClient client = client(ReadPreference.followers());
    write(client);
    cluster.fault("RawGet", Fault.LOSE_ANSWER);

    assertThat(read(client)).isEqualTo(value());
    assertThat(cluster.replicaReads()).containsExactly(2L);
  }

  private ArrowraftClient client(ReadPreference reads) {
    return cluster.client(ClientOptions.of(FakeCluster.PD_ADDRESS).withReads(reads));
  }

  private void write(ArrowraftClient client) {
    world.await(client.raw().put(Bytes.ofUtf8("a"), value()));
  }

  private Bytes read(ArrowraftClient client) {
    return world.await(client.raw().get(Bytes.ofUtf8("a"))).orElseThrow();
  }

  private static Bytes value() {
    return Bytes.ofUtf8("1");
  }
}
