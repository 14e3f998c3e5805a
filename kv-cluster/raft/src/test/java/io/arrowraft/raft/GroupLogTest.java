package io.arrowraft.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arrowraft.raft.core.Entry;
import io.arrowraft.raft.core.EntryType;
import io.arrowraft.raft.core.HardState;
import io.arrowraft.raft.core.Membership;
import io.arrowraft.raft.core.Message;
import io.arrowraft.raft.core.RaftNode;
import io.arrowraft.raft.core.RaftOptions;
import io.arrowraft.raft.core.Ready;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What is written and with what care; reading for peers that lag, without keeping the loop waiting.
 */
class GroupLogTest {
  private static final long PEER = 3;
  private static final int ALL = 1 << 20;

  private final FakeLoop.Schedule schedule = new FakeLoop.Schedule();
  private final FakeLoop loop = schedule.newLoop("group");
  private final SlowStore store = new SlowStore();
  private final List<Long> told = new ArrayList<>();
  private GroupLog log;

  @BeforeEach
  void open() {
    log =
        new GroupLog(
            GroupStart.restart(1, 1, Membership.EMPTY, 5, 5),
            store,
            1 << 20,
            (peer, indexMin) -> Optional.empty(),
            new GroupLog.Fetching(loop, told::add));
  }

  @Test
  void entriesAreReadOnceAndTheAskerIsToldWhenTheyAreThere() {
    assertThat(log.fetch(PEER, 7, ALL)).isFalse();
    assertThat(log.fetch(PEER, 7, ALL)).as("still being read").isFalse();
    assertThat(store.asked).hasSize(1);
    store.answer();
    schedule.runQueued();

    assertThat(told).containsExactly(PEER);
    assertThat(log.fetch(PEER, 7, ALL)).isTrue();
    store.refuseReads = true;
    assertThat(log.entries(7, 9, ALL)).containsExactly(entry(7), entry(8));
    assertThat(log.term(6)).as("the entry before").isEqualTo(5);
    assertThat(log.term(8)).isEqualTo(5);
  }

  @Test
  void whatIsInMemoryNeedsNoReading() {
    assertThat(log.fetch(PEER, 11, ALL)).isTrue();
    assertThat(store.asked).isEmpty();
  }

  @Test
  void anotherPeerHasARunOfItsOwn() {
    log.fetch(PEER, 7, ALL);
    log.fetch(4, 9, ALL);
    store.answer();
    schedule.runQueued();

    assertThat(told).containsExactly(PEER, 4L);
    assertThat(log.fetch(PEER, 7, ALL)).isTrue();
    assertThat(log.fetch(4, 9, ALL)).isTrue();
  }

  @Test
  void aRunThatNobodyAsksForIsForgotten() {
    log.fetch(PEER, 7, ALL);
    store.answer();
    schedule.runQueued();
    for (int i = 0; i < 21; i++) {
      log.trim();
    }

    assertThat(log.fetch(PEER, 7, ALL)).isFalse();
  }

  @Test
  void entriesThatCannotBeReadStopTheLoop() {
    log.fetch(PEER, 7, ALL);
    store.fail(new IllegalStateException("damaged"));

    assertThatThrownBy(schedule::runQueued).hasMessage("damaged");
  }

  @Test
  void entriesThatWereCompactedMeanwhileAreNotMissed() {
    log.fetch(PEER, 7, ALL);
    log.compact(8);
    store.fail(new IllegalStateException("missing"));
    schedule.runQueued();

    assertThat(told).isEmpty();
    assertThat(log.fetch(PEER, 9, ALL)).as("asks again").isFalse();
  }

  @Test
  void aTermOrVoteThatIsPromisedIsWrittenWithASync() {
    RaftNode node = new RaftNode(RaftOptions.defaults(1).withApplied(10), log, new Random(1));
    node.step(new Message.VoteRequest(2, 1, 6, 10, 5, false));
    Ready vote = node.ready();
    assertThat(vote.entries()).isEmpty();
    assertThat(vote.messagesAfterPersist())
        .singleElement()
        .isInstanceOf(Message.VoteResponse.class);

    LogWrite write = log.write(vote, () -> {});

    assertThat(write.state().hardState()).isEqualTo(new HardState(6, 2, 10));
    assertThat(write.sync()).isTrue();
  }

  /** Correctness rule 16: a message may have made the child of a split before the split did. */
  @Test
  void aFirstMemberKeepsTheVoteThatItsReplicaHasGivenAwayBefore() {
    GroupLog child =
        new GroupLog(
            GroupStart.bootstrap(1, 1, Membership.ofVoters(1, 2, 3)),
            store,
            1 << 20,
            (peer, indexMin) -> Optional.empty(),
            new GroupLog.Fetching(loop, told::add));

    assertThat(child.initialState().hardState()).isEqualTo(new HardState(5, 1, 10));
    assertThat(child.lastIndex()).isEqualTo(10);
  }

  private static Entry entry(long index) {
    return new Entry(5, index, EntryType.NORMAL, new byte[] {(byte) index});
  }

  /** Holds entries 6 to 10, and reads them when it is told to. */
  private static final class SlowStore implements LogStore {
    private record Asked(long low, long high, CompletableFuture<StoredEntries> answer) {}

    private final List<Asked> asked = new ArrayList<>();
    private boolean refuseReads;

    void answer() {
      for (Asked each : asked) {
        each.answer().complete(new StoredEntries(5, run(each.low(), each.high())));
      }
    }

    void fail(RuntimeException failure) {
      asked.forEach(each -> each.answer().completeExceptionally(failure));
    }

    private static List<Entry> run(long low, long high) {
      List<Entry> run = new ArrayList<>();
      for (long index = low; index < high; index++) {
        run.add(entry(index));
      }
      return run;
    }

    @Override
    public void submit(LogWrite write) {}

    @Override
    public Optional<GroupLogState> load(long groupId) {
      return Optional.of(new GroupLogState(new HardState(5, 1, 10), 5, 5, 10));
    }

    @Override
    public List<Entry> entries(long groupId, long low, long high, long bytesMax) {
      assertThat(refuseReads).as("reads on the loop").isFalse();
      return run(low, high);
    }

    @Override
    public CompletableFuture<StoredEntries> fetch(
        long groupId, long low, long high, long bytesMax, boolean withPrevious) {
      CompletableFuture<StoredEntries> answer = new CompletableFuture<>();
      asked.add(new Asked(low, high, answer));
      return answer;
    }

    @Override
    public List<Long> groups() {
      return List.of(1L);
    }
  }
}
