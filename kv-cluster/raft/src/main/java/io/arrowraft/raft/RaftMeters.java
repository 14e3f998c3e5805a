package io.arrowraft.raft;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.concurrent.TimeUnit;

/** What all groups of a node do together. Safe for use by any thread. */
public final class RaftMeters {
  private final Counter proposals;
  private final Counter refused;
  private final Counter elections;
  private final Counter leaderships;
  private final Timer append;
  private final Timer commit;

  public RaftMeters(MeterRegistry meters) {
    proposals = counter(meters, "proposals", "Entries proposed and accepted by leaders here");
    refused = counter(meters, "refused_proposals", "Proposals that were not accepted");
    elections = counter(meters, "elections", "Elections in which a replica here asked for votes");
    leaderships = counter(meters, "leaderships", "Times that a replica here became leader");
    append = timer(meters, "append", "From handing a write to the log until it is durable");
    commit = timer(meters, "commit", "From proposing an entry until it is handed over to apply");
  }

  private static Counter counter(MeterRegistry meters, String noun, String description) {
    return Counter.builder("arrowraft_raft_" + noun + "_total")
        .description(description)
        .register(meters);
  }

  private static Timer timer(MeterRegistry meters, String noun, String description) {
    return Timer.builder("arrowraft_raft_" + noun + "_seconds")
        .description(description)
        .register(meters);
  }

  void onProposal(boolean accepted) {
    (accepted ? proposals : refused).increment();
  }

  void onElection() {
    elections.increment();
  }

  void onLeadership() {
    leaderships.increment();
  }

  void onAppended(long nanos) {
    append.record(nanos, TimeUnit.NANOSECONDS);
  }

  void onCommitted(long nanos) {
    commit.record(nanos, TimeUnit.NANOSECONDS);
  }
}
