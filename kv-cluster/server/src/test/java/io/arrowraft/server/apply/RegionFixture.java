package io.arrowraft.server.apply;

import com.google.protobuf.ByteString;
import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.metapb.RegionEpoch;
import io.arrowraft.proto.store.NewRegion;
import io.arrowraft.proto.store.RegionPhase;
import io.arrowraft.proto.store.RegionState;
import io.arrowraft.proto.store.SplitCommand;
import io.arrowraft.raft.core.Entry;
import io.arrowraft.server.state.RegionRecords;
import io.arrowraft.storage.engine.ColumnFamily;
import io.arrowraft.storage.engine.Engine;
import io.arrowraft.storage.engine.WriteBatch;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A region on store 1 with peers 11, 12 and 13 on stores 1, 2 and 3. */
public final class RegionFixture {
  public static final long STORE = 1;
  public static final long PEER = 11;

  private RegionFixture() {}

  public static Region region(long id, String start, String end) {
    return Region.newBuilder()
        .setId(id)
        .setStartKey(ByteString.copyFromUtf8(start))
        .setEndKey(ByteString.copyFromUtf8(end))
        .setRegionEpoch(RegionEpoch.newBuilder().setConfVer(1).setVersion(1))
        .addPeers(peer(11, 1))
        .addPeers(peer(12, 2))
        .addPeers(peer(13, 3))
        .build();
  }

  public static Peer peer(long id, long store) {
    return Peer.newBuilder().setId(id).setStoreId(store).build();
  }

  /** Writes the records of a new region. */
  public static void create(Engine engine, Region region, long peerId) {
    WriteBatch batch = new WriteBatch();
    RegionRecords.putRegionState(
        batch,
        RegionState.newBuilder()
            .setPhase(RegionPhase.NORMAL)
            .setRegion(region)
            .setPeerId(peerId)
            .build());
    RegionRecords.putApplyState(batch, region.getId(), InitialLog.applyState(Counts.ZERO));
    engine.write(batch, true);
  }

  public static WriteBatch.Operation put(String key, String value) {
    return new WriteBatch.Put(ColumnFamily.RAW, bytes(key), bytes(value));
  }

  public static Entry data(long index, RegionEpoch epoch, WriteBatch.Operation... operations) {
    return Entry.normal(6, index, CommandCodec.data(epoch, List.of(operations)));
  }

  /** A split into the old region and one for each key, with ids 100, 101... and peers from 1000. */
  public static Entry split(long index, Region region, String... keys) {
    List<NewRegion> parts = new ArrayList<>();
    for (int i = 0; i < keys.length; i++) {
      NewRegion.Builder part =
          NewRegion.newBuilder().setSplitKey(ByteString.copyFromUtf8(keys[i])).setRegionId(100 + i);
      for (int p = 0; p < region.getPeersCount(); p++) {
        part.addPeerIds(1000 + 10L * i + p);
      }
      parts.add(part.build());
    }
    return Entry.normal(
        6,
        index,
        CommandCodec.split(
            region.getRegionEpoch(), SplitCommand.newBuilder().addAllParts(parts).build()));
  }

  public static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
