/**
 * Reads a table by a plan that runs in the stores: ranges to regions, one stream for each region,
 * Arrow batches out.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>Every row of the ranges, as of the read timestamp, counts exactly once, however regions
 *       split, move or fail meanwhile. A batch is handed out only once the store has said which
 *       keys the batches up to it cover; what a failed attempt sent beyond that is dropped and read
 *       again. An aggregate covers its region only at its end, so a failed attempt counts nothing.
 *   <li>A retry reads at the same timestamp.
 *   <li>The reader owns every buffer; a batch is valid until the next one is asked for.
 *   <li>What is under way and what is held back are bounded.
 * </ol>
 *
 * <p>Threading: a reader belongs to the one thread that pulls. Streams deliver on the client's
 * threads into a bounded queue, which is all that they share with it.
 */
package io.arrowraft.coprocessor.read;
