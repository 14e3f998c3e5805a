/**
 * Waiting for locks: requests of pessimistic transactions that met another's lock wait here until
 * it is gone, and two transactions that wait for each other are found.
 *
 * <ol>
 *   <li>A waiter holds nothing: no latch, no thread, no snapshot. When its turn comes, its request
 *       is evaluated again like a new one.
 *   <li>Of those who wait for a key the oldest transaction goes first; the next one's turn comes
 *       when the one before has ended without taking the lock, or has given it up.
 *   <li>No release is missed: each is counted before it is told, and a waiter compares the count of
 *       its key with that from before its request was evaluated.
 *   <li>Every wait ends: by its turn, by its deadline, by a deadlock, or because the region is no
 *       longer led here. Their number is bounded.
 *   <li>One store of the cluster, the leader of the region that holds the empty key, sees all waits
 *       and finds the circles among them. It keeps nothing that is not told again: a wait outlives
 *       no detector for longer than its own deadline, so a lost message costs time and no answer.
 * </ol>
 *
 * <p>Reading order: {@code WaitForGraph}, {@code LockQueues}, {@code DeadlockDetection}, {@code
 * DetectorLine}. Threading: each class says which loop owns it.
 */
package io.arrowraft.server.lockwait;
