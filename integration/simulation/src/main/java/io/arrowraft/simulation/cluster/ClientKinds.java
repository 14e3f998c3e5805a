package io.arrowraft.simulation.cluster;

import io.arrowraft.client.options.CommitModes;
import io.arrowraft.client.options.LostAnswers;
import io.arrowraft.client.options.ReadPreference;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * How the clients of one cluster commit and read: the first client as the first of each list says,
 * and so on, in turn. Clients of all kinds meet on the same keys.
 */
public record ClientKinds(
    List<CommitModes> commits, List<ReadPreference> reads, List<LostAnswers> lostAnswers) {
  private static final int DRAWN = 4;

  public ClientKinds {
    commits = List.copyOf(commits);
    reads = List.copyOf(reads);
    lostAnswers = List.copyOf(lostAnswers);
  }

  /**
   * All the same: reading from leaders, in two phases always or in fewer where that is possible.
   */
  public static ClientKinds alike(boolean early) {
    return new ClientKinds(
        List.of(early ? CommitModes.early() : CommitModes.twoPhase()),
        List.of(ReadPreference.leader()),
        List.of(LostAnswers.REPEAT));
  }

  /** What a seed draws: in one cluster all read from leaders, in another one hardly anybody. */
  static ClientKinds drawn(RandomGenerator random) {
    boolean early = random.nextInt(100) < 60;
    boolean fromReplicas = random.nextInt(100) < 50;
    List<CommitModes> commits = new ArrayList<>();
    List<ReadPreference> reads = new ArrayList<>();
    List<LostAnswers> lostAnswers = new ArrayList<>();
    for (int i = 0; i < DRAWN; i++) {
      commits.add(early ? drawnCommits(random) : CommitModes.twoPhase());
      reads.add(fromReplicas ? drawnReads(random) : ReadPreference.leader());
      lostAnswers.add(random.nextBoolean() ? LostAnswers.REPEAT : LostAnswers.SURFACE);
    }
    return new ClientKinds(commits, reads, lostAnswers);
  }

  private static CommitModes drawnCommits(RandomGenerator random) {
    CommitModes early = CommitModes.early();
    return switch (random.nextInt(6)) {
      case 0 -> CommitModes.twoPhase();
      case 1 -> only(true, false, early);
      case 2 -> only(false, true, early);
      default -> early;
    };
  }

  private static CommitModes only(boolean onePhase, boolean async, CommitModes limits) {
    return new CommitModes(
        onePhase, async, limits.asyncKeysMax(), limits.asyncKeyBytesMax(), limits.laterAtMost());
  }

  private static ReadPreference drawnReads(RandomGenerator random) {
    return switch (random.nextInt(4)) {
      case 0 -> ReadPreference.leader();
      case 1 ->
          ReadPreference.nearest(Map.of("zone", "z" + random.nextInt(SimulatedCluster.ZONES)));
      default -> ReadPreference.followers();
    };
  }

  <T> T of(List<T> kinds, int client) {
    return kinds.get(client % kinds.size());
  }

  @Override
  public String toString() {
    return "ClientKinds[commits=%s, reads=%s, lost=%s]"
        .formatted(
            commits.stream().map(ClientKinds::name).toList(),
            reads.stream().map(each -> each.replica() + each.labels().toString()).toList(),
            lostAnswers);
  }

  private static String name(CommitModes modes) {
    return (modes.onePhase() ? "1PC" : "") + (modes.async() ? "async" : "") + "2PC";
  }
}
