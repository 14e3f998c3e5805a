/**
 * What a client knows of tables' definitions, and how long it may rely on it.
 *
 * <ol>
 *   <li>A definition that was read at timestamp T holds for commits up to T plus {@link
 *       io.arrowraft.client.table.schema.SchemaLease#LENGTH}: whoever changes it waits that long
 *       before the next step.
 *   <li>All work of one transaction on a table is done by one version of its definition, which held
 *       at the transaction's start.
 *   <li>A commit beyond the lease reads the definition anew: unchanged, it extends the lease;
 *       changed, it aborts the transaction.
 *   <li>A read at timestamp R uses the definition as of R, or one that an earlier read has found
 *       and whose lease R is within.
 * </ol>
 *
 * <p>Why that is enough, and what the owner of a change does: decision record 3 in {@code
 * docs/decisions}.
 *
 * <p>Threading: {@code SchemaCache} is safe for use by any thread, a {@code SchemaFence} belongs to
 * its transaction.
 */
package io.arrowraft.client.table.schema;
