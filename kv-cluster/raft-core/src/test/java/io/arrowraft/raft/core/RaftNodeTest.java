package io.arrowraft.raft.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
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
}
