package io.arrowraft.bench.rheakv;

import com.alipay.sofa.jraft.rhea.client.DefaultRheaKVStore;
import com.alipay.sofa.jraft.rhea.client.RheaKVStore;
import com.alipay.sofa.jraft.rhea.options.PlacementDriverOptions;
import com.alipay.sofa.jraft.rhea.options.RegionEngineOptions;
import com.alipay.sofa.jraft.rhea.options.RegionRouteTableOptions;
import com.alipay.sofa.jraft.rhea.options.RheaKVStoreOptions;
import com.alipay.sofa.jraft.rhea.options.RocksDBOptions;
import com.alipay.sofa.jraft.rhea.options.StoreEngineOptions;
import com.alipay.sofa.jraft.rhea.options.configured.PlacementDriverOptionsConfigured;
import com.alipay.sofa.jraft.rhea.options.configured.RheaKVStoreOptionsConfigured;
import com.alipay.sofa.jraft.rhea.options.configured.RocksDBOptionsConfigured;
import com.alipay.sofa.jraft.rhea.options.configured.StoreEngineOptionsConfigured;
import com.alipay.sofa.jraft.rhea.storage.StorageType;
import com.alipay.sofa.jraft.util.Endpoint;
import io.arrowraft.bench.KeyValueTarget;
import io.arrowraft.bench.TargetFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Three RheaKV stores and one client in this process, over sockets and RocksDB. Their Raft logs are
 * synced, which is RheaKV's default; the state machine's own RocksDB is not, since it can be
 * rebuilt from the log, as with ours.
 */
public final class RheaTarget implements TargetFactory {
  private static final int STORES = 3;

  @Override
  public KeyValueTarget open(Path directory, int regions) {
    List<Integer> ports = freePorts();
    List<String> servers = ports.stream().map(port -> "127.0.0.1:" + port).toList();
    String serverList = String.join(",", servers);
    List<RheaKVStore> stores = new ArrayList<>();
    for (int port : ports) {
      DefaultRheaKVStore store = new DefaultRheaKVStore();
      if (!store.init(options(directory.resolve("store-" + port), port, serverList, regions))) {
        throw new IllegalStateException("RheaKV does not start on port " + port);
      }
      stores.add(store);
    }
    DefaultRheaKVStore client = new DefaultRheaKVStore();
    if (!client.init(clientOptions(serverList, regions))) {
      throw new IllegalStateException("RheaKV's client does not start");
    }
    KeyValueTarget target = new Running(stores, client);
    awaitLeaders(target, regions);
    return target;
  }

  private static RheaKVStoreOptions options(
      Path directory, int port, String serverList, int regions) {
    List<RegionEngineOptions> engines = new ArrayList<>();
    for (int region = 0; region < regions; region++) {
      RegionEngineOptions engine = new RegionEngineOptions();
      engine.setRegionId((long) region + 1);
      engine.setStartKeyBytes(start(region, regions));
      engine.setEndKeyBytes(end(region, regions));
      engine.setInitialServerList(serverList);
      engines.add(engine);
    }
    RocksDBOptions rocks =
        RocksDBOptionsConfigured.newConfigured()
            .withDbPath(directory.resolve("db").toString())
            .config();
    StoreEngineOptions store =
        StoreEngineOptionsConfigured.newConfigured()
            .withStorageType(StorageType.RocksDB)
            .withRocksDBOptions(rocks)
            .withRaftDataPath(directory.resolve("raft").toString())
            .withServerAddress(new Endpoint("127.0.0.1", port))
            .withRegionEngineOptionsList(engines)
            .config();
    RheaKVStoreOptions options = clientOptions(serverList, regions);
    options.setStoreEngineOptions(store);
    return options;
  }

  /** What a client needs to know, and no store of its own. */
  private static RheaKVStoreOptions clientOptions(String serverList, int regions) {
    List<RegionRouteTableOptions> routes = new ArrayList<>();
    for (int region = 0; region < regions; region++) {
      RegionRouteTableOptions route = new RegionRouteTableOptions();
      route.setRegionId((long) region + 1);
      route.setStartKeyBytes(start(region, regions));
      route.setEndKeyBytes(end(region, regions));
      route.setInitialServerList(serverList);
      routes.add(route);
    }
    PlacementDriverOptions placement =
        PlacementDriverOptionsConfigured.newConfigured()
            .withFake(true)
            .withRegionRouteTableOptionsList(routes)
            .config();
    return RheaKVStoreOptionsConfigured.newConfigured()
        .withClusterName("bench")
        .withInitialServerList(serverList)
        .withPlacementDriverOptions(placement)
        .config();
  }

  private static byte[] start(int region, int regions) {
    return region == 0 ? null : border(region, regions);
  }

  private static byte[] end(int region, int regions) {
    return region == regions - 1 ? null : border(region + 1, regions);
  }

  private static byte[] border(int region, int regions) {
    long border = Long.divideUnsigned(-1L, regions) * region;
    return ByteBuffer.allocate(Long.BYTES).putLong(border).array();
  }

  private static void awaitLeaders(KeyValueTarget target, int regions) {
    for (int region = 0; region < regions; region++) {
      byte[] inside = ByteBuffer.allocate(9).put(border(region, regions)).array();
      RuntimeException last = null;
      for (int attempt = 0; attempt < 20; attempt++) {
        try {
          target.put(inside, new byte[] {1});
          last = null;
          break;
        } catch (RuntimeException notYet) {
          last = notYet;
        }
      }
      if (last != null) {
        throw last;
      }
    }
  }

  private static List<Integer> freePorts() {
    List<ServerSocket> sockets = new ArrayList<>();
    List<Integer> ports = new ArrayList<>();
    try {
      for (int store = 0; store < STORES; store++) {
        ServerSocket socket = new ServerSocket(0);
        sockets.add(socket);
        ports.add(socket.getLocalPort());
      }
      for (ServerSocket socket : sockets) {
        socket.close();
      }
    } catch (IOException none) {
      throw new UncheckedIOException("no free port", none);
    }
    return ports;
  }

  private record Running(List<RheaKVStore> stores, RheaKVStore client) implements KeyValueTarget {
    @Override
    public void put(byte[] key, byte[] value) {
      if (!client.bPut(key, value)) {
        throw new IllegalStateException("RheaKV refused a put");
      }
    }

    @Override
    public byte[] get(byte[] key) {
      return client.bGet(key);
    }

    @Override
    public long syncs() {
      return -1;
    }

    @Override
    public void close() {
      client.shutdown();
      stores.forEach(RheaKVStore::shutdown);
    }
  }
}
