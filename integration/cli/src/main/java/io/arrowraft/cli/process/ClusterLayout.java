package io.arrowraft.cli.process;

import java.nio.file.Path;

/**
 * Where the processes of a local cluster live.
 *
 * @param data root of the data directories
 * @param stores how many stores
 * @param pdPort port of the placement driver
 * @param storePort port of the first store
 * @param splitSizeMib size at which regions split
 */
public record ClusterLayout(Path data, int stores, int pdPort, int storePort, int splitSizeMib) {
  private static final String HOST = "127.0.0.1";
  private static final int PORT_MAX = 65_535;

  public ClusterLayout {
    if (stores < 1 || stores > 16) {
      throw new IllegalArgumentException("--stores must be 1 to 16, not " + stores);
    }
    if (splitSizeMib < 1) {
      throw new IllegalArgumentException(
          "--split-size must be at least 1 MiB, not " + splitSizeMib);
    }
    requirePort("--pd-port", pdPort);
    requirePort("--store-port", storePort);
    requirePort("--store-port plus the number of stores", storePort + stores - 1);
    if (pdPort >= storePort && pdPort < storePort + stores) {
      throw new IllegalArgumentException(
          "--pd-port %d lies among the stores' ports %d to %d; move one of them"
              .formatted(pdPort, storePort, storePort + stores - 1));
    }
  }

  public String pdAddress() {
    return HOST + ":" + pdPort;
  }

  public String storeAddress(int store) {
    return HOST + ":" + (storePort + store - 1);
  }

  public Path pdData() {
    return data.resolve("pd");
  }

  public Path storeData(int store) {
    return data.resolve("store-" + store);
  }

  private static void requirePort(String what, int port) {
    if (port < 1 || port > PORT_MAX) {
      throw new IllegalArgumentException(what + " must be 1 to " + PORT_MAX + ", not " + port);
    }
  }
}
