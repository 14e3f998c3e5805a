package io.arrowraft.raft.core;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;

/** One line for each thing that a scenario shows. */
final class Describe {
  private Describe() {}

  static String entry(Entry entry) {
    String data =
        entry.type() == EntryType.MEMBERSHIP
            ? MembershipChange.decode(entry.data()).toString()
            : new String(entry.data(), StandardCharsets.UTF_8);
    return entry.term() + "/" + entry.index() + "[" + data + "]";
  }

  static String entries(List<Entry> entries) {
    return entries.stream().map(Describe::entry).collect(Collectors.joining(" "));
  }

  static String message(Message m) {
    return m.from() + "->" + m.to() + " t" + m.term() + " " + body(m);
  }

  private static String body(Message message) {
    if (message instanceof Message.PreVoteRequest m) {
      return "PreVote? last " + m.lastTerm() + "/" + m.lastIndex();
    } else if (message instanceof Message.PreVoteResponse m) {
      return m.granted() ? "PreVote granted" : "PreVote refused";
    } else if (message instanceof Message.VoteRequest m) {
      return "Vote? last "
          + m.lastTerm()
          + "/"
          + m.lastIndex()
          + (m.transfer() ? " by transfer" : "");
    } else if (message instanceof Message.VoteResponse m) {
      return m.granted() ? "Vote granted" : "Vote refused";
    } else if (message instanceof Message.AppendRequest m) {
      return "Append after "
          + m.previousTerm()
          + "/"
          + m.previousIndex()
          + " commit "
          + m.commit()
          + (m.entries().isEmpty() ? "" : ": " + entries(m.entries()));
    } else if (message instanceof Message.AppendResponse m) {
      return m.rejected()
          ? "Rejected " + m.index() + " hint " + m.hintTerm() + "/" + m.hintIndex()
          : "Accepted " + m.index();
    } else if (message instanceof Message.HeartbeatRequest m) {
      return "Heartbeat round " + m.round() + " commit " + m.commit();
    } else if (message instanceof Message.HeartbeatResponse m) {
      return "Heard round " + m.round();
    } else if (message instanceof Message.Rest m) {
      return "Rest at " + m.index() + " round " + m.round();
    } else if (message instanceof Message.InstallSnapshot m) {
      return "Snapshot " + m.snapshot();
    } else if (message instanceof Message.TimeoutNow m) {
      return "TimeoutNow round " + m.round();
    } else if (message instanceof Message.ReadIndexRequest m) {
      return "ReadIndex? " + text(m.context());
    } else if (message instanceof Message.ReadIndexResponse m) {
      return "ReadIndex " + m.index() + " " + text(m.context());
    }
    throw new AssertionError("no description of " + message);
  }

  static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  static void ready(StringBuilder out, long id, Ready ready) {
    out.append(id)
        .append(" ready: ")
        .append(ready.role())
        .append(" t")
        .append(ready.term())
        .append(" leader ")
        .append(ready.leaderId());
    if (ready.leaseRound() != 0) {
      out.append(" lease round ").append(ready.leaseRound());
    }
    out.append('\n');
    ready
        .hardState()
        .ifPresent(
            hard ->
                line(
                    out,
                    "hard state: term "
                        + hard.term()
                        + " vote "
                        + hard.vote()
                        + " commit "
                        + hard.commit()
                        + (ready.mustSync() ? "" : ", no sync")));
    ready.snapshot().ifPresent(snapshot -> line(out, "install " + snapshot));
    if (!ready.entries().isEmpty()) {
      line(out, "append " + entries(ready.entries()));
    }
    ready.messages().forEach(message -> line(out, "send " + message(message)));
    ready.messagesAfterPersist().forEach(m -> line(out, "when durable " + message(m)));
    if (!ready.committedEntries().isEmpty()) {
      line(out, "apply " + entries(ready.committedEntries()));
    }
    ready
        .readStates()
        .forEach(read -> line(out, "read " + text(read.context()) + " at " + read.index()));
  }

  private static void line(StringBuilder out, String text) {
    out.append("  ").append(text).append('\n');
  }
}
