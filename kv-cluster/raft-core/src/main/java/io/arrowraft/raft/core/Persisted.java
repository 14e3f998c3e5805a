package io.arrowraft.raft.core;

/**
 * Names one write of a {@link Ready}, to be handed back by {@link RaftNode#onPersisted} when it is
 * durable.
 *
 * @param term the node's term when the write was issued. An acknowledgement from an older term says
 *     nothing about the log: an entry may have been replaced and put back since, with the
 *     replacement still on its way to the disk
 * @param lastIndex the last index of the log after the write
 * @param lastTerm the term of that entry
 * @param snapshotIndex the index of the installed snapshot; 0 for none
 */
public record Persisted(long term, long lastIndex, long lastTerm, long snapshotIndex) {}
