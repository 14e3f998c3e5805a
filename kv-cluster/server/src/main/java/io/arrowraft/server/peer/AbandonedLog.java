package io.arrowraft.server.peer;

import io.arrowraft.raft.GroupLogState;
import io.arrowraft.raft.LogStore;
import io.arrowraft.raft.LogWrite;
import io.arrowraft.raft.core.Entry;
import io.arrowraft.runtime.Invariant;
import java.util.List;
import java.util.Optional;

/**
 * Stands in for the log of a damaged replica, below a group that is closed before it hears of
 * anything: what the log has promised may be lost, so nothing of it is read, and nothing is written
 * but its end.
 */
record AbandonedLog(LogStore logs) implements LogStore {
  @Override
  public void submit(LogWrite write) {
    Invariant.check(write.destroy(), "write to an abandoned log", "group", write.groupId());
    logs.submit(write);
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
