package io.arrowraft.raft.grpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.arrowraft.proto.raft.AppendRequest;
import io.arrowraft.proto.raft.AppendResponse;
import io.arrowraft.proto.raft.Envelope;
import io.arrowraft.proto.raft.HeartbeatRequest;
import io.arrowraft.proto.raft.HeartbeatResponse;
import io.arrowraft.proto.raft.InstallSnapshot;
import io.arrowraft.proto.raft.PreVoteRequest;
import io.arrowraft.proto.raft.PreVoteResponse;
import io.arrowraft.proto.raft.ReadIndexRequest;
import io.arrowraft.proto.raft.ReadIndexResponse;
import io.arrowraft.proto.raft.Rest;
import io.arrowraft.proto.raft.TimeoutNow;
import io.arrowraft.proto.raft.VoteRequest;
import io.arrowraft.proto.raft.VoteResponse;
import io.arrowraft.raft.RaftEnvelope;
import io.arrowraft.raft.core.Entry;
import io.arrowraft.raft.core.EntryType;
import io.arrowraft.raft.core.Membership;
import io.arrowraft.raft.core.Message;
import io.arrowraft.raft.core.Snapshot;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/**
 * The messages of the core as protobuf, and back. Arrays are shared, not copied, where that is
 * safe.
 */
final class MessageCodec {
  private MessageCodec() {}

  static Envelope encode(RaftEnvelope envelope) {
    return Envelope.newBuilder()
        .setGroupId(envelope.groupId())
        .setOwner(wrap(envelope.owner().unsafeArray()))
        .setMessage(encode(envelope.message()))
        .build();
  }

  static RaftEnvelope decode(Envelope envelope, long fromStore, long toStore) {
    return new RaftEnvelope(
        envelope.getGroupId(),
        fromStore,
        toStore,
        decode(envelope.getMessage()),
        Bytes.wrap(envelope.getOwner().toByteArray()));
  }

  static io.arrowraft.proto.raft.Message encode(Message message) {
    io.arrowraft.proto.raft.Message.Builder out =
        io.arrowraft.proto.raft.Message.newBuilder()
            .setFrom(message.from())
            .setTo(message.to())
            .setTerm(message.term());
    if (message instanceof Message.AppendRequest m) {
      out.setAppendRequest(append(m));
    } else if (message instanceof Message.AppendResponse m) {
      out.setAppendResponse(
          AppendResponse.newBuilder()
              .setIndex(m.index())
              .setRejected(m.rejected())
              .setHintIndex(m.hintIndex())
              .setHintTerm(m.hintTerm()));
    } else if (message instanceof Message.HeartbeatRequest m) {
      out.setHeartbeatRequest(
          HeartbeatRequest.newBuilder().setCommit(m.commit()).setRound(m.round()));
    } else if (message instanceof Message.HeartbeatResponse m) {
      out.setHeartbeatResponse(HeartbeatResponse.newBuilder().setRound(m.round()));
    } else {
      encodeRare(message, out);
    }
    return out.build();
  }

  private static void encodeRare(Message message, io.arrowraft.proto.raft.Message.Builder out) {
    if (message instanceof Message.PreVoteRequest m) {
      out.setPreVoteRequest(
          PreVoteRequest.newBuilder().setLastIndex(m.lastIndex()).setLastTerm(m.lastTerm()));
    } else if (message instanceof Message.PreVoteResponse m) {
      out.setPreVoteResponse(
          PreVoteResponse.newBuilder()
              .setGranted(m.granted())
              .setCommit(m.commit())
              .setCommitTerm(m.commitTerm()));
    } else if (message instanceof Message.VoteRequest m) {
      out.setVoteRequest(
          VoteRequest.newBuilder()
              .setLastIndex(m.lastIndex())
              .setLastTerm(m.lastTerm())
              .setTransfer(m.transfer()));
    } else if (message instanceof Message.VoteResponse m) {
      out.setVoteResponse(
          VoteResponse.newBuilder()
              .setGranted(m.granted())
              .setCommit(m.commit())
              .setCommitTerm(m.commitTerm()));
    } else if (message instanceof Message.Rest m) {
      out.setRest(Rest.newBuilder().setIndex(m.index()).setRound(m.round()));
    } else if (message instanceof Message.InstallSnapshot m) {
      out.setInstallSnapshot(InstallSnapshot.newBuilder().setSnapshot(snapshot(m.snapshot())));
    } else if (message instanceof Message.TimeoutNow m) {
      out.setTimeoutNow(TimeoutNow.newBuilder().setRound(m.round()));
    } else if (message instanceof Message.ReadIndexRequest m) {
      out.setReadIndexRequest(ReadIndexRequest.newBuilder().setContext(wrap(m.context())));
    } else if (message instanceof Message.ReadIndexResponse m) {
      out.setReadIndexResponse(
          ReadIndexResponse.newBuilder().setIndex(m.index()).setContext(wrap(m.context())));
    } else {
      throw new IllegalStateException("no encoding for " + message);
    }
  }

  static Message decode(io.arrowraft.proto.raft.Message in) {
    long from = in.getFrom();
    long to = in.getTo();
    long term = in.getTerm();
    return switch (in.getKindCase()) {
      case PRE_VOTE_REQUEST ->
          new Message.PreVoteRequest(
              from,
              to,
              term,
              in.getPreVoteRequest().getLastIndex(),
              in.getPreVoteRequest().getLastTerm());
      case PRE_VOTE_RESPONSE ->
          new Message.PreVoteResponse(
              from,
              to,
              term,
              in.getPreVoteResponse().getGranted(),
              in.getPreVoteResponse().getCommit(),
              in.getPreVoteResponse().getCommitTerm());
      case VOTE_REQUEST ->
          new Message.VoteRequest(
              from,
              to,
              term,
              in.getVoteRequest().getLastIndex(),
              in.getVoteRequest().getLastTerm(),
              in.getVoteRequest().getTransfer());
      case VOTE_RESPONSE ->
          new Message.VoteResponse(
              from,
              to,
              term,
              in.getVoteResponse().getGranted(),
              in.getVoteResponse().getCommit(),
              in.getVoteResponse().getCommitTerm());
      case APPEND_REQUEST -> append(from, to, term, in.getAppendRequest());
      case APPEND_RESPONSE ->
          new Message.AppendResponse(
              from,
              to,
              term,
              in.getAppendResponse().getIndex(),
              in.getAppendResponse().getRejected(),
              in.getAppendResponse().getHintIndex(),
              in.getAppendResponse().getHintTerm());
      case HEARTBEAT_REQUEST ->
          new Message.HeartbeatRequest(
              from,
              to,
              term,
              in.getHeartbeatRequest().getCommit(),
              in.getHeartbeatRequest().getRound());
      case HEARTBEAT_RESPONSE ->
          new Message.HeartbeatResponse(from, to, term, in.getHeartbeatResponse().getRound());
      case REST ->
          new Message.Rest(from, to, term, in.getRest().getIndex(), in.getRest().getRound());
      case INSTALL_SNAPSHOT ->
          new Message.InstallSnapshot(
              from, to, term, snapshot(in.getInstallSnapshot().getSnapshot()));
      case TIMEOUT_NOW -> new Message.TimeoutNow(from, to, term, in.getTimeoutNow().getRound());
      case READ_INDEX_REQUEST ->
          new Message.ReadIndexRequest(
              from, to, term, in.getReadIndexRequest().getContext().toByteArray());
      case READ_INDEX_RESPONSE ->
          new Message.ReadIndexResponse(
              from,
              to,
              term,
              in.getReadIndexResponse().getIndex(),
              in.getReadIndexResponse().getContext().toByteArray());
      case KIND_NOT_SET ->
          throw new RpcException(
              RpcStatus.INVALID_ARGUMENT, "a Raft message of a kind not known here");
    };
  }

  private static AppendRequest append(Message.AppendRequest m) {
    AppendRequest.Builder out =
        AppendRequest.newBuilder()
            .setPreviousIndex(m.previousIndex())
            .setPreviousTerm(m.previousTerm())
            .setCommit(m.commit());
    for (Entry entry : m.entries()) {
      out.addEntries(
          io.arrowraft.proto.raft.Entry.newBuilder()
              .setTerm(entry.term())
              .setType(
                  entry.type() == EntryType.MEMBERSHIP
                      ? io.arrowraft.proto.raft.EntryType.MEMBERSHIP
                      : io.arrowraft.proto.raft.EntryType.NORMAL)
              .setData(wrap(entry.data())));
    }
    return out.build();
  }

  private static Message.AppendRequest append(long from, long to, long term, AppendRequest in) {
    List<Entry> entries = new ArrayList<>(in.getEntriesCount());
    long index = in.getPreviousIndex();
    for (io.arrowraft.proto.raft.Entry entry : in.getEntriesList()) {
      EntryType type =
          switch (entry.getType()) {
            case NORMAL -> EntryType.NORMAL;
            case MEMBERSHIP -> EntryType.MEMBERSHIP;
            case UNRECOGNIZED ->
                throw new RpcException(
                    RpcStatus.INVALID_ARGUMENT, "a log entry of a type not known here");
          };
      entries.add(new Entry(entry.getTerm(), ++index, type, entry.getData().toByteArray()));
    }
    return new Message.AppendRequest(
        from, to, term, in.getPreviousIndex(), in.getPreviousTerm(), entries, in.getCommit());
  }

  private static io.arrowraft.proto.raft.Snapshot snapshot(Snapshot snapshot) {
    Membership membership = snapshot.membership();
    return io.arrowraft.proto.raft.Snapshot.newBuilder()
        .setIndex(snapshot.index())
        .setTerm(snapshot.term())
        .setMembership(
            io.arrowraft.proto.raft.Membership.newBuilder()
                .addAllVoters(membership.voters())
                .addAllOutgoing(membership.outgoing())
                .addAllLearners(membership.learners())
                .addAllLearnersNext(membership.learnersNext())
                .setAutoLeave(membership.autoLeave()))
        .setData(wrap(snapshot.data()))
        .build();
  }

  private static Snapshot snapshot(io.arrowraft.proto.raft.Snapshot in) {
    io.arrowraft.proto.raft.Membership membership = in.getMembership();
    return new Snapshot(
        in.getIndex(),
        in.getTerm(),
        new Membership(
            new TreeSet<>(membership.getVotersList()),
            new TreeSet<>(membership.getOutgoingList()),
            new TreeSet<>(membership.getLearnersList()),
            new TreeSet<>(membership.getLearnersNextList()),
            membership.getAutoLeave()),
        in.getData().toByteArray());
  }

  private static ByteString wrap(byte[] bytes) {
    return UnsafeByteOperations.unsafeWrap(bytes);
  }
}
