/**
 * Waiting before another attempt: how long depends on why, for how long depends on the operation's
 * deadline.
 *
 * <ol>
 *   <li>Every operation has one deadline; all its attempts, however nested, share it.
 *   <li>A wait that would pass the deadline does not begin: the operation fails at once with what
 *       went wrong last.
 * </ol>
 *
 * <p>Threading: confined to the client's loop.
 */
package io.arrowraft.client.retry;
