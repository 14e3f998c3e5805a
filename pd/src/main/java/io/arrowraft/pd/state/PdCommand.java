package io.arrowraft.pd.state;

import com.google.protobuf.ByteString;
import io.arrowraft.proto.metapb.Cluster;
import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.metapb.Store;
import java.util.List;

/** A change of the replicated state, as one entry of the log. */
public sealed interface PdCommand {

  /** Gives the cluster its id unless it has one. */
  record InitialiseCluster(long clusterId) implements PdCommand {
    public InitialiseCluster {
      if (clusterId == 0) {
        throw new IllegalArgumentException("a cluster id is never 0");
      }
    }
  }

  /** Registers the first store and the first region, once. */
  record BootstrapCluster(Store store, Region region) implements PdCommand {}

  /** Takes {@code count} ids out of the pool. */
  record ReserveIds(long count) implements PdCommand {
    public ReserveIds {
      if (count <= 0) {
        throw new IllegalArgumentException("count of ids to reserve is " + count);
      }
    }
  }

  /** Allows timestamps whose physical part, in milliseconds, is below {@code limit}. */
  record ExtendTimestampWindow(long limit) implements PdCommand {}

  /** Registers a store, or replaces its description. */
  record PutStore(Store store) implements PdCommand {}

  /** Records regions that changed their range or peers, and forgets the ones they replaced. */
  record PutRegions(List<Region> regions, List<Long> removed) implements PdCommand {
    public PutRegions {
      regions = List.copyOf(regions);
      removed = List.copyOf(removed);
    }
  }

  /** Replaces the cluster's configuration. */
  record PutClusterConfig(Cluster cluster) implements PdCommand {}

  /** Moves the garbage collection safe point forward. */
  record AdvanceSafePoint(long safePoint) implements PdCommand {}

  /**
   * Lets a service hold garbage collection below {@code safePoint}.
   *
   * @param expiresAt seconds since the epoch; 0 lets go, {@link Long#MAX_VALUE} never expires
   * @param now seconds since the epoch at which the command was made
   */
  record HoldSafePoint(ByteString service, long safePoint, long expiresAt, long now)
      implements PdCommand {}
}
