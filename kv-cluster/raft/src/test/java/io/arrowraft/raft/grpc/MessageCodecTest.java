package io.arrowraft.raft.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arrowraft.raft.RaftEnvelope;
import io.arrowraft.raft.core.Entry;
import io.arrowraft.raft.core.EntryType;
import io.arrowraft.raft.core.Membership;
import io.arrowraft.raft.core.Message;
import io.arrowraft.raft.core.Snapshot;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.runtime.rpc.RpcException;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class MessageCodecTest {
  private static final byte[] DATA = {1, -2, 3};

  private static final Membership JOINT =
      new Membership(
          new TreeSet<>(List.of(1L, 4L)),
          new TreeSet<>(List.of(1L, 2L)),
          new TreeSet<>(List.of(9L)),
          new TreeSet<>(List.of(2L)),
          true);

  private static final List<Message> ONE_OF_EACH_KIND =
      List.of(
          new Message.PreVoteRequest(1, 2, 3, 4, 5),
          new Message.PreVoteResponse(1, 2, 3, true, 4, 5),
          new Message.VoteRequest(1, 2, 3, 4, 5, true),
          new Message.VoteResponse(1, 2, 3, true, 4, 5),
          new Message.AppendRequest(
              1,
              2,
              3,
              10,
              2,
              List.of(
                  new Entry(3, 11, EntryType.NORMAL, DATA),
                  new Entry(3, 12, EntryType.MEMBERSHIP, new byte[0])),
              9),
          new Message.AppendResponse(1, 2, 3, 4, true, 5, 6),
          new Message.HeartbeatRequest(1, 2, 3, 4, 5),
          new Message.HeartbeatResponse(1, 2, 3, 4),
          new Message.Rest(1, 2, 3, 4, 5),
          new Message.InstallSnapshot(1, 2, 3, new Snapshot(7, 3, JOINT, DATA)),
          new Message.TimeoutNow(1, 2, 3, 4),
          new Message.ReadIndexRequest(1, 2, 3, DATA),
          new Message.ReadIndexResponse(1, 2, 3, 4, DATA));

  @Test
  void everyKindOfMessageSurvivesTheWire() {
    assertThat(ONE_OF_EACH_KIND.stream().map(Object::getClass).toList())
        .hasSameElementsAs(List.of(Message.class.getPermittedSubclasses()));
    for (Message message : ONE_OF_EACH_KIND) {
      RaftEnvelope envelope = new RaftEnvelope(5, 1, 2, message, Bytes.copyOf(DATA));
      assertThat(MessageCodec.decode(MessageCodec.encode(envelope), 1, 2)).isEqualTo(envelope);
    }
  }

  @Test
  void messageOfAnUnknownKindIsRefused() {
    assertThatThrownBy(
            () -> MessageCodec.decode(io.arrowraft.proto.raft.Message.getDefaultInstance()))
        .isInstanceOf(RpcException.class);
  }
}
