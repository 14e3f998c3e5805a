package io.arrowraft.pd.state;

import com.google.protobuf.ByteString;
import io.arrowraft.proto.pd.Command;

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
      message.getPutStoreBuilder().setStore(c.store());
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
    } else {
      throw new IllegalStateException("no encoding for " + command.getClass());
    }
    return message.build();
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
      case PUT_STORE -> new PdCommand.PutStore(m.getPutStore().getStore());
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
      case KIND_NOT_SET -> throw new CorruptStateException("a command of the log has no kind");
    };
  }
}
