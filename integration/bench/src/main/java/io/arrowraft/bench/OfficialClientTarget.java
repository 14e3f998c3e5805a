package io.arrowraft.bench;

import io.arrowraft.embedded.EmbeddedCluster;
import java.nio.file.Path;
import org.tikv.common.TiConfiguration;
import org.tikv.common.TiSession;
import org.tikv.raw.RawKVClient;
import org.tikv.shade.com.google.protobuf.ByteString;

/**
 * Three stores of ours and TiKV's own Java client, in this process, over gRPC and RocksDB. That
 * client sends one request for each operation.
 */
public final class OfficialClientTarget implements TargetFactory {
  private static final int TIMEOUT_MILLIS = 20_000;

  @Override
  public KeyValueTarget open(Path directory, int regions) {
    EmbeddedCluster cluster = ArrowraftTarget.cluster(directory, regions);
    TiConfiguration configuration = TiConfiguration.createRawDefault(cluster.pdAddress());
    // As long as ours; by default it gives up after two or three seconds, which a cold start on a
    // busy machine can take.
    configuration.setRawKVWriteTimeoutInMS(TIMEOUT_MILLIS);
    configuration.setRawKVReadTimeoutInMS(TIMEOUT_MILLIS);
    TiSession session = TiSession.create(configuration);
    return new Running(cluster, session, session.createRawClient());
  }

  private record Running(EmbeddedCluster cluster, TiSession session, RawKVClient client)
      implements KeyValueTarget {
    @Override
    public void put(byte[] key, byte[] value) {
      client.put(ByteString.copyFrom(key), ByteString.copyFrom(value));
    }

    @Override
    public byte[] get(byte[] key) {
      return client.get(ByteString.copyFrom(key)).map(ByteString::toByteArray).orElse(null);
    }

    @Override
    public long syncs() {
      return cluster.logSyncs();
    }

    @Override
    public void close() {
      client.close();
      try {
        session.close();
      } catch (Exception failed) {
        throw new IllegalStateException("the client does not close", failed);
      }
      cluster.close();
    }
  }
}
