package io.arrowraft.cli.process;

import java.nio.file.Path;

/**
 * Where the processes of a local cluster live.
 *
 * @param data root of the data directories
 * @param stores how many stores
 * @param pdPort port of the placement driver
 * @param storePort port of the first store
 * @param statusPort port of the first store's status endpoint
 * @param splitSizeMib size at which regions split
 */
public record ClusterLayout(
    Path data, int stores, int pdPort, int storePort, int statusPort, int splitSizeMib) {
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
    requirePort("--status-port", statusPort);
    requirePort("--status-port plus the number of stores", statusPort + stores - 1);
    requireApart("--pd-port", pdPort, pdPort, "stores' ports", storePort, storePort + stores - 1);
    requireApart("--pd-port", pdPort, pdPort, "status ports", statusPort, statusPort + stores - 1);
    requireApart(
        "--status-port",
        statusPort,
        statusPort + stores - 1,
        "stores' ports",
        storePort,
        storePort + stores - 1);
  }

  public String pdAddress() {
    return HOST + ":" + pdPort;
  }

  public String storeAddress(int store) {
    return HOST + ":" + (storePort + store - 1);
  }

  public String statusAddress(int store) {
    return HOST + ":" + (statusPort + store - 1);
  }

  public Path pdData() {
    return data.resolve("pd");
  }

  public Path storeData(int store) {
    return data.resolve("store-" + store);
  }

  private static void requireApart(
      String option, int first, int last, String others, int othersFirst, int othersLast) {
    if (first <= othersLast && last >= othersFirst) {
      throw new IllegalArgumentException(
          "%s %d lies among the %s %d to %d; move one of them"
              .formatted(option, first, others, othersFirst, othersLast));
    }
  }

  private static void requirePort(String what, int port) {
    if (port < 1 || port > PORT_MAX) {
      throw new IllegalArgumentException(what + " must be 1 to " + PORT_MAX + ", not " + port);
    }
  }
}
