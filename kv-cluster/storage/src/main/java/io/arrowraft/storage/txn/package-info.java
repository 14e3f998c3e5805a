/**
 * Transaction commands as values: a command reads a snapshot and says what should change.
 *
 * <p>This is Percolator as TiKV has it: a prewrite locks keys, the commit of the primary key
 * decides, and whoever meets a lock of an undecided transaction finds out through its primary.
 * Invariants:
 *
 * <ol>
 *   <li>A command never writes. Its {@link io.arrowraft.storage.txn.Outcome} lists modifications
 *       that are applied together or not at all, while the latches of its keys are held; a failed
 *       command has none.
 *   <li>Every command may be repeated: a repetition after success succeeds again and changes
 *       nothing (rules 30 and 31 of the correctness checklist).
 *   <li>A transaction that was rolled back on its primary can never be prewritten there again: the
 *       record is protected (rule 33), or marked on the commit record it overlaps with (rule 34).
 *   <li>A lock commits at or above its {@code min_commit_ts} or not at all (rule 32).
 *   <li>What a client must know about a failure is in a {@link io.arrowraft.storage.txn.TxnError},
 *       not in a message.
 * </ol>
 *
 * <p>Threading: commands, outcomes and errors are immutable; evaluation runs on the caller's thread
 * and blocks only on the engine's reads.
 */
package io.arrowraft.storage.txn;
