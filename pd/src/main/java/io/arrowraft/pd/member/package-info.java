/**
 * The members of the placement driver as a group: who is there, who may come, who has to go, and
 * who should lead.
 *
 * <ol>
 *   <li>A newcomer is admitted as a learner under an id from the pool, and gets a vote when it has
 *       caught up. Asking again with the same token gets the same id; another one of the same name
 *       is refused, since a member that lost its data must not vote under its old id.
 *   <li>A member that hears of no leader asks one whether it still belongs to the group; only a
 *       leader that serves may tell it that it does not, and then it ends for good.
 *   <li>A member of higher priority is given leadership when it has caught up.
 *   <li>A member whose address has changed says so to the leader.
 *   <li>What operators ask of a member that does not lead is passed on once, to the leader.
 * </ol>
 *
 * <p>Threading: everything lives on the placement driver's loop.
 */
package io.arrowraft.pd.member;
