package io.arrowraft.raft;

/** Why an accepted proposal is not handed back with its entry. */
public enum DropReason {
  /** Another leader's entry took its place: it was not carried out and never will be. */
  SUPERSEDED,
  /** A snapshot covers its place: whether it was carried out is not known here. */
  UNKNOWN,
  /** The group was closed: it may or may not be carried out. */
  CLOSED
}
