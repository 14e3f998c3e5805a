package io.arrowraft.spark;

import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.client.options.ClientOptions;
import io.arrowraft.coprocessor.read.TableReaders;
import io.arrowraft.runtime.threads.SystemTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The clients of this JVM, one for each cluster. Spark makes catalogs and readers by itself and
 * gives them no place to keep a connection, so this and {@code RunningQueries} are the places in
 * the connector with static state. Clients stay open until the application ends; of those that
 * nobody asked for lately only a few are kept. Safe for use by any thread.
 */
final class SharedClients {
  private static final Logger LOG = LoggerFactory.getLogger(SharedClients.class);
  private static final int CLUSTERS_MAX = 16;

  private static final SharedClients INSTANCE = new SharedClients();

  /** A client, and what reads through it. */
  record Connection(ArrowraftClient client, TableReaders readers, BufferAllocator allocator) {
    private void close() {
      client.close();
      if (allocator.getAllocatedMemory() == 0) {
        allocator.close();
      } else {
        LOG.warn("batches outlive their client: bytes={}", allocator.getAllocatedMemory());
      }
    }
  }

  /** Least recently used first. */
  private final LinkedHashMap<String, Connection> connections =
      new LinkedHashMap<>(16, 0.75f, true);

  private SharedClients() {}

  static SharedClients instance() {
    return INSTANCE;
  }

  /**
   * The connection to a cluster, made if there is none.
   *
   * @param pdAddresses {@code host:port}, several separated by commas
   * @throws TikvException {@link TikvException.Code#NO_PLACEMENT_DRIVER} if nobody answers there
   */
  synchronized Connection to(String pdAddresses) {
    Connection known = connections.get(pdAddresses);
    if (known != null) {
      return known;
    }
    Connection made = connect(pdAddresses);
    connections.put(pdAddresses, made);
    if (connections.size() > CLUSTERS_MAX) {
      Map.Entry<String, Connection> oldest = connections.entrySet().iterator().next();
      connections.remove(oldest.getKey());
      oldest.getValue().close();
    }
    return made;
  }

  private static Connection connect(String pdAddresses) {
    ArrowraftClient client;
    try {
      client = ArrowraftClient.connect(ClientOptions.of(pdAddresses));
    } catch (IllegalArgumentException notAnAddress) {
      throw new TikvException(
          TikvException.Code.INVALID_OPTION,
          "option '" + TikvReadOptions.PD_ADDRESSES + "': " + notAnAddress.getMessage(),
          notAnAddress);
    } catch (RuntimeException unreachable) {
      throw new TikvException(
          TikvException.Code.NO_PLACEMENT_DRIVER,
          String.valueOf(unreachable.getMessage()).contains(pdAddresses)
              ? unreachable.getMessage()
              : "no placement driver answers at " + pdAddresses + ": " + unreachable.getMessage(),
          unreachable);
    }
    BufferAllocator allocator = new RootAllocator();
    return new Connection(
        client, new TableReaders(client.coprocessor(), SystemTime.INSTANCE, allocator), allocator);
  }

  /** Closes every client; they are made again when needed. */
  void closeAll() {
    List<Connection> open;
    synchronized (this) {
      open = new ArrayList<>(connections.values());
      connections.clear();
    }
    open.forEach(Connection::close);
  }
}
