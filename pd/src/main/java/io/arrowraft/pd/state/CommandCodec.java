package io.arrowraft.pd.state;

import com.google.protobuf.ByteString;
import io.arrowraft.proto.pd.ChangeSettings;
import io.arrowraft.proto.pd.ChangeStore;
import io.arrowraft.proto.pd.Command;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Commands as bytes of the replicated log. */
public final class CommandCodec {

  private CommandCodec() {}

  /** Bytes that {@link #decode} reads back. */
  public static ByteString encode(PdCommand command) {
    return Versioned.encode(toMessage(command));
  }

  /**
   * Reads a command.
   *
   * @throws CorruptStateException if the bytes are not a command of a known version
   */
  public static PdCommand decode(ByteString bytes) {
    return fromMessage(Versioned.decode(bytes, Command.parser(), "a command of the log"));
  }

  private static Command toMessage(PdCommand command) {
    Command.Builder message = Command.newBuilder();
    if (command instanceof PdCommand.InitialiseCluster c) {
      message.getInitialiseClusterBuilder().setClusterId(c.clusterId());
    } else if (command instanceof PdCommand.BootstrapCluster c) {
      message.getBootstrapClusterBuilder().setStore(c.store()).setRegion(c.region());
    } else if (command instanceof PdCommand.ReserveIds c) {
      message.getReserveIdsBuilder().setCount(c.count());
    } else if (command instanceof PdCommand.ExtendTimestampWindow c) {
      message.getExtendTimestampWindowBuilder().setLimit(c.limit());
    } else if (command instanceof PdCommand.PutStore c) {
      message.getPutStoreBuilder().setStore(c.store()).addAllSilent(c.silent());
    } else if (command instanceof PdCommand.PutRegions c) {
      message.getPutRegionsBuilder().addAllRegions(c.regions()).addAllRemoved(c.removed());
    } else if (command instanceof PdCommand.PutClusterConfig c) {
      message.getPutClusterConfigBuilder().setCluster(c.cluster());
    } else if (command instanceof PdCommand.AdvanceSafePoint c) {
      message.getAdvanceSafePointBuilder().setSafePoint(c.safePoint());
    } else if (command instanceof PdCommand.HoldSafePoint c) {
      message
          .getHoldSafePointBuilder()
          .setService(c.service())
          .setSafePoint(c.safePoint())
          .setExpiresAt(c.expiresAt())
          .setNow(c.now());
    } else if (command instanceof PdCommand.ChangeSettings c) {
      ChangeSettings.Builder settings = message.getChangeSettingsBuilder();
      c.put().forEach((name, value) -> settings.addPutBuilder().setName(name).setValue(value));
      settings.addAllRemoved(c.removed());
    } else if (command instanceof PdCommand.ChangeStore c) {
      ChangeStore.Builder store = message.getChangeStoreBuilder().setId(c.id());
      c.state().ifPresent(state -> store.setSetState(true).setState(state));
      c.labels().ifPresent(labels -> store.setSetLabels(true).addAllLabels(labels));
      store.setPhysicallyDestroyed(c.destroyed());
    } else if (command instanceof PdCommand.ForgetStore c) {
      message.getChangeStoreBuilder().setId(c.id()).setForget(true);
    } else if (command instanceof PdCommand.MoveMember c) {
      message.getMoveMemberBuilder().setId(c.id()).setAddress(c.address());
    } else if (command instanceof PdCommand.RankMember c) {
      message.getRankMemberBuilder().setId(c.id()).setPriority(c.priority());
    } else {
      throw new IllegalStateException("no encoding for " + command.getClass());
    }
    return message.build();
  }

  private static PdCommand settings(ChangeSettings m) {
    Map<String, String> put = new TreeMap<>();
    m.getPutList().forEach(setting -> put.put(setting.getName(), setting.getValue()));
    return new PdCommand.ChangeSettings(put, m.getRemovedList());
  }

  private static PdCommand store(ChangeStore m) {
    return m.getForget()
        ? new PdCommand.ForgetStore(m.getId())
        : new PdCommand.ChangeStore(
            m.getId(),
            m.getSetState() ? Optional.of(m.getState()) : Optional.empty(),
            m.getPhysicallyDestroyed(),
            m.getSetLabels() ? Optional.of(m.getLabelsList()) : Optional.empty());
  }

  private static PdCommand fromMessage(Command m) {
    return switch (m.getKindCase()) {
      case INITIALISE_CLUSTER ->
          new PdCommand.InitialiseCluster(m.getInitialiseCluster().getClusterId());
      case BOOTSTRAP_CLUSTER ->
          new PdCommand.BootstrapCluster(
              m.getBootstrapCluster().getStore(), m.getBootstrapCluster().getRegion());
      case RESERVE_IDS -> new PdCommand.ReserveIds(m.getReserveIds().getCount());
      case EXTEND_TIMESTAMP_WINDOW ->
          new PdCommand.ExtendTimestampWindow(m.getExtendTimestampWindow().getLimit());
      case PUT_STORE ->
          new PdCommand.PutStore(m.getPutStore().getStore(), m.getPutStore().getSilentList());
      case PUT_REGIONS ->
          new PdCommand.PutRegions(
              m.getPutRegions().getRegionsList(), m.getPutRegions().getRemovedList());
      case PUT_CLUSTER_CONFIG ->
          new PdCommand.PutClusterConfig(m.getPutClusterConfig().getCluster());
      case ADVANCE_SAFE_POINT ->
          new PdCommand.AdvanceSafePoint(m.getAdvanceSafePoint().getSafePoint());
      case HOLD_SAFE_POINT ->
          new PdCommand.HoldSafePoint(
              m.getHoldSafePoint().getService(),
              m.getHoldSafePoint().getSafePoint(),
              m.getHoldSafePoint().getExpiresAt(),
              m.getHoldSafePoint().getNow());
      case CHANGE_SETTINGS -> settings(m.getChangeSettings());
      case CHANGE_STORE -> store(m.getChangeStore());
      case MOVE_MEMBER ->
          new PdCommand.MoveMember(m.getMoveMember().getId(), m.getMoveMember().getAddress());
      case RANK_MEMBER ->
          new PdCommand.RankMember(m.getRankMember().getId(), m.getRankMember().getPriority());
      case KIND_NOT_SET -> throw new CorruptStateException("a command of the log has no kind");
    };
  }
}
