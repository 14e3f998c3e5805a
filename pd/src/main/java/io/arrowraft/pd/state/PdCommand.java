package io.arrowraft.pd.state;

import com.google.protobuf.ByteString;
import io.arrowraft.proto.metapb.Cluster;
import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.metapb.Store;
import io.arrowraft.proto.metapb.StoreLabel;
import io.arrowraft.proto.metapb.StoreState;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

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

  /**
   * Registers a store, or replaces its description.
   *
   * @param silent stores that nobody had heard of when the command was made: the address of one of
   *     them may be this store's by now
   */
  record PutStore(Store store, List<Long> silent) implements PdCommand {
    public PutStore {
      silent = List.copyOf(silent);
    }

    /** No store was silent. */
    public PutStore(Store store) {
      this(store, List.of());
    }
  }

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

  /** Sets named values and forgets others, all of it or nothing. */
  record ChangeSettings(Map<String, String> put, List<String> removed) implements PdCommand {
    public ChangeSettings {
      put = Collections.unmodifiableMap(new TreeMap<>(put));
      removed = List.copyOf(removed);
    }

    /** Sets one value. */
    public static ChangeSettings put(String name, String value) {
      return new ChangeSettings(Map.of(name, value), List.of());
    }

    /** Forgets one value. */
    public static ChangeSettings remove(String name) {
      return new ChangeSettings(Map.of(), List.of(name));
    }
  }

  /**
   * Changes what operators decide about a store.
   *
   * @param state where it is in its life, if that is to change
   * @param destroyed its data is lost, and it will never come back
   * @param labels all of its labels from now on, if they are to change
   */
  record ChangeStore(
      long id, Optional<StoreState> state, boolean destroyed, Optional<List<StoreLabel>> labels)
      implements PdCommand {
    public ChangeStore {
      labels = labels.map(List::copyOf);
    }

    public static ChangeStore state(long id, StoreState state, boolean destroyed) {
      return new ChangeStore(id, Optional.of(state), destroyed, Optional.empty());
    }

    public static ChangeStore labels(long id, List<StoreLabel> labels) {
      return new ChangeStore(id, Optional.empty(), false, Optional.of(labels));
    }
  }

  /** Drops the record of a tombstone. */
  record ForgetStore(long id) implements PdCommand {}

  /** A member is reached at another address from now on. */
  record MoveMember(long id, String address) implements PdCommand {}

  /** Sets a member's priority. */
  record RankMember(long id, int priority) implements PdCommand {}
}
