package io.arrowraft.client.options;

import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * Which replicas serve reads. All answer the same: a replica that does not lead asks the leader
 * which entries it must have applied first, and whether a transaction is in the way. What a replica
 * refuses the leader is asked for.
 *
 * @param replica which one is asked first
 * @param labels where the client is, in the words of the stores' labels, such as {@code zone=a};
 *     for {@link Replica#NEAREST}
 */
public record ReadPreference(Replica replica, Map<String, String> labels) {
  public enum Replica {
    /** Always the leader; needs no other store. */
    LEADER,
    /** Replicas that do not lead, in turn. */
    FOLLOWER,
    /** The replica whose store shares most labels with the client; the leader among equals. */
    NEAREST
  }

  public ReadPreference {
    Objects.requireNonNull(replica, "replica");
    labels = new TreeMap<>(labels);
  }

  @Override
  public Map<String, String> labels() {
    return new TreeMap<>(labels);
  }

  public static ReadPreference leader() {
    return new ReadPreference(Replica.LEADER, Map.of());
  }

  public static ReadPreference followers() {
    return new ReadPreference(Replica.FOLLOWER, Map.of());
  }

  public static ReadPreference nearest(Map<String, String> labels) {
    return new ReadPreference(Replica.NEAREST, labels);
  }
}
