/**
 * What operators ask the placement driver over HTTP on its client port: the paths under {@code
 * /pd/api/v1} and the names of fields that PD gave them, {@code /health} and {@code /metrics}.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>State is read on the placement driver's event loop, and only copied there; JSON is written
 *       on a pool of its own, which refuses with 503 when it is full.
 *   <li>What only the leader knows is refused with 503 by a member that does not lead. Members,
 *       health, version and metrics are answered by every member.
 *   <li>Lists are bounded; {@code count} tells how many there are in all.
 *   <li>Sizes of regions are MiB, as in PD; an amount with a unit is text.
 * </ol>
 *
 * <p>Threading: any thread may ask; see the first invariant.
 */
package io.arrowraft.pd.http;
