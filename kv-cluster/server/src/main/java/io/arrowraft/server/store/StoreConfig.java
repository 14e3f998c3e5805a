package io.arrowraft.server.store;

import io.arrowraft.raft.RaftGroupConfig;
import io.arrowraft.raft.grpc.RpcTransportOptions;
import io.arrowraft.server.gc.GcConfig;
import io.arrowraft.server.ingest.IngestConfig;
import io.arrowraft.server.peer.RegionConfig;
import io.arrowraft.server.peer.StoreRegions;
import io.arrowraft.server.service.ServiceConfig;
import io.arrowraft.storage.engine.DiskOptions;
import java.time.Duration;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * Settings of one store.
 *
 * @param listen where it listens
 * @param capacityBytes what the placement driver is told that the store may hold
 * @param storeHeartbeat how often the store reports itself
 * @param regionHeartbeat how often every region led here is reported, beside each change
 * @param threads shared by all regions
 * @param services bounds of what clients may ask
 * @param disk how the disk of the data directory is treated
 * @param gc how garbage is collected
 * @param imports bounds of bulk import
 */
public record StoreConfig(
    Listen listen,
    long capacityBytes,
    Duration storeHeartbeat,
    Duration regionHeartbeat,
    StoreRegions.Threads threads,
    RegionConfig regions,
    RaftGroupConfig raft,
    RpcTransportOptions transport,
    ServiceConfig services,
    DiskOptions disk,
    GcConfig gc,
    IngestConfig imports) {

  /**
   * Five seconds at the default tick, five election timeouts: a region that is used every few
   * seconds keeps its lease, and waking costs the first reader one round of heartbeats.
   */
  private static final int REST_TICKS = 50;

  /**
   * @param host address to listen on
   * @param port port to listen on; 0: any free one
   * @param advertisedHost host that others are told; empty: {@code host}
   * @param statusAddress {@code host:port} of the store's HTTP endpoint; empty: none
   * @param labels where the store stands, such as zone and host, for the placement driver
   */
  public record Listen(
      String host,
      int port,
      String advertisedHost,
      String statusAddress,
      Map<String, String> labels) {
    public Listen {
      Objects.requireNonNull(host, "host");
      Objects.requireNonNull(advertisedHost, "advertisedHost");
      Objects.requireNonNull(statusAddress, "statusAddress");
      labels = Collections.unmodifiableMap(new TreeMap<>(labels));
      if (port < 0 || port > 65535) {
        throw new IllegalArgumentException("port must be between 0 and 65535, is " + port);
      }
      if (!statusAddress.isEmpty() && !statusAddress.matches("[^/]+:\\d{1,5}")) {
        throw new IllegalArgumentException(
            "status address must be host:port, such as 127.0.0.1:20180, not '"
                + statusAddress
                + "'");
      }
    }

    /** The same with another host for others; empty: where it listens. */
    public Listen withAdvertisedHost(String other) {
      return new Listen(host, port, other, statusAddress, labels);
    }

    /** The same with another status address. */
    public Listen withStatusAddress(String other) {
      return new Listen(host, port, advertisedHost, other, labels);
    }

    /** The same with other labels. */
    public Listen withLabels(Map<String, String> others) {
      return new Listen(host, port, advertisedHost, statusAddress, others);
    }

    /** The address that others are told when the server listens at {@code bound}. */
    String advertise(String bound) {
      return advertisedHost.isEmpty()
          ? bound
          : advertisedHost + bound.substring(bound.lastIndexOf(':'));
    }
  }

  public StoreConfig {
    Objects.requireNonNull(listen, "listen");
    Objects.requireNonNull(threads, "threads");
    Objects.requireNonNull(regions, "regions");
    Objects.requireNonNull(raft, "raft");
    Objects.requireNonNull(transport, "transport");
    Objects.requireNonNull(services, "services");
    Objects.requireNonNull(disk, "disk");
    Objects.requireNonNull(gc, "gc");
    Objects.requireNonNull(imports, "imports");
    if (capacityBytes < 1) {
      throw new IllegalArgumentException("capacityBytes must be positive, is " + capacityBytes);
    }
    if (storeHeartbeat.isZero()
        || storeHeartbeat.isNegative()
        || regionHeartbeat.isZero()
        || regionHeartbeat.isNegative()) {
      throw new IllegalArgumentException(
          "heartbeats must be positive: " + storeHeartbeat + ", " + regionHeartbeat);
    }
    if (regions.snapshots().sentMax() > transport.snapshotsMax()) {
      throw new IllegalArgumentException(
          "regions.snapshots.sentMax is above transport.snapshotsMax: "
              + regions.snapshots().sentMax()
              + ", "
              + transport.snapshotsMax());
    }
    if (services.scheduler().pendingBytesMax() < regions.entryBytesMax()) {
      throw new IllegalArgumentException(
          "services.scheduler.pendingBytesMax is below regions.entryBytesMax: "
              + services.scheduler().pendingBytesMax()
              + ", "
              + regions.entryBytesMax());
    }
    if (regions.entryBytesMax() > raft.entryBytesMax()) {
      throw new IllegalArgumentException(
          "regions.entryBytesMax is above raft.entryBytesMax: "
              + regions.entryBytesMax()
              + ", "
              + raft.entryBytesMax());
    }
  }

  /** A store on {@code host:port} with the defaults of all its parts. */
  public static StoreConfig defaults(String host, int port) {
    return new StoreConfig(
        new Listen(host, port, "", "", Map.of()),
        1L << 40,
        Duration.ofSeconds(10),
        Duration.ofSeconds(60),
        StoreRegions.Threads.defaults(),
        RegionConfig.defaults(),
        RaftGroupConfig.defaults().withLazyCommitNotice(true).withRest(REST_TICKS),
        RpcTransportOptions.defaults(),
        ServiceConfig.defaults(),
        DiskOptions.defaults(),
        GcConfig.defaults(),
        IngestConfig.defaults());
  }

  public StoreConfig withListen(Listen other) {
    return new StoreConfig(
        other,
        capacityBytes,
        storeHeartbeat,
        regionHeartbeat,
        threads,
        regions,
        raft,
        transport,
        services,
        disk,
        gc,
        imports);
  }

  public StoreConfig withRegions(RegionConfig other) {
    return new StoreConfig(
        listen,
        capacityBytes,
        storeHeartbeat,
        regionHeartbeat,
        threads,
        other,
        raft,
        transport,
        services,
        disk,
        gc,
        imports);
  }

  public StoreConfig withThreads(StoreRegions.Threads other) {
    return new StoreConfig(
        listen,
        capacityBytes,
        storeHeartbeat,
        regionHeartbeat,
        other,
        regions,
        raft,
        transport,
        services,
        disk,
        gc,
        imports);
  }

  public StoreConfig withRaft(RaftGroupConfig other) {
    return new StoreConfig(
        listen,
        capacityBytes,
        storeHeartbeat,
        regionHeartbeat,
        threads,
        regions,
        other,
        transport,
        services,
        disk,
        gc,
        imports);
  }

  public StoreConfig withServices(ServiceConfig other) {
    return new StoreConfig(
        listen,
        capacityBytes,
        storeHeartbeat,
        regionHeartbeat,
        threads,
        regions,
        raft,
        transport,
        other,
        disk,
        gc,
        imports);
  }

  public StoreConfig withHeartbeats(Duration store, Duration region) {
    return new StoreConfig(
        listen,
        capacityBytes,
        store,
        region,
        threads,
        regions,
        raft,
        transport,
        services,
        disk,
        gc,
        imports);
  }

  public StoreConfig withDisk(DiskOptions other) {
    return new StoreConfig(
        listen,
        capacityBytes,
        storeHeartbeat,
        regionHeartbeat,
        threads,
        regions,
        raft,
        transport,
        services,
        other,
        gc,
        imports);
  }

  public StoreConfig withGc(GcConfig other) {
    return new StoreConfig(
        listen,
        capacityBytes,
        storeHeartbeat,
        regionHeartbeat,
        threads,
        regions,
        raft,
        transport,
        services,
        disk,
        other,
        imports);
  }

  public StoreConfig withImports(IngestConfig other) {
    return new StoreConfig(
        listen,
        capacityBytes,
        storeHeartbeat,
        regionHeartbeat,
        threads,
        regions,
        raft,
        transport,
        services,
        disk,
        gc,
        other);
  }
}
