package io.arrowraft.server.apply;

import static io.arrowraft.server.apply.RegionFixture.PEER;
import static io.arrowraft.server.apply.RegionFixture.STORE;
import static io.arrowraft.server.apply.RegionFixture.bytes;
import static io.arrowraft.server.apply.RegionFixture.peer;
import static io.arrowraft.server.apply.RegionFixture.region;
import static io.arrowraft.storage.engine.ColumnFamily.RAW;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.metapb.RegionEpoch;
import io.arrowraft.proto.store.ChangePeersCommand;
import io.arrowraft.proto.store.Family;
import io.arrowraft.proto.store.PeerChange;
import io.arrowraft.proto.store.StagedFile;
import io.arrowraft.raft.core.Entry;
import io.arrowraft.raft.core.EntryType;
import io.arrowraft.raft.core.MembershipChange;
import io.arrowraft.server.region.RegionObservers;
import io.arrowraft.server.state.RegionRecords;
import io.arrowraft.storage.engine.SortedFiles;
import io.arrowraft.storage.engine.WriteBatch;
import io.arrowraft.storage.memory.MemoryEngine;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Correctness rules 15 and 25: a replica that was added after the files were staged has none of
 * them, so nobody takes them in.
 */
class IngestMembershipTest {
  private final MemoryEngine engine = new MemoryEngine();
  private final Region region = region(1, "", "");
  private final RegionApplier applier = newApplier();

  private RegionApplier newApplier() {
    RegionFixture.create(engine, region, PEER);
    return new RegionApplier(
        engine, new RegionObservers(), STORE, PEER, region, InitialLog.applyState(Counts.ZERO));
  }

  @Test
  void anIngestOfAnOlderMembershipIsRefused() {
    StagedFile file = staged();
    applier.apply(List.of(addPeer(6)));

    ApplyResult result = applier.apply(List.of(ingest(7, region.getRegionEpoch(), file)));

    assertThat(result.outcomes().get(0).refusal()).isPresent();
    assertThat(engine.get(RAW, bytes("a"))).isNull();
  }

  @Test
  void filesOfAnOlderMembershipAreRefusedUnderTheNewOneToo() {
    StagedFile file = staged();
    RegionEpoch now = applier.apply(List.of(addPeer(6))).region().getRegionEpoch();

    ApplyResult result = applier.apply(List.of(ingest(7, now, file)));

    assertThat(result.outcomes().get(0).refusal()).isPresent();
    assertThat(engine.get(RAW, bytes("a"))).isNull();
  }

  private Entry addPeer(long index) {
    ChangePeersCommand command =
        ChangePeersCommand.newBuilder()
            .setEpoch(region.getRegionEpoch())
            .addChanges(PeerChange.newBuilder().setKind(PeerChange.Kind.ADD).setPeer(peer(14, 4)))
            .build();
    return new Entry(
        6,
        index,
        EntryType.MEMBERSHIP,
        MembershipChange.simple(
                MembershipChange.StepKind.ADD_VOTER, 14, CommandCodec.changePeers(command))
            .encode());
  }

  private static Entry ingest(long index, RegionEpoch epoch, StagedFile file) {
    return Entry.normal(6, index, CommandCodec.ingest(epoch, List.of(file)));
  }

  private StagedFile staged() {
    try (SortedFiles.Writer writer = engine.sortedFiles().create(new SortedFiles.Name("f1", RAW))) {
      writer.put(bytes("a"), bytes("1"));
      writer.finish();
    }
    StagedFile file =
        StagedFile.newBuilder()
            .setName("f1")
            .setFamily(Family.RAW)
            .setRegionId(1)
            .setEpoch(region.getRegionEpoch())
            .setFirstKey(ByteString.copyFromUtf8("a"))
            .setLastKey(ByteString.copyFromUtf8("a"))
            .setPairs(1)
            .setBytes(2)
            .setChecksum(1)
            .build();
    WriteBatch batch = new WriteBatch();
    RegionRecords.putStagedFile(batch, file);
    engine.write(batch, true);
    return file;
  }
}
