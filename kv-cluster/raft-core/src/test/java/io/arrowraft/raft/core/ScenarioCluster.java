package io.arrowraft.raft.core;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** Interprets the commands of a scenario; see {@link #run} for the vocabulary. */
final class ScenarioCluster {
  private final TreeMap<Long, TestPeer> peers = new TreeMap<>();
  private final List<Message> network = new ArrayList<>();
  private final TreeSet<Long> isolated = new TreeSet<>();
  private final List<Message> postponed = new ArrayList<>();
  private final TreeSet<Long> held = new TreeSet<>();
  private final StringBuilder output = new StringBuilder();
  private RaftOptions options = RaftOptions.defaults(1).withTicks(10, 3);

  String takeOutput() {
    String taken = output.toString();
    output.setLength(0);
    return taken;
  }

  void run(String... words) {
    switch (words[0]) {
      case "vote-pause" -> options = options.withVotePauseAfterStart(true);
      case "rest" -> say("rest: " + node(words).rest());
      case "resting" -> say("resting: " + node(words).isResting());
      case "wake" -> node(words).wake();
      case "leader-lost" -> node(words).leaderLost(number(words[2]));
      case "lazy-commit" -> options = options.withLazyCommitNotice(true);
      case "announce" -> node(words).announceCommit(number(words[2]));
      case "page-bytes" -> options = options.withMessageBytes(number(words[1]), number(words[2]));
      case "cluster" -> cluster(words);
      case "newcomer" -> add(number(words[1]), Membership.EMPTY);
      case "campaign" -> say("campaign: " + node(words).campaign());
      case "tick" -> {
        for (long i = number(words[2]); i > 0; i--) {
          node(words).tick();
        }
      }
      case "propose" -> propose(node(words), words);
      case "change" -> say(outcome(node(words).proposeMembership(change(words))));
      case "transfer" -> say(node(words).transferLeader(number(words[2])).toString());
      case "read" -> say(node(words).readIndex(bytes(words[2])).toString());
      case "process" -> process(peer(words));
      case "persist" -> {
        if (peer(words).hasWrites()) {
          peer(words).persist();
        } else {
          say(words[1] + " has nothing to write");
        }
      }
      case "apply" -> peer(words).applyAll();
      case "deliver" -> deliver(number(words[1]));
      case "network" -> network.forEach(message -> say(Describe.message(message)));
      case "lose" -> lose(number(words[1]), number(words[2]));
      case "append" -> append(words);
      case "postpone" -> postpone(number(words[1]), number(words[2]));
      case "arrive" -> {
        network.addAll(postponed);
        postponed.clear();
      }
      case "hold" -> held.add(number(words[1]));
      case "release" -> held.remove(number(words[1]));
      case "isolate" -> isolated.add(number(words[1]));
      case "heal" -> isolated.remove(number(words[1]));
      case "stabilize" -> stabilize(true);
      case "settle" -> stabilize(false);
      case "restart" -> {
        peer(words).restart();
        lose(number(words[1]), 0);
      }
      case "compact" -> peer(words).storage().compact(number(words[2]), bytes("state@" + words[2]));
      case "truncate" -> peer(words).storage().truncate(number(words[2]));
      case "report-snapshot" ->
          node(words).reportSnapshot(number(words[2]), words[3].equals("delivered"));
      case "unreachable" -> node(words).reportUnreachable(number(words[2]));
      case "log" -> log(peer(words));
      case "status" -> status();
      default -> throw new IllegalArgumentException("unknown command " + words[0]);
    }
  }

  private void cluster(String... words) {
    TreeSet<Long> voters = new TreeSet<>();
    TreeSet<Long> learners = new TreeSet<>();
    for (int i = 1; i < words.length; i++) {
      boolean learner = words[i].startsWith("~");
      (learner ? learners : voters).add(number(learner ? words[i].substring(1) : words[i]));
    }
    Membership membership = Membership.of(voters, learners);
    membership.peers().forEach(id -> add(id, membership));
  }

  private void add(long id, Membership membership) {
    peers.put(id, new TestPeer(options.withPeerId(id), membership, id, network::add));
  }

  private void propose(RaftNode node, String... words) {
    for (int i = 2; i < words.length; i++) {
      say(outcome(node.propose(bytes(words[i]))));
    }
  }

  /**
   * {@code append from to term previousTerm/previousIndex commit term/data ...}: a message made by
   * hand.
   */
  private void append(String... words) {
    String[] previous = words[4].split("/");
    long index = number(previous[1]);
    List<Entry> entries = new ArrayList<>();
    for (int i = 6; i < words.length; i++) {
      String[] entry = words[i].split("/");
      entries.add(Entry.normal(number(entry[0]), index + entries.size() + 1, bytes(entry[1])));
    }
    long to = number(words[2]);
    peers
        .get(to)
        .node()
        .step(
            new Message.AppendRequest(
                number(words[1]),
                to,
                number(words[3]),
                index,
                number(previous[0]),
                entries,
                number(words[5])));
  }

  private static String outcome(ProposeResult result) {
    return result instanceof ProposeResult.Accepted accepted
        ? "proposed " + accepted.term() + "/" + accepted.index()
        : "refused: " + result;
  }

  /** {@code change 1 simple|joint|auto|leave +2 ~3 -4}: add voter, add learner, remove. */
  private static MembershipChange change(String... words) {
    List<MembershipChange.Step> steps = new ArrayList<>();
    for (int i = 3; i < words.length; i++) {
      long id = number(words[i].substring(1));
      steps.add(
          new MembershipChange.Step(
              switch (words[i].charAt(0)) {
                case '+' -> MembershipChange.StepKind.ADD_VOTER;
                case '~' -> MembershipChange.StepKind.ADD_LEARNER;
                default -> MembershipChange.StepKind.REMOVE;
              },
              id));
    }
    MembershipChange.Transition transition =
        switch (words[2]) {
          case "simple" -> MembershipChange.Transition.SIMPLE;
          case "joint" -> MembershipChange.Transition.ENTER_JOINT;
          case "auto" -> MembershipChange.Transition.ENTER_JOINT_AUTO_LEAVE;
          default -> MembershipChange.Transition.LEAVE_JOINT;
        };
    return new MembershipChange(transition, steps, new byte[0]);
  }

  private void process(TestPeer peer) {
    Describe.ready(output, peer.id(), peer.process());
  }

  private void deliver(long to) {
    List<Message> mail = new ArrayList<>();
    for (Iterator<Message> all = network.iterator(); all.hasNext(); ) {
      Message message = all.next();
      if (message.to() == to) {
        all.remove();
        mail.add(message);
      }
    }
    for (Message message : mail) {
      if (!isolated.contains(message.from()) && !isolated.contains(to) && peers.containsKey(to)) {
        peers.get(to).node().step(message);
      }
    }
  }

  /** Takes the oldest message on the way from one peer to another aside, until {@code arrive}. */
  private void postpone(long from, long to) {
    Message oldest =
        network.stream().filter(m -> m.from() == from && m.to() == to).findFirst().orElseThrow();
    network.remove(oldest);
    postponed.add(oldest);
  }

  /** Drops what is on the way from one peer to another; from all when {@code to} is 0. */
  private void lose(long from, long to) {
    network.removeIf(m -> m.from() == from && (to == 0 || m.to() == to));
  }

  private void stabilize(boolean verbose) {
    boolean busy = true;
    for (int round = 0; busy; round++) {
      if (round > 1000) {
        throw new IllegalStateException("the cluster does not come to rest");
      }
      busy = false;
      for (Map.Entry<Long, TestPeer> each : peers.entrySet()) {
        TestPeer peer = each.getValue();
        if (!held.contains(peer.id())) {
          deliver(peer.id());
        }
        while (peer.node().hasReady() || peer.hasWrites() || peer.hasToApply()) {
          busy = true;
          if (peer.node().hasReady()) {
            Ready ready = peer.process();
            if (verbose) {
              Describe.ready(output, peer.id(), ready);
            }
          }
          while (peer.hasWrites()) {
            peer.persist();
          }
          peer.applyAll();
        }
      }
      busy |= network.stream().anyMatch(message -> !held.contains(message.to()));
    }
  }

  private void log(TestPeer peer) {
    MemoryStorage log = peer.storage();
    long first = log.firstIndex();
    List<Entry> entries =
        log.lastIndex() < first
            ? List.of()
            : log.entries(first, log.lastIndex() + 1, Long.MAX_VALUE);
    say("after " + log.term(first - 1) + "/" + (first - 1) + ": " + Describe.entries(entries));
  }

  private void status() {
    for (TestPeer peer : peers.values()) {
      RaftStatus status = peer.node().status();
      say(
          status.peerId()
              + ": "
              + status.role()
              + " t"
              + status.term()
              + " leader "
              + status.leaderId()
              + " committed "
              + status.committed()
              + " applied "
              + status.applied()
              + " log "
              + status.firstIndex()
              + ".."
              + status.lastIndex()
              + " "
              + status.membership());
      for (RaftStatus.PeerStatus progress : status.peers()) {
        say(
            "   "
                + progress.peer()
                + " "
                + progress.mode()
                + " match "
                + progress.match()
                + " next "
                + progress.next()
                + (progress.active() ? "" : " silent"));
      }
    }
  }

  private void say(String text) {
    output.append(text).append('\n');
  }

  private TestPeer peer(String... words) {
    return peers.get(number(words[1]));
  }

  private RaftNode node(String... words) {
    return peer(words).node();
  }

  private static long number(String text) {
    return Long.parseLong(text);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
