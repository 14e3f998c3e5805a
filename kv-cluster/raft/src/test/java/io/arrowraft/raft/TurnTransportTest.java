package io.arrowraft.raft;

import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.raft.core.Entry;
import io.arrowraft.raft.core.Message;
import io.arrowraft.runtime.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class TurnTransportTest {
  private final List<List<RaftEnvelope>> batches = new ArrayList<>();
  private final PeerTransport transport =
      new PeerTransport() {
        @Override
        public void send(RaftEnvelope envelope) {
          sendAll(List.of(envelope));
        }

        @Override
        public void sendAll(List<RaftEnvelope> envelopes) {
          batches.add(List.copyOf(envelopes));
        }

        @Override
        public void sendSnapshot(
            RaftEnvelope envelope, SnapshotSource source, Consumer<Boolean> delivered) {
          delivered.accept(false);
        }
      };

  @Test
  void sendsWhatTheTasksOfOneTurnHaveSentTogetherAndInOrder() {
    FakeLoop.Schedule schedule = new FakeLoop.Schedule();
    FakeLoop loop = schedule.newLoop("loop");
    PeerTransport turn = TurnTransport.of(loop, transport);
    loop.execute(() -> turn.send(envelope(1)));
    loop.execute(() -> turn.send(envelope(2)));
    schedule.runQueued();
    assertThat(batches).containsExactly(List.of(envelope(1), envelope(2)));

    loop.execute(() -> turn.send(envelope(3)));
    schedule.runQueued();
    assertThat(batches).hasSize(2);
  }

  @Test
  void sendsPromisesWhenTheLogHasEndedABatch() {
    Batches logs = new Batches();
    PeerTransport turn = TurnTransport.of(logs, transport);
    turn.send(envelope(1));
    turn.send(envelope(2));
    assertThat(batches).isEmpty();
    logs.hook.run();
    logs.hook.run();
    assertThat(batches).containsExactly(List.of(envelope(1), envelope(2)));
  }

  private static RaftEnvelope envelope(long round) {
    return new RaftEnvelope(7, 1, 2, new Message.HeartbeatResponse(11, 12, 6, round), Bytes.EMPTY);
  }

  private static final class Batches implements LogStore {
    private Runnable hook = () -> {};

    @Override
    public void submit(LogWrite write) {
      throw new UnsupportedOperationException("nothing is written here");
    }

    @Override
    public boolean afterEachBatch(Runnable afterBatch) {
      hook = afterBatch;
      return true;
    }

    @Override
    public Optional<GroupLogState> load(long groupId) {
      return Optional.empty();
    }

    @Override
    public List<Entry> entries(long groupId, long low, long high, long bytesMax) {
      return List.of();
    }

    @Override
    public List<Long> groups() {
      return List.of();
    }
  }
}
