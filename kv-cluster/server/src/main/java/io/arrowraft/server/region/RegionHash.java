package io.arrowraft.server.region;

import io.arrowraft.proto.metapb.Region;

/**
 * A digest of a region's data. Replicas with the same range and applied index have the same hash.
 *
 * @param appliedIndex the last entry in the data hashed
 * @param hash 64 bits over all families, keys and values in order
 * @param keys how many keys were hashed
 */
public record RegionHash(Region region, long appliedIndex, long hash, long keys) {}
