package io.arrowraft.raft.core;

/**
 * What a replica must remember across restarts besides its log.
 *
 * @param term the latest term seen
 * @param vote the peer voted for in that term; 0 for none
 * @param commit the highest index known to be committed; may lag behind after a restart
 */
public record HardState(long term, long vote, long commit) {
  public static final HardState INITIAL = new HardState(0, 0, 0);

  public HardState {
    if (term < 0 || vote < 0 || commit < 0) {
      throw new IllegalArgumentException("negative: " + term + ", " + vote + ", " + commit);
    }
  }

  boolean samePromises(HardState other) {
    return term == other.term && vote == other.vote;
  }
}
