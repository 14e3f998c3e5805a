package io.arrowraft.server.peer;

import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.proto.metapb.Region;
import io.arrowraft.server.region.RegionHash;
import io.arrowraft.server.snapshot.FrozenRegion;
import io.arrowraft.server.snapshot.RegionHasher;
import io.arrowraft.server.snapshot.SnapshotInstaller;
import io.arrowraft.server.snapshot.SnapshotStaging;
import io.arrowraft.server.state.RegionRecords;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * Correctness rules 19 and 20: an installation that was declared is carried out, whatever comes.
 */
class DeclaredSnapshotTest {
  private final TestCluster cluster = TestCluster.started(1, RegionConfig.defaults());

  @Test
  void whatIsStagedOutlivesTheDeclarationAndIsInstalledAtTheStart() {
    TestCluster.Node away = cluster.followersOf(1).get(0);
    TestCluster.Node leader = cluster.leaderOf(1);
    cluster.isolate(away);
    for (int i = 0; i < 20; i++) {
      cluster.mustPut(1, "k" + i, "v" + i);
    }
    cluster.replicasAgree(
        1,
        leader,
        cluster.followersOf(1).stream().filter(n -> n != away).findFirst().orElseThrow());
    Region held = away.regions().region(1).orElseThrow().region();
    RegionHash expected = RegionHasher.hash(leader.engine, 1);
    cluster.crash(away);

    try (FrozenRegion source = FrozenRegion.open(leader.engine, 1, 1, 200).orElseThrow()) {
      SnapshotStaging staging = new SnapshotStaging(away.engine, source.manifest());
      Optional<byte[]> chunk;
      while ((chunk = source.next()).isPresent()) {
        staging.add(chunk.get());
      }
      new SnapshotInstaller(away.engine).begin(staging, 10 + away.id, Optional.of(held), List.of());
    }
    away.engine = away.engine.crash(() -> 0);
    cluster.start(away);

    assertThat(RegionHasher.hash(away.engine, 1)).isEqualTo(expected);
    assertThat(RegionRecords.regionsWithChunks(away.engine)).isEmpty();
    cluster.heal();
    cluster.mustPut(1, "last", "v");
    cluster.replicasAgree(1);
  }
}
