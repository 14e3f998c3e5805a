/**
 * Work next to the data, whose plans and results are opaque bytes here: which regions hold which
 * ranges, one stream to one region, and how to go on after what interrupted it.
 *
 * <ol>
 *   <li>Ranges are plain keys; each {@link io.arrowraft.client.coprocessor.RegionRanges} holds
 *       ascending ranges of one region.
 *   <li>A stream is one attempt at one region. It never retries by itself, since its receiver has
 *       already consumed part of the answer: the receiver says how far it came and asks for the
 *       rest.
 *   <li>What may be retried, and how, is decided by {@link
 *       io.arrowraft.client.coprocessor.CoprocessorCalls#recover}: a region error refreshes the
 *       routes, a lock is resolved or pushed, a lost store is tried elsewhere.
 *   <li>A receiver gets only as many responses as it has asked for.
 * </ol>
 *
 * <p>Threading: callable from any thread; receivers are called on the transport's threads.
 */
package io.arrowraft.client.coprocessor;
