package io.arrowraft.pd.flow;

/**
 * A region with much traffic, as far as one store bears it: writes with the leader, reads wherever
 * they are served.
 *
 * @param storeId of the leader, or for reads of the replica that serves them
 * @param hits reports in a row that said so
 */
public record HotRegion(long regionId, long storeId, Rates rates, int hits) {}
