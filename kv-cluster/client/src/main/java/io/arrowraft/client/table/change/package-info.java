/**
 * Changes of a table's definition while it is in use: jobs that take a definition from one of F1's
 * states to the next (Rae et al., "Online, Asynchronous Schema Change in F1", VLDB 2013).
 *
 * <ol>
 *   <li>A job is a record in the store. Every step is one transaction that reads the record and the
 *       definition and writes both, so two who carry out a job at once cannot both take a step, and
 *       whoever finds an abandoned job goes on where it stands.
 *   <li>The lease in the record only spares two clients the same work; nothing depends on it.
 *   <li>Before a step the fence of the step before is waited for: the placement driver's time is
 *       past that step's commit plus {@link io.arrowraft.client.table.schema.SchemaLease#LENGTH},
 *       and every lock in the table's keys from before has been resolved. From then on nobody
 *       commits by the definition before that step.
 *   <li>An index is filled from several parts of the rows at once, in transactions that lock each
 *       row they read, together with the record of how far their part is. A row that changes
 *       meanwhile makes its batch fail and read again; that the job leaves the filling behind makes
 *       every batch fail, since it takes the records of all parts away.
 *   <li>What is dropped is noted in the same step as a range to reclaim. Once the safe point of
 *       garbage collection has passed the end of the lease that a writer from before may have, the
 *       range is destroyed at the stores, past transactions: nobody reads it, since reads below the
 *       safe point are refused, and nobody can take a lock in it. The record keeps how far that is;
 *       whoever finds it goes on. Keys that a table's definition has are never destroyed.
 *   <li>A job that fails, or is cancelled, takes its way back through the same states.
 * </ol>
 *
 * <p>Reading order: {@code SchemaChange}, {@code Job}, {@code JobStep} (pure: what comes next),
 * {@code JobRunner}, {@code IndexFill}, {@code Backfill}, {@code Reclaims}, {@code SchemaChanges}.
 *
 * <p>Threading: {@code SchemaChanges} and {@code SchemaJob} are safe for use by any thread.
 */
package io.arrowraft.client.table.change;
