/**
 * Spark with the shaded connector jar, and nothing else of the connector, over an embedded cluster
 * in the same JVM, beside a plain client that loads the tables.
 *
 * <ol>
 *   <li>Every answer is compared with the same query over the same rows in a local DataFrame.
 *   <li>All classes share one Spark session and one cluster; each sets the session's options anew
 *       before each test, and writes only to tables of its own.
 * </ol>
 */
package io.arrowraft.e2e.spark;
