package io.arrowraft.pd.flow;

/**
 * A region with much traffic.
 *
 * @param hits reports in a row that said so
 */
public record HotRegion(long regionId, Rates rates, int hits) {}
