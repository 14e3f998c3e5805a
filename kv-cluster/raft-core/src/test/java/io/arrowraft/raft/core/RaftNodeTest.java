package io.arrowraft.raft.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class RaftNodeTest {
  @Test
  void soleVoterCommitsOnlyWhatIsPersisted() {
    MemoryStorage storage = new MemoryStorage(Membership.ofVoters(1));
    RaftNode node =
        new RaftNode(
            RaftOptions.defaults(1).withApplied(RaftStorage.BOOTSTRAP_INDEX),
            storage,
            new Random(1));
    assertThat(node.campaign()).isTrue();
    Ready vote = node.ready();
    assertThat(node.role()).isEqualTo(RaftRole.CANDIDATE);
    storage.write(vote);
    node.onPersisted(vote.persist().orElseThrow());
    assertThat(node.role()).isEqualTo(RaftRole.LEADER);
    assertThat(node.propose(new byte[] {1})).isInstanceOf(ProposeResult.Accepted.class);
    Ready append = node.ready();
    assertThat(append.entries()).hasSize(2);
    assertThat(append.committedEntries()).isEmpty();
    assertThat(node.committed()).isEqualTo(RaftStorage.BOOTSTRAP_INDEX);
    storage.write(append);
    node.onPersisted(append.persist().orElseThrow());
    assertThat(node.committed()).isEqualTo(RaftStorage.BOOTSTRAP_INDEX + 2);
    List<Entry> applied = new ArrayList<>(node.ready().committedEntries());
    assertThat(applied).hasSize(2);
    node.onApplied(RaftStorage.BOOTSTRAP_INDEX + 2);
    assertThat(node.hasReady()).isFalse();
    assertThat(node.applied()).isEqualTo(RaftStorage.BOOTSTRAP_INDEX + 2);
  }

  @Test
  void leaderAwaitsItsOwnWriteOfWhatOthersHaveCommitted() {
    List<Message> network = new ArrayList<>();
    Map<Long, TestPeer> peers = new TreeMap<>();
    for (long id = 1; id <= 3; id++) {
      RaftOptions options = RaftOptions.defaults(id);
      peers.put(id, new TestPeer(options, Membership.ofVoters(1, 2, 3), id, network::add));
    }
    TestPeer leader = peers.get(1L);
    leader.node().campaign();
    settle(peers, network, List.of(1L, 2L, 3L));
    assertThat(leader.node().role()).isEqualTo(RaftRole.LEADER);
    assertThat(leader.node().awaitsPersisted()).isFalse();

    leader.node().propose(new byte[] {1});
    leader.process();
    // Its acknowledgement is one of two that are missing.
    assertThat(leader.node().awaitsPersisted()).isFalse();
    settle(peers, network, List.of(2L, 3L));
    leader.process();

    assertThat(leader.node().committed()).isEqualTo(leader.node().status().lastIndex());
    assertThat(leader.hasToApply()).isFalse();
    assertThat(leader.node().awaitsPersisted()).isTrue();
    settle(peers, network, List.of(1L, 2L, 3L));
    assertThat(leader.applied()).isEqualTo(leader.node().status().lastIndex());
    assertThat(leader.node().awaitsPersisted()).isFalse();
  }

  /** Delivers and works until nothing is left; peers that are not named only get messages. */
  private static void settle(Map<Long, TestPeer> peers, List<Message> network, List<Long> working) {
    boolean more = true;
    while (more) {
      more = !network.isEmpty();
      List<Message> arriving = List.copyOf(network);
      network.clear();
      arriving.forEach(message -> peers.get(message.to()).node().step(message));
      for (long id : working) {
        TestPeer peer = peers.get(id);
        while (peer.node().hasReady() || peer.hasWrites() || peer.hasToApply()) {
          more = true;
          if (peer.node().hasReady()) {
            peer.process();
          }
          if (peer.hasWrites()) {
            peer.persist();
          }
          peer.applyAll();
        }
      }
    }
  }
}
