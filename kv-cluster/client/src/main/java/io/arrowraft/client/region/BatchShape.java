package io.arrowraft.client.region;

import io.arrowraft.runtime.Bytes;
import java.util.function.Function;
import java.util.function.ToIntFunction;

/**
 * How items are cut into batches.
 *
 * @param key the key that decides an item's region
 * @param bytes how large an item is
 * @param bytesMax size of a batch, which one item alone may exceed
 * @param itemsMax items of a batch
 */
public record BatchShape<T>(
    KeySpace space, Function<T, Bytes> key, ToIntFunction<T> bytes, int bytesMax, int itemsMax) {}
