package io.arrowraft.cli.process;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Where the processes of a local cluster live.
 *
 * @param data root of the data directories
 * @param stores how many stores
 * @param placementDrivers how many members the placement driver has; 0: as many as the data says
 * @param pdPort port of the first placement driver
 * @param storePort port of the first store
 * @param statusPort port of the first store's status endpoint
 * @param splitSizeMib size at which regions split
 */
public record ClusterLayout(
    Path data,
    int stores,
    int placementDrivers,
    int pdPort,
    int storePort,
    int statusPort,
    int splitSizeMib) {
  private static final String HOST = "127.0.0.1";
  private static final int PORT_MAX = 65_535;
  private static final Set<Integer> PD_COUNTS = new TreeSet<>(List.of(0, 1, 3, 5));

  public ClusterLayout {
    if (stores < 1 || stores > 16) {
      throw new IllegalArgumentException("--stores must be 1 to 16, not " + stores);
    }
    if (!PD_COUNTS.contains(placementDrivers)) {
      throw new IllegalArgumentException("--pd must be 1, 3 or 5, not " + placementDrivers);
    }
    if (splitSizeMib < 1) {
      throw new IllegalArgumentException(
          "--split-size must be at least 1 MiB, not " + splitSizeMib);
    }
    int lastPdPort = pdPort + Math.max(1, placementDrivers) - 1;
    requirePort("--pd-port", pdPort);
    requirePort("--pd-port plus the number of placement drivers", lastPdPort);
    requirePort("--store-port", storePort);
    requirePort("--store-port plus the number of stores", storePort + stores - 1);
    requirePort("--status-port", statusPort);
    requirePort("--status-port plus the number of stores", statusPort + stores - 1);
    requireApart(
        "--pd-port", pdPort, lastPdPort, "stores' ports", storePort, storePort + stores - 1);
    requireApart(
        "--pd-port", pdPort, lastPdPort, "status ports", statusPort, statusPort + stores - 1);
    requireApart(
        "--status-port",
        statusPort,
        statusPort + stores - 1,
        "stores' ports",
        storePort,
        storePort + stores - 1);
  }

  public String pdAddress(int member) {
    return HOST + ":" + pdPort(member);
  }

  public int pdPort(int member) {
    return pdPort + member - 1;
  }

  public String storeAddress(int store) {
    return HOST + ":" + (storePort + store - 1);
  }

  public String statusAddress(int store) {
    return HOST + ":" + (statusPort + store - 1);
  }

  /** What the group knows a member by. */
  public String pdName(int member) {
    return "pd-" + member;
  }

  public Path pdData(int member) {
    return data.resolve(member == 1 ? "pd" : pdName(member));
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
