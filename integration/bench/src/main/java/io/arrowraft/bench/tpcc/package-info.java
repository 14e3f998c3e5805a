/**
 * New orders and payments as in TPC-C (clauses 2.4 and 2.5), with its tables cut to the columns
 * that the two read and write, and the consistency conditions 1 to 4 of clause 3.3.2, which are
 * read at one timestamp when the load has ended. Sizes are options: the specification's are 3,000
 * customers of each district and 100,000 items.
 *
 * <p>Not TPC-C results: there are no think times, no other transactions and no audit.
 */
package io.arrowraft.bench.tpcc;
