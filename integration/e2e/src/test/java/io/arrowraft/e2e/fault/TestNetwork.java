package io.arrowraft.e2e.fault;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A network of its own for each of a few nodes, all on one bridge with the process that runs the
 * tests. A way from one to another is cut by a route into nowhere, in one direction at a time.
 *
 * <p>Addresses are of 198.18.0.0/15, which is set aside for tests of networks (RFC 2544).
 */
final class TestNetwork implements AutoCloseable {
  /** The place of the tests, and so of all clients, in {@link #cut}. */
  static final int CLIENTS = -1;

  private static final Pattern SPACE = Pattern.compile("ar(\\d+)n\\d+");

  private record Cut(int from, int to) {}

  private final String id = "ar" + ProcessHandle.current().pid();
  private final String subnet;
  private final int nodes;
  private final List<Cut> cuts = new ArrayList<>();

  private TestNetwork(int nodes) {
    this.nodes = nodes;
    long pid = ProcessHandle.current().pid();
    subnet = "198.%d.%d.".formatted(18 + (pid >> 8 & 1), pid & 255);
  }

  /**
   * @throws Machine.DeniedException if the machine does not allow it; nothing is left then
   */
  static TestNetwork open(int nodes) {
    removeLeftovers();
    TestNetwork network = new TestNetwork(nodes);
    try {
      network.build();
      return network;
    } catch (Machine.DeniedException denied) {
      network.close();
      throw denied;
    }
  }

  /** As {@link #open}, or empty after a visible notice. */
  static Optional<TestNetwork> tryOpen(int nodes) {
    try {
      return Optional.of(open(nodes));
    } catch (Machine.DeniedException denied) {
      System.out.println(
          "NOTICE: no partitions are tested, this machine denies network namespaces: "
              + denied.getMessage());
      return Optional.empty();
    }
  }

  private void build() {
    Machine.run("ip", "link", "add", "name", bridge(), "type", "bridge");
    Machine.run("ip", "address", "add", address(CLIENTS) + "/24", "dev", bridge());
    Machine.run("ip", "link", "set", bridge(), "up");
    for (int node = 0; node < nodes; node++) {
      String outside = id + "v" + node;
      Machine.run("ip", "netns", "add", space(node));
      Machine.run(
          "ip",
          "link",
          "add",
          "name",
          outside,
          "type",
          "veth",
          "peer",
          "name",
          "eth0",
          "netns",
          space(node));
      Machine.run("ip", "link", "set", outside, "master", bridge(), "up");
      Machine.run("ip", "-n", space(node), "address", "add", address(node) + "/24", "dev", "eth0");
      Machine.run("ip", "-n", space(node), "link", "set", "lo", "up");
      Machine.run("ip", "-n", space(node), "link", "set", "eth0", "up");
    }
  }

  /** Where a node, or {@link #CLIENTS}, is reached. */
  String address(int node) {
    return subnet + (node == CLIENTS ? 1 : 10 + node);
  }

  /** What to put in front of a command to run it at a node's place. */
  List<String> at(int node) {
    return List.of("ip", "netns", "exec", space(node));
  }

  /** From now on nothing gets from one node to the other. {@code from} is not {@link #CLIENTS}. */
  void cut(int from, int to) {
    Machine.run("ip", "-n", space(from), "route", "add", "blackhole", address(to) + "/32");
    cuts.add(new Cut(from, to));
  }

  /** Nothing gets from one to the other or back. */
  void separate(int one, int other) {
    if (one != CLIENTS) {
      cut(one, other);
    }
    if (other != CLIENTS) {
      cut(other, one);
    }
  }

  /** Everybody reaches everybody again. */
  void heal() {
    for (Cut cut : cuts) {
      Machine.run(
          "ip", "-n", space(cut.from()), "route", "del", "blackhole", address(cut.to()) + "/32");
    }
    cuts.clear();
  }

  @Override
  public void close() {
    for (int node = 0; node < nodes; node++) {
      if (spaces().contains(space(node))) {
        // Takes the link with it.
        Machine.undo(List.of("ip", "netns", "del", space(node)));
      }
    }
    if (Machine.run("ip", "-brief", "link").contains(bridge())) {
      Machine.undo(List.of("ip", "link", "del", bridge()));
    }
  }

  /** Of test runs that were killed. */
  private static void removeLeftovers() {
    for (String space : spaces()) {
      Matcher name = SPACE.matcher(space);
      if (name.matches() && ProcessHandle.of(Long.parseLong(name.group(1))).isEmpty()) {
        Machine.undo(List.of("ip", "netns", "del", space));
        String bridge = "ar" + name.group(1) + "b";
        if (Machine.run("ip", "-brief", "link").contains(bridge)) {
          Machine.undo(List.of("ip", "link", "del", bridge));
        }
      }
    }
  }

  private static List<String> spaces() {
    return Machine.run("ip", "netns", "list")
        .lines()
        .map(line -> line.replaceFirst(" .*", ""))
        .toList();
  }

  private String bridge() {
    return id + "b";
  }

  private String space(int node) {
    return id + "n" + node;
  }
}
