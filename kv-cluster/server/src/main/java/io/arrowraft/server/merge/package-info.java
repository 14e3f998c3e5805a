/**
 * When regions merge, and what becomes of a merge that is prepared: decisions over values. The
 * steps are taken by {@code RegionMerges} and {@code MergeControl} of {@code
 * io.arrowraft.server.peer}, their entries applied in {@code io.arrowraft.server.apply}.
 *
 * <p>A region, the source, becomes part of its neighbour, the target, on all their stores, which
 * are the same. The source's leader proposes {@code PrepareMerge} to its own log; it names the
 * target at its epoch of then. Applied, it moves both parts of the source's epoch, and the source
 * serves nobody. Each store that has applied it and leads the target proposes {@code CommitMerge}
 * to the target's log, with that part of the source's log which not all replicas are known to have.
 * Where that is applied, the source's replica first applies what it lacks and stops; then one batch
 * gives the target the source's range and makes the source a tombstone.
 *
 * <ol>
 *   <li>{@code CommitMerge} applies at the one epoch of the target that {@code PrepareMerge} names,
 *       and the target's state remembers the regions it has taken in. So one replica of the target
 *       that has a later epoch tells for all whether the merge is done or can never be, and only
 *       the latter is rolled back (correctness rule 21).
 *   <li>From before {@code PrepareMerge} leaves its leader until it has failed or is rolled back,
 *       the source has no lease, confirms no read and takes no write, split or change of peers;
 *       after a restart the phase {@code MERGING} says so (rule 22).
 *   <li>No log of the source is compacted while it is {@code MERGING}, and replicas may lag by no
 *       more than what every log keeps: so any store has what {@code CommitMerge} carries.
 *   <li>A target whose source is not ready waits, without holding up other regions of its apply
 *       loop; Raft bounds what gathers behind it, and a gauge counts such targets.
 *   <li>A store that missed {@code CommitMerge} gets a snapshot of the target. It names the regions
 *       that the target has taken in; their replicas end in the batch that begins to install it,
 *       and not before, since until then the target could still come to {@code CommitMerge} by its
 *       log.
 *   <li>A replica of a source that nobody talks to any more asks the placement driver (rule 24). It
 *       stays as long as a replica of its target may need it.
 *   <li>The target's version is above the source's and its own, which makes leaders ask for a new
 *       timestamp before they time commits again (rule 36).
 * </ol>
 *
 * <p>Crash table. "Data" is the data engine, whose writes survive a crash in order; "log" the Raft
 * log engine, where an entry is durable before it is applied. The batch of {@code CommitMerge} is
 * synced, and with it all that the source has applied; the source's log goes after it.
 *
 * <table>
 *   <caption>What startup finds and does</caption>
 *   <tr><th>crash</th><th>source</th><th>target</th><th>done at start</th></tr>
 *   <tr><td>before {@code PrepareMerge} is applied, or its batch lost</td><td>{@code NORMAL}</td>
 *       <td>unchanged</td><td>the entry is applied again</td></tr>
 *   <tr><td>after it</td><td>{@code MERGING}</td><td>unchanged</td><td>no lease; the merge is offered
 *       to the target again, or rolled back</td></tr>
 *   <tr><td>while the source applies what {@code CommitMerge} carries</td><td>{@code NORMAL} or {@code
 *       MERGING}, applied past the end of its log, or where its log has entries that were never
 *       chosen</td><td>unchanged, the entry in its log</td><td>the source's log begins after what is
 *       applied, as after a snapshot; the entry is applied again</td></tr>
 *   <tr><td>after the batch of {@code CommitMerge}</td><td>tombstone that names the target, log still
 *       there</td><td>has both ranges</td><td>the source's log is removed</td></tr>
 *   <tr><td>after the source's log is gone</td><td>tombstone</td><td>has both ranges</td>
 *       <td>nothing</td></tr>
 *   <tr><td>after {@code RollbackMerge}, or its batch lost</td><td>{@code NORMAL} with a later version,
 *       or {@code MERGING}</td><td>a later epoch</td><td>nothing, or the entry is applied
 *       again</td></tr>
 *   <tr><td>a snapshot of the target replaces both, after its {@code APPLYING} batch</td><td>tombstone,
 *       log still there</td><td>{@code APPLYING}</td><td>the installation is finished, the source's log
 *       removed</td></tr>
 * </table>
 *
 * <p>Threading: pure functions.
 */
package io.arrowraft.server.merge;
