package io.arrowraft.raft;

/**
 * Told by a transport that messages of a group to a peer are being lost. Called from any thread.
 */
@FunctionalInterface
public interface StoreUnreachable {
  void unreachable(long groupId, long peer);
}
