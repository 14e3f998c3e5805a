package io.arrowraft.raft;

import io.arrowraft.raft.core.Entry;
import java.util.List;
import java.util.Objects;

/**
 * One group's share of a batch. Within it deletions come before entries.
 *
 * @param state replaces the stored state; meaningless when {@code destroy} is set
 * @param entries to put, in ascending order of index; they replace what is stored there
 * @param deleteFrom first entry to delete
 * @param deleteTo first entry after that to keep; nothing is deleted if it is not above {@code
 *     deleteFrom}
 * @param destroy delete everything of the group instead
 * @param sync whether {@code durable} may run only after a sync
 * @param durable runs when this write and all earlier ones of the group are as durable as asked; on
 *     any thread
 */
public record LogWrite(
    long groupId,
    GroupLogState state,
    List<Entry> entries,
    long deleteFrom,
    long deleteTo,
    boolean destroy,
    boolean sync,
    Runnable durable) {
  public LogWrite {
    Objects.requireNonNull(state, "state");
    Objects.requireNonNull(durable, "durable");
    entries = List.copyOf(entries);
  }

  static LogWrite destroy(long groupId, Runnable durable) {
    return new LogWrite(groupId, GroupLogState.EMPTY, List.of(), 0, 0, true, true, durable);
  }
}
