package io.arrowraft.bench;

import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.client.options.ClientOptions;
import io.arrowraft.client.region.KeySpace;
import io.arrowraft.embedded.EmbeddedCluster;
import io.arrowraft.embedded.EmbeddedOptions;
import io.arrowraft.runtime.Bytes;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Three stores of ours and one client, in this process, over gRPC and RocksDB. */
public final class ArrowraftTarget implements TargetFactory {
  @Override
  public KeyValueTarget open(Path directory, int regions) {
    EmbeddedCluster cluster = cluster(directory, regions);
    return new Running(cluster, ArrowraftClient.connect(ClientOptions.of(cluster.pdAddress())));
  }

  /** Three stores, with the keys divided among regions. */
  static EmbeddedCluster cluster(Path directory, int regions) {
    EmbeddedCluster cluster = EmbeddedCluster.start(EmbeddedOptions.defaults(directory));
    try (ArrowraftClient client = ArrowraftClient.connect(ClientOptions.of(cluster.pdAddress()))) {
      client.await(client.split(KeySpace.RAW, borders(regions)));
    }
    return cluster;
  }

  /** The keys that divide all keys evenly. */
  static List<Bytes> borders(int regions) {
    List<Bytes> borders = new ArrayList<>();
    for (int region = 1; region < regions; region++) {
      long border = Long.divideUnsigned(-1L, regions) * region;
      borders.add(Bytes.wrap(ByteBuffer.allocate(Long.BYTES).putLong(border).array()));
    }
    return borders;
  }

  private record Running(EmbeddedCluster cluster, ArrowraftClient client)
      implements KeyValueTarget {
    @Override
    public void put(byte[] key, byte[] value) {
      client.await(client.raw().put(Bytes.wrap(key), Bytes.wrap(value)));
    }

    @Override
    public byte[] get(byte[] key) {
      return client.await(client.raw().get(Bytes.wrap(key))).map(Bytes::unsafeArray).orElse(null);
    }

    @Override
    public long syncs() {
      return cluster.logSyncs();
    }

    @Override
    public void close() {
      client.close();
      cluster.close();
    }
  }
}
