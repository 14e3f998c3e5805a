package io.arrowraft.raft.core;

import java.util.Objects;

/**
 * What a node starts from.
 *
 * @param membership as of the applied index with which the node is started
 */
public record InitialState(HardState hardState, Membership membership) {
  public InitialState {
    Objects.requireNonNull(hardState, "hardState");
    Objects.requireNonNull(membership, "membership");
  }
}
