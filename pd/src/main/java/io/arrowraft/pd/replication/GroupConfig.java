package io.arrowraft.pd.replication;

import io.arrowraft.raft.RaftGroupConfig;
import java.util.List;

/**
 * With whom a member replicates its state.
 *
 * @param name of this member
 * @param initialCluster all members that begin together, this one among them; empty for a group of
 *     one. Looked at in an empty directory; later only for addresses that have changed meanwhile
 * @param join members of a running cluster that this one is to join, {@code host:port}; looked at
 *     in an empty directory only
 */
public record GroupConfig(
    String name, List<InitialMember> initialCluster, List<String> join, RaftGroupConfig raft) {
  private static final int MEMBERS_MAX = 9;

  public GroupConfig {
    initialCluster = List.copyOf(initialCluster);
    join = List.copyOf(join);
    String self = name;
    if (!initialCluster.isEmpty()
        && initialCluster.stream().noneMatch(member -> member.name().equals(self))) {
      throw new IllegalArgumentException(
          "member " + name + " is not in its own initial cluster: " + initialCluster);
    }
    if (initialCluster.size() > MEMBERS_MAX) {
      throw new IllegalArgumentException(
          "an initial cluster has at most "
              + MEMBERS_MAX
              + " members, not "
              + initialCluster.size());
    }
    if (!initialCluster.isEmpty() && !join.isEmpty()) {
      throw new IllegalArgumentException(
          "a member either begins a cluster or joins one: name " + name);
    }
  }

  /**
   * A group of one. Elections in 1 to 2 s, leases of 720 ms: a leader that dies is replaced within
   * three seconds, and a lease always ends before an election can.
   */
  public static GroupConfig alone(String name) {
    return new GroupConfig(name, List.of(), List.of(), RaftGroupConfig.defaults());
  }

  public GroupConfig withInitialCluster(List<InitialMember> members) {
    return new GroupConfig(name, members, join, raft);
  }

  public GroupConfig withJoin(List<String> addresses) {
    return new GroupConfig(name, initialCluster, addresses, raft);
  }

  public GroupConfig withRaft(RaftGroupConfig timing) {
    return new GroupConfig(name, initialCluster, join, timing);
  }

  /** The same under another name. */
  public GroupConfig withName(String other) {
    return new GroupConfig(other, initialCluster, join, raft);
  }
}
