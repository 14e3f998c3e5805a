/**
 * Raw keys: one version, no transactions, a key space of their own.
 *
 * <ol>
 *   <li>Put and delete may be sent again without harm and are, until the deadline; a
 *       compare-and-swap whose answer was lost is reported as unknown at once.
 *   <li>An operation on several keys is not atomic: on failure some of it may have been done.
 * </ol>
 *
 * <p>Threading: safe for use by any thread; futures complete on the client's loop, where nothing
 * may wait.
 */
package io.arrowraft.client.raw;
