package io.arrowraft.pd.replication;

import io.arrowraft.pd.state.PdState;
import io.arrowraft.pd.state.StateWrite;
import io.arrowraft.proto.pd.MemberIdentity;
import io.arrowraft.raft.LogStore;
import io.arrowraft.runtime.EventLoop;
import io.arrowraft.runtime.WorkerPool;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Finds out who this member is and what it has: from its directory, from the initial cluster, or by
 * asking for admission. Lives on the loop.
 */
final class MemberOpening {

  /**
   * A member that is ready to take part.
   *
   * @param mark up to where its state holds; empty for a newcomer that has none yet
   */
  record Opened(
      StoredMember stored, MemberIdentity identity, Optional<StateRecordStore.Mark> mark) {}

  private final ReplicatedState.Ports ports;
  private final GroupConfig config;
  private final PdState state;
  private final StateRecordStore records;
  private final StateWriter writer;
  private final Surroundings around;
  private final CompletableFuture<Opened> opened = new CompletableFuture<>();

  MemberOpening(
      ReplicatedState.Ports ports,
      GroupConfig config,
      PdState state,
      StateRecordStore records,
      StateWriter writer,
      Surroundings around) {
    this.ports = ports;
    this.config = config;
    this.state = state;
    this.records = records;
    this.writer = writer;
    this.around = around;
  }

  /** Fills the state; completes on the loop. Fails if something cannot be read. */
  CompletableFuture<Opened> open(LogStore logs, long groupId) {
    EventLoop loop = ports.loop();
    WorkerPool pool = ports.pool();
    pool.execute(
        () -> {
          try {
            StoredMember stored = StoredMember.load(records, logs, groupId);
            loop.execute(() -> begin(stored));
          } catch (RuntimeException unreadable) {
            opened.completeExceptionally(unreadable);
          }
        });
    return opened;
  }

  private void begin(StoredMember stored) {
    try {
      stored.records().forEach(record -> state.load(record.key(), record.value()));
      MemberIdentity identity = stored.identity().orElseGet(MemberIdentity::getDefaultInstance);
      if (identity.getRemoved()) {
        throw new IllegalStateException(
            "this member has been removed from its cluster; empty its directory to let it join as a new one");
      }
      if (stored.needsToJoin(config)) {
        askToJoin(stored, identity);
      } else if (stored.needsToBegin()) {
        StoredMember.Beginning first = stored.beginning(config, state, around.address());
        Optional<StateRecordStore.Mark> mark = Optional.of(first.mark());
        writer.run(
            () -> records.begin(first.identity(), first.records(), mark),
            () -> opened.complete(new Opened(stored, first.identity(), mark)));
      } else {
        opened.complete(new Opened(stored, identity, stored.mark()));
      }
    } catch (RuntimeException unreadable) {
      opened.completeExceptionally(unreadable);
    }
  }

  /** The token is durable before anybody hears it: asking again must be the same asking. */
  private void askToJoin(StoredMember stored, MemberIdentity identity) {
    MemberIdentity asking =
        identity.getJoinToken() != 0
            ? identity
            : MemberIdentity.newBuilder()
                .setJoinToken(
                    ports.environment().random().generator("pd-join").nextLong(1, Long.MAX_VALUE))
                .build();
    writer.run(
        () -> records.begin(asking, List.of(), Optional.empty()),
        () ->
            around
                .join(asking.getJoinToken())
                .whenComplete(
                    (admission, failure) ->
                        ports.loop().execute(() -> joined(stored, admission, failure))));
  }

  private void joined(StoredMember stored, Surroundings.Admission admission, Throwable failure) {
    if (failure != null) {
      opened.completeExceptionally(failure);
      return;
    }
    List<StateWrite> known = admission.members().stream().map(state::putMember).toList();
    writer.run(
        () -> records.begin(admission.identity(), known, Optional.empty()),
        () -> opened.complete(new Opened(stored, admission.identity(), Optional.empty())));
  }
}
