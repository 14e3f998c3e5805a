/**
 * The {@code pdpb.PD} service: the protocol's requests carried out on the leading member's state.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>A member that does not lead answers GetMembers and refuses everything else with
 *       UNAVAILABLE.
 *   <li>A request for another cluster is refused with FAILED_PRECONDITION and changes nothing.
 *   <li>What a request changes is in the replicated log before it is answered, reports of regions
 *       excepted: those are repeated by their leaders.
 *   <li>A timestamp stream answers each request exactly once and in order, and completes when the
 *       caller has.
 *   <li>Every stream holds a bounded number of unanswered messages.
 * </ol>
 *
 * <p>Threading: handlers are entered on any thread and hop to the placement driver's loop, which
 * owns all state.
 */
package io.arrowraft.pd.service;
