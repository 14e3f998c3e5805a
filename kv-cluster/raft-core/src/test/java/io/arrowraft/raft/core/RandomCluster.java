package io.arrowraft.raft.core;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * A cluster driven by one random source, with the safety properties of Raft checked after each
 * step.
 */
final class RandomCluster {
  private static final int NODES = 5;
  private static final int ELECTION_TICKS = 8;

  private final Random random;
  private final TreeMap<Long, TestPeer> peers = new TreeMap<>();
  private final TreeMap<Long, Lease> leases = new TreeMap<>();
  private final List<Message> network = new ArrayList<>();

  /** What any node has applied, by index. */
  private final TreeMap<Long, Entry> chosen = new TreeMap<>();

  private final Map<Long, Long> leaderOfTerm = new HashMap<>();
  private final Map<String, Long> readFloors = new HashMap<>();
  private final TreeMap<Long, Long> restsSince = new TreeMap<>();
  private final double lossRate;
  private final double duplicateRate;
  private final int crashOneIn;
  private final int changeOneIn;
  private long now;
  private int proposals;
  private boolean healing;

  /** What a shell would keep: when each round of this term was sent, and the round acknowledged. */
  private static final class Lease {
    private final Map<Long, Long> sentAt = new HashMap<>();
    private long term;
    private long validUntil = -1;
  }

  RandomCluster(Random random) {
    this.random = random;
    lossRate = random.nextInt(4) * 0.05;
    duplicateRate = random.nextInt(3) * 0.1;
    crashOneIn = random.nextBoolean() ? 30 : 150;
    changeOneIn = random.nextBoolean() ? 10 : 100;
    boolean lazyCommitNotice = random.nextBoolean();
    for (long id = 1; id <= NODES; id++) {
      RaftOptions options =
          RaftOptions.defaults(id)
              .withTicks(ELECTION_TICKS, 2)
              .withVotePauseAfterStart(true)
              .withLazyCommitNotice(lazyCommitNotice)
              .withMessageBytes(100, 100);
      Membership membership = id <= 3 ? Membership.ofVoters(1, 2, 3) : Membership.EMPTY;
      peers.put(id, new TestPeer(options, membership, random.nextLong(), network::add));
      leases.put(id, new Lease());
    }
  }

  void step() {
    TestPeer peer = peers.get(1L + random.nextInt(NODES));
    int event = random.nextInt(40);
    if (event < 1) {
      tickAll();
    } else if (event < 17) {
      deliverOne();
    } else if (event < 25) {
      process(peer);
    } else if (event < 30) {
      persist(peer);
    } else if (event < 34) {
      apply(peer);
    } else if (event < 36) {
      peer.node().propose(("p" + ++proposals).getBytes(StandardCharsets.UTF_8));
    } else if (event < 38) {
      read(peer);
    } else {
      rareEvent(peer);
    }
    if (random.nextInt(10) == 0) {
      drain(peer);
    }
    noteRests();
  }

  private void noteRests() {
    for (TestPeer peer : peers.values()) {
      if (peer.node().isResting()) {
        restsSince.putIfAbsent(peer.id(), now);
      } else {
        restsSince.remove(peer.id());
      }
    }
  }

  /** Falls silent, or is told that its leader may be gone, whether or not that is true. */
  private void restOrDoubt(TestPeer peer) {
    if (random.nextInt(3) > 0) {
      peer.node().rest();
    } else if (restsSince.containsKey(peer.id())) {
      // The tick that comes next may be close to the one before the rest began.
      peer.node().leaderLost(Math.max(0, now - restsSince.get(peer.id()) - 1));
    }
  }

  private void rareEvent(TestPeer peer) {
    if (random.nextInt(crashOneIn) == 0) {
      peer.restart();
      leases.put(peer.id(), new Lease());
    } else if (random.nextInt(changeOneIn) == 0) {
      changeMembership(peer);
    } else if (random.nextInt(4) == 0) {
      restOrDoubt(peer);
    } else if (random.nextInt(20) == 0) {
      leases.get(peer.id()).validUntil = -1;
      peer.node().transferLeader(1L + random.nextInt(NODES));
    } else if (random.nextInt(20) == 0) {
      compact(peer);
    } else if (random.nextInt(20) == 0) {
      peer.node().reportUnreachable(1L + random.nextInt(NODES));
    } else if (random.nextInt(10) == 0) {
      peer.node().reportSnapshot(1L + random.nextInt(NODES), random.nextBoolean());
    }
  }

  /**
   * All clocks run at the same rate, so a lease that ends before the promise it rests on is safe.
   */
  private void tickAll() {
    now++;
    List<TestPeer> order = new ArrayList<>(peers.values());
    Collections.shuffle(order, random);
    for (TestPeer peer : order) {
      peer.node().tick();
    }
  }

  private void deliverOne() {
    if (network.isEmpty()) {
      return;
    }
    int at = random.nextInt(Math.min(network.size(), 20));
    boolean keep = random.nextDouble() < duplicateRate;
    Message message = keep ? network.get(at) : network.remove(at);
    if (healing || random.nextDouble() >= lossRate) {
      peers.get(message.to()).node().step(message);
    }
    if (network.size() > 500) {
      network.remove(random.nextInt(network.size()));
    }
  }

  private void process(TestPeer peer) {
    if (!peer.node().hasReady()) {
      return;
    }
    Ready ready = peer.process();
    checkLeader(peer, ready);
    updateLease(peer, ready);
    for (ReadState read : peer.takeReadStates()) {
      checkRead(read);
    }
  }

  private void persist(TestPeer peer) {
    if (peer.hasWrites()) {
      peer.persist();
    }
  }

  private void apply(TestPeer peer) {
    if (peer.hasToApply()) {
      int before = peer.appliedEntries().size();
      peer.applyOne();
      checkApplied(peer, peer.appliedEntries().get(before));
    }
  }

  private void drain(TestPeer peer) {
    process(peer);
    while (peer.hasWrites()) {
      peer.persist();
    }
    while (peer.hasToApply()) {
      apply(peer);
    }
  }

  private void read(TestPeer peer) {
    String context = "r" + ++proposals;
    readFloors.put(context, chosen.isEmpty() ? 0 : chosen.lastKey());
    peer.node().readIndex(context.getBytes(StandardCharsets.UTF_8));
  }

  private void checkRead(ReadState read) {
    long floor = readFloors.get(Describe.text(read.context()));
    if (read.index() < floor) {
      throw new AssertionError("stale read at " + read.index() + ", applied before: " + floor);
    }
  }

  private void changeMembership(TestPeer peer) {
    List<MembershipChange.Step> steps = new ArrayList<>();
    for (int i = random.nextInt(3); i >= 0; i--) {
      MembershipChange.StepKind[] kinds = MembershipChange.StepKind.values();
      steps.add(
          new MembershipChange.Step(
              kinds[random.nextInt(kinds.length)], 1L + random.nextInt(NODES)));
    }
    peer.node()
        .proposeMembership(
            switch (random.nextInt(4)) {
              case 0 -> MembershipChange.leaveJoint();
              case 1 ->
                  new MembershipChange(MembershipChange.Transition.ENTER_JOINT, steps, new byte[0]);
              case 2 ->
                  new MembershipChange(
                      MembershipChange.Transition.ENTER_JOINT_AUTO_LEAVE, steps, new byte[0]);
              default ->
                  new MembershipChange(
                      MembershipChange.Transition.SIMPLE, steps.subList(0, 1), new byte[0]);
            });
  }

  private void compact(TestPeer peer) {
    MemoryStorage storage = peer.storage();
    if (!peer.hasWrites() && peer.applied() >= storage.firstIndex()) {
      storage.compact(peer.applied(), new byte[0]);
    }
  }

  private void checkLeader(TestPeer peer, Ready ready) {
    if (ready.role() != RaftRole.LEADER) {
      return;
    }
    Long other = leaderOfTerm.putIfAbsent(ready.term(), peer.id());
    if (other != null && other != peer.id()) {
      throw new AssertionError(
          "two leaders in term " + ready.term() + ": " + other + ", " + peer.id());
    }
    if (other != null) {
      return;
    }
    leases.forEach(
        (id, lease) -> {
          if (id != peer.id() && lease.term < ready.term() && now <= lease.validUntil) {
            throw new AssertionError(
                "leader " + peer.id() + " elected under the lease of " + id + " at " + now);
          }
        });
    RaftStatus status = peer.node().status();
    chosen
        .tailMap(status.firstIndex())
        .forEach(
            (index, entry) -> {
              if (index > status.lastIndex()) {
                throw new AssertionError("leader " + peer.id() + " lacks chosen entry " + entry);
              }
            });
  }

  private void updateLease(TestPeer peer, Ready ready) {
    Lease lease = leases.get(peer.id());
    if (ready.role() != RaftRole.LEADER || lease.term != ready.term()) {
      lease.sentAt.clear();
      lease.validUntil = -1;
      lease.term = ready.term();
    }
    if (ready.roundStarted() != 0) {
      lease.sentAt.put(ready.roundStarted(), now);
    }
    Long sentAt = lease.sentAt.get(ready.leaseRound());
    // The promise lasts one tick interval less than the timeout, and one more is left as a margin.
    lease.validUntil = sentAt == null ? -1 : sentAt + ELECTION_TICKS - 2;
  }

  private void checkApplied(TestPeer peer, Entry entry) {
    Entry first = chosen.putIfAbsent(entry.index(), entry);
    if (first != null && !first.equals(entry)) {
      throw new AssertionError(
          "node " + peer.id() + " applied " + entry + ", another node " + first);
    }
  }

  /** After faults end, the cluster elects a leader, and everybody in it applies a new entry. */
  void heal() {
    healing = true;
    for (TestPeer peer : peers.values()) {
      // Who watches over resting nodes does not know what the others are.
      peer.node().leaderLost(ELECTION_TICKS);
      peer.node().wake();
    }
    for (int round = 0; round < 400; round++) {
      tickAll();
      for (int i = 0; i < 100; i++) {
        deliverOne();
      }
      for (TestPeer peer : peers.values()) {
        drain(peer);
        for (long id = 1; id <= NODES; id++) {
          peer.node().reportSnapshot(id, false);
        }
      }
    }
    TestPeer leader = currentLeader();
    for (long id : leader.node().membership().peers()) {
      TestPeer peer = peers.get(id);
      if (peer.applied() != leader.applied()) {
        throw new AssertionError(
            "node " + id + " applied " + peer.applied() + " of " + leader.node().status());
      }
      checkSameLog(leader, peer);
    }
  }

  private TestPeer currentLeader() {
    TestPeer leader = null;
    for (TestPeer peer : peers.values()) {
      boolean newer = leader == null || peer.node().term() > leader.node().term();
      if (peer.node().role() == RaftRole.LEADER && newer) {
        leader = peer;
      }
    }
    if (leader == null) {
      StringBuilder states = new StringBuilder();
      peers.values().forEach(peer -> states.append('\n').append(peer.node().status()));
      throw new AssertionError("no leader after the faults ended" + states);
    }
    return leader;
  }

  private static void checkSameLog(TestPeer leader, TestPeer peer) {
    MemoryStorage ours = leader.storage();
    MemoryStorage theirs = peer.storage();
    long low = Math.max(ours.firstIndex(), theirs.firstIndex());
    long high = Math.min(ours.lastIndex(), theirs.lastIndex()) + 1;
    if (low < high
        && !ours.entries(low, high, Long.MAX_VALUE)
            .equals(theirs.entries(low, high, Long.MAX_VALUE))) {
      throw new AssertionError("logs of " + leader.id() + " and " + peer.id() + " differ");
    }
  }
}
