package io.arrowraft.client.region;

import java.util.List;

/**
 * Items whose keys lie in one region.
 *
 * @param items in key order
 */
public record RegionBatch<T>(Region region, List<T> items) {}
