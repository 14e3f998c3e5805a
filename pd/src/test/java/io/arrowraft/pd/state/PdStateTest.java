package io.arrowraft.pd.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.arrowraft.proto.metapb.Cluster;
import io.arrowraft.proto.metapb.NodeState;
import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.metapb.Store;
import io.arrowraft.proto.metapb.StoreLabel;
import io.arrowraft.proto.metapb.StoreState;
import io.arrowraft.proto.pd.MemberRecord;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class PdStateTest {
  private final PdState state = new PdState();

  private static Store store(long id, String address) {
    return Store.newBuilder().setId(id).setAddress(address).build();
  }

  private static Region region(long id, long confVer, long version) {
    Region.Builder region = Region.newBuilder().setId(id);
    region.getRegionEpochBuilder().setConfVer(confVer).setVersion(version);
    return region.build();
  }

  private static StoreLabel label(String key, String value) {
    return StoreLabel.newBuilder().setKey(key).setValue(value).build();
  }

  private static ByteString service(String name) {
    return ByteString.copyFromUtf8(name);
  }

  @Provide
  Arbitrary<PdCommand> commands() {
    Arbitrary<Long> small = Arbitraries.longs().between(1, 5);
    return Arbitraries.oneOf(
        small.map(PdCommand.InitialiseCluster::new),
        small.map(id -> new PdCommand.BootstrapCluster(store(id, "a" + id), region(id, 1, 1))),
        small.map(PdCommand.ReserveIds::new),
        small.map(PdCommand.ExtendTimestampWindow::new),
        small.map(id -> new PdCommand.PutStore(store(id, "a" + id % 3), List.of(id + 1))),
        small.map(
            n ->
                new PdCommand.PutRegions(
                    List.of(region(n, 1, n), region(n + 1, n, 1)), List.of(n - 1))),
        small.map(
            n -> new PdCommand.PutClusterConfig(Cluster.newBuilder().setMaxPeerCount(3).build())),
        small.map(PdCommand.AdvanceSafePoint::new),
        small.map(id -> new PdCommand.MoveMember(id, "m" + id)),
        small.map(id -> new PdCommand.RankMember(id, (int) (id - 3))),
        small.map(
            n -> new PdCommand.HoldSafePoint(service("s" + n % 2), n, n % 3 == 0 ? 0 : n * 2, n)),
        small.map(n -> PdCommand.ChangeSettings.put("setting/" + n, "{\"n\":" + n + "}")),
        small.map(n -> PdCommand.ChangeSettings.remove("setting/" + n)),
        small.map(n -> PdCommand.ChangeStore.state(n, StoreState.forNumber((int) (n % 3)), n == 5)),
        small.map(n -> PdCommand.ChangeStore.labels(n, List.of(label("zone", "z" + n)))),
        small.map(PdCommand.ForgetStore::new));
  }

  /**
   * What the writes say is what the state is: after any commands, loading the records gives the
   * same state.
   */
  @Property(tries = 300)
  void recordsHoldTheWholeState(@ForAll("histories") List<PdCommand> history) {
    PdState applied = new PdState();
    Map<ByteString, ByteString> records =
        new TreeMap<>(ByteString.unsignedLexicographicalComparator());
    for (PdCommand command : history) {
      assertThat(CommandCodec.decode(CommandCodec.encode(command))).isEqualTo(command);
      for (StateWrite write : applied.apply(command).writes()) {
        if (write.value() == null) {
          records.remove(write.key());
        } else {
          records.put(write.key(), write.value());
        }
      }
    }
    PdState loaded = new PdState();
    records.forEach(loaded::load);
    assertThat(loaded.records()).isEqualTo(applied.records());
    PdState replaced = new PdState();
    replaced.apply(new PdCommand.PutStore(store(77, "old"), List.of()));
    PdState arrived = new PdState();
    StatePieces.decode(StatePieces.encode(applied.records()))
        .forEach(record -> arrived.load(record.key(), record.value()));
    replaced.become(arrived);
    assertThat(replaced.records()).isEqualTo(applied.records());
  }

  @Provide
  Arbitrary<List<PdCommand>> histories() {
    return commands().list().ofMaxSize(30);
  }

  @Test
  void theFirstClusterIdWins() {
    assertThat(state.apply(new PdCommand.InitialiseCluster(7)).result())
        .isEqualTo(new PdResult.ClusterId(7));
    assertThat(state.apply(new PdCommand.InitialiseCluster(8)).result())
        .isEqualTo(new PdResult.ClusterId(7));
  }

  @Test
  void bootstrapHappensOnce() {
    PdCommand first = new PdCommand.BootstrapCluster(store(1, "a"), region(2, 1, 1));
    assertThat(state.apply(first).result()).isEqualTo(new PdResult.Done());
    assertThat(state.apply(new PdCommand.BootstrapCluster(store(3, "b"), region(4, 1, 1))).result())
        .isEqualTo(new PdResult.AlreadyBootstrapped());
    assertThat(state.stores()).containsExactly(store(1, "a"));
  }

  @Test
  void idRangesNeverOverlap() {
    assertThat(state.apply(new PdCommand.ReserveIds(10)).result())
        .isEqualTo(new PdResult.IdRange(1, 10));
    assertThat(state.apply(new PdCommand.ReserveIds(5)).result())
        .isEqualTo(new PdResult.IdRange(11, 15));
  }

  @Test
  void windowAndSafePointNeverGoBack() {
    state.apply(new PdCommand.ExtendTimestampWindow(100));
    assertThat(state.apply(new PdCommand.ExtendTimestampWindow(50)).result())
        .isEqualTo(new PdResult.TimestampLimit(100));
    state.apply(new PdCommand.AdvanceSafePoint(100));
    assertThat(state.apply(new PdCommand.AdvanceSafePoint(50)).result())
        .isEqualTo(new PdResult.SafePoint(100));
  }

  @Test
  void twoStoresCannotShareAnAddress() {
    state.apply(new PdCommand.PutStore(store(1, "a:1"), List.of()));
    assertThat(state.apply(new PdCommand.PutStore(store(2, "a:1"), List.of())).result())
        .isEqualTo(new PdResult.Rejected("store 2 wants address a:1, which belongs to store 1"));
  }

  @Test
  void theAddressOfASilentStoreGoesToTheOneThatListensThereNow() {
    state.apply(new PdCommand.PutStore(store(1, "a:1"), List.of()));
    assertThat(state.apply(new PdCommand.PutStore(store(2, "a:1"), List.of(1L))).result())
        .isEqualTo(new PdResult.Done());
    assertThat(state.apply(new PdCommand.PutStore(store(1, "a:2"), List.of(1L))).result())
        .isEqualTo(new PdResult.Done());
  }

  @Test
  void aMemberThatIsNotThereIsNotChanged() {
    state.putMember(MemberRecord.newBuilder().setId(1).setName("pd-1").setAddress("a:1").build());
    assertThat(state.apply(new PdCommand.RankMember(2, 5)).result())
        .isInstanceOf(PdResult.Rejected.class);
    state.apply(new PdCommand.MoveMember(1, "a:2"));
    state.apply(new PdCommand.RankMember(1, 5));
    assertThat(state.member(1).orElseThrow())
        .isEqualTo(
            MemberRecord.newBuilder()
                .setId(1)
                .setName("pd-1")
                .setAddress("a:2")
                .setPriority(5)
                .build());
  }

  @Test
  void aTombstoneStaysOne() {
    state.apply(
        new PdCommand.PutStore(
            store(1, "a:1").toBuilder().setState(StoreState.Tombstone).build(), List.of()));
    assertThat(state.apply(new PdCommand.PutStore(store(1, "a:1"), List.of())).result())
        .isInstanceOf(PdResult.Rejected.class);
  }

  @Test
  void aStoreThatIsDrainedStaysSoWhateverItSaysOfItself() {
    state.apply(new PdCommand.PutStore(store(1, "a:1")));
    state.apply(PdCommand.ChangeStore.labels(1, List.of(label("zone", "a"), label("disk", "ssd"))));
    state.apply(PdCommand.ChangeStore.state(1, StoreState.Offline, false));

    state.apply(
        new PdCommand.PutStore(store(1, "a:2").toBuilder().addLabels(label("Zone", "b")).build()));

    Store kept = state.store(1).orElseThrow();
    assertThat(kept.getState()).isEqualTo(StoreState.Offline);
    assertThat(kept.getNodeState()).isEqualTo(NodeState.Removing);
    assertThat(kept.getAddress()).isEqualTo("a:2");
    assertThat(kept.getLabelsList()).containsExactly(label("disk", "ssd"), label("Zone", "b"));
  }

  @Test
  void onlyTombstonesAreForgottenAndDestroyedStoresNeverComeBack() {
    state.apply(new PdCommand.PutStore(store(1, "a:1")));
    assertThat(state.apply(new PdCommand.ForgetStore(1)).result())
        .isInstanceOf(PdResult.Rejected.class);
    state.apply(PdCommand.ChangeStore.state(1, StoreState.Offline, true));
    assertThat(state.apply(PdCommand.ChangeStore.state(1, StoreState.Up, false)).result())
        .isInstanceOf(PdResult.Rejected.class);
    state.apply(PdCommand.ChangeStore.state(1, StoreState.Tombstone, false));
    assertThat(state.apply(PdCommand.ChangeStore.state(1, StoreState.Offline, false)).result())
        .isInstanceOf(PdResult.Rejected.class);
    state.apply(new PdCommand.ForgetStore(1));
    assertThat(state.stores()).isEmpty();
  }

  @Test
  void anOlderRegionNeverReplacesANewerRecord() {
    state.apply(new PdCommand.PutRegions(List.of(region(1, 2, 5)), List.of()));
    state.apply(new PdCommand.PutRegions(List.of(region(1, 3, 4)), List.of()));
    assertThat(state.regions()).containsExactly(region(1, 2, 5));
  }

  @Test
  void theLowestHoldIsAnsweredAndExpires() {
    assertThat(state.apply(new PdCommand.HoldSafePoint(service("backup"), 50, 100, 10)).result())
        .isEqualTo(
            new PdResult.LowestHold(new ServiceHold(ServiceHold.GC_WORKER, 0, Long.MAX_VALUE)));
    state.apply(new PdCommand.HoldSafePoint(ServiceHold.GC_WORKER, 80, Long.MAX_VALUE, 11));
    assertThat(
            state
                .apply(new PdCommand.HoldSafePoint(ServiceHold.GC_WORKER, 80, Long.MAX_VALUE, 12))
                .result())
        .isEqualTo(new PdResult.LowestHold(new ServiceHold(service("backup"), 50, 100)));
    assertThat(
            state
                .apply(new PdCommand.HoldSafePoint(ServiceHold.GC_WORKER, 80, Long.MAX_VALUE, 101))
                .result())
        .isEqualTo(
            new PdResult.LowestHold(new ServiceHold(ServiceHold.GC_WORKER, 80, Long.MAX_VALUE)));
  }

  @Test
  void anUnknownVersionIsNotGuessedAt() {
    assertThatThrownBy(() -> CommandCodec.decode(ByteString.copyFrom(new byte[] {9, 1})))
        .isInstanceOf(CorruptStateException.class)
        .hasMessageContaining("format version 9");
  }
}
