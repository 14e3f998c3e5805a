/**
 * The replicated state of the placement driver: what must survive a restart and what all members
 * agree on.
 *
 * <p>{@link io.arrowraft.pd.state.PdState} is a pure state machine: a {@link
 * io.arrowraft.pd.state.PdCommand} in, a {@link io.arrowraft.pd.state.PdResult} and the records to
 * write out. Who replicates the commands and who stores the records is decided elsewhere.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>Applying is deterministic: no clock, no randomness; time comes inside the command.
 *   <li>What a command changed is exactly what its writes say: loading the records gives the same
 *       state as applying the commands.
 *   <li>The id pool, the timestamp limit and the safe point never go back.
 *   <li>A region record is never replaced by one whose epoch is lower in either part.
 *   <li>Stored values and commands begin with a version byte; an unknown version stops the node.
 * </ol>
 *
 * <p>Threading: one thread at a time, that of the placement driver's event loop.
 */
package io.arrowraft.pd.state;
