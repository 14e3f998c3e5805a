package io.arrowraft.pd.replication;

import io.arrowraft.proto.pd.MemberIdentity;
import io.arrowraft.proto.pd.MemberRecord;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** What the replicated state asks of the member around it, on the loop. */
public interface Surroundings {

  /**
   * An id for this member, and who is there already.
   *
   * @param identity with its id and its cluster
   * @param members whom it hears from first
   */
  record Admission(MemberIdentity identity, List<MemberRecord> members) {
    public Admission {
      members = List.copyOf(members);
    }
  }

  /** {@code host:port} of this member. */
  String address();

  /**
   * Asks a running cluster for admission until it is granted.
   *
   * @param token the same at each attempt, so that it is granted once
   */
  CompletableFuture<Admission> join(long token);

  /** This member has gained or lost leadership. */
  void leadershipChanged(boolean leads);

  /** The membership, the members' properties or the known leader may have changed. */
  void membersChanged();

  /** This member has been removed from the group, and takes part no longer. */
  void removed();
}
