/**
 * The quickstart: a cluster in this process, TPC-H loaded through the transactional client, four
 * queries through Spark while money moves between accounts, every answer compared with Parquet.
 *
 * <ol>
 *   <li>The reference rows come from the generator and never pass through our connector.
 *   <li>It succeeds only if every answer agrees and the stores' own counters show that filters and
 *       aggregates ran there.
 * </ol>
 */
package io.arrowraft.cli.quickstart;
