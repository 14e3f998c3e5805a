package io.arrowraft.client.raw;

import io.arrowraft.runtime.Bytes;
import java.util.Optional;

/**
 * The end of a compare-and-swap.
 *
 * @param swapped whether the value was replaced
 * @param previous what was there before
 */
public record CasResult(boolean swapped, Optional<Bytes> previous) {}
