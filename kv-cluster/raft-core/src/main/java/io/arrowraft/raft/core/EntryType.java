package io.arrowraft.raft.core;

/** What the data of an {@link Entry} is. */
public enum EntryType {
  /** The owner's data; empty for the entry with which a leader begins its term. */
  NORMAL,
  /** An encoded {@link MembershipChange}. */
  MEMBERSHIP
}
