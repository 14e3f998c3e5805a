package io.arrowraft.server.txn;

import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.metapb.RegionEpoch;
import io.arrowraft.runtime.TimeSource;
import io.arrowraft.server.region.RegionRequest;
import io.arrowraft.server.region.RequestTimes;
import io.arrowraft.storage.engine.WriteBatch;
import java.util.ArrayList;
import java.util.List;

/**
 * Commands that share a snapshot, a turn of a worker and an entry of the log. All of them hold
 * their latches, so their keys differ, and none could see what another writes. Passed from thread
 * to thread.
 */
final class WriteGroup {
  /** What requests have in common whose commands may share. */
  record Target(long regionId, RegionEpoch epoch, Peer peer, long term) {
    static Target of(RegionRequest request) {
      return new Target(request.regionId(), request.epoch(), request.peer(), request.term());
    }
  }

  private final List<PendingWrite<?>> writes = new ArrayList<>(1);

  WriteGroup(PendingWrite<?> first) {
    writes.add(first);
  }

  /** Adds one; how many there are now. */
  int add(PendingWrite<?> write) {
    writes.add(write);
    return writes.size();
  }

  List<PendingWrite<?>> writes() {
    return writes;
  }

  /** They have all that they waited for. On the scheduler's loop. */
  void begin() {
    for (PendingWrite<?> write : writes) {
      write.stopTimer();
      write.state = PendingWrite.State.RUNNING;
      write.request.times().mark(RequestTimes.Stage.BEGUN);
    }
  }

  boolean needsWorker() {
    return writes.stream().anyMatch(write -> write.command.needsWorker());
  }

  /** The request whose caller waits the longest. */
  RegionRequest request(TimeSource time) {
    RegionRequest longest = writes.get(0).request;
    for (PendingWrite<?> write : writes) {
      RegionRequest other = write.request;
      if (other.deadline().remaining(time).compareTo(longest.deadline().remaining(time)) > 0) {
        longest = other;
      }
    }
    return longest;
  }

  RequestTimes times() {
    return RequestTimes.together(writes.stream().map(write -> write.request.times()).toList());
  }

  /** Takes out those that have nothing to write, or could not decide. */
  List<PendingWrite<?>> takeSettled() {
    List<PendingWrite<?>> settled = new ArrayList<>();
    for (PendingWrite<?> write : writes) {
      if (!write.writes()) {
        settled.add(write);
      }
    }
    writes.removeAll(settled);
    return settled;
  }

  /** What the rest writes. */
  List<WriteBatch.Operation> mutations() {
    List<WriteBatch.Operation> all = new ArrayList<>();
    writes.forEach(write -> all.addAll(write.outcome.mutations()));
    return all;
  }
}
