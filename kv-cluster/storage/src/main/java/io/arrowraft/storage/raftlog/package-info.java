/**
 * The Raft logs of a node in one engine instance: the implementation of {@link
 * io.arrowraft.raft.LogStore}.
 *
 * <ol>
 *   <li>Writes of all groups that wait together become one atomic batch with one sync; batches are
 *       written in the order of their submission.
 *   <li>A write is reported durable only after the sync of its batch; a batch in which nobody asks
 *       for a sync is written without.
 *   <li>Each record carries a format version and a checksum that covers its key, so that a damaged
 *       or misplaced record is noticed and never read as a vote or an entry.
 *   <li>Only {@code lastIndex} of the state says where a log ends: entries stored above it are
 *       leftovers.
 *   <li>A record that cannot be read names its group, whose replica alone is in doubt; a write that
 *       fails stops the node, and nothing is written after it.
 * </ol>
 *
 * <p>Keys, in family {@code raft}: {@code 01 groupId 00} holds the state, {@code 01 groupId 01
 * index} an entry; numbers are big endian, so a group's records lie together and its entries in
 * order.
 *
 * <p>Threading: submit and read from any thread; writing happens on an event loop of its own, the
 * one loop that waits for the disk.
 */
package io.arrowraft.storage.raftlog;
