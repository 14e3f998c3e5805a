/**
 * Runs a coprocessor plan over the rows of one region: rows are decoded into column vectors, steps
 * work on whole vectors, and results leave as Arrow IPC record-batch messages.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>Answers are Spark's, bit for bit, whichever fast path a batch takes; {@link
 *       io.arrowraft.coprocessor.plan.Operator} has the rules.
 *   <li>No object is made per row on the paths of scan, selection, aggregation and output. Wide
 *       decimals (above 18 digits and beyond a long in value) are the one exception.
 *   <li>A vector's value at a NULL position is zero or empty, so that kernels run over all rows.
 *   <li>An error of evaluation is kept with its row and raised only by a step that uses the value:
 *       a branch not taken and a row already filtered out raise nothing, as in Spark.
 *   <li>Memory that grows with the data (groups, top-n rows, results) is accounted before it is
 *       taken; the limit is a {@link io.arrowraft.coprocessor.engine.MemoryLimitExceeded}.
 * </ol>
 *
 * <p>Threading: an executor and everything below it belong to one thread at a time.
 */
package io.arrowraft.coprocessor.engine;
