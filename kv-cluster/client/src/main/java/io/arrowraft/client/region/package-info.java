/**
 * From keys to stores: which region holds a key, which replica serves it, and what to do when the
 * answer is no longer true.
 *
 * <ol>
 *   <li>Regions are found by region key: memcomparable-encoded for transactional data, plain for
 *       raw data. Requests carry plain keys.
 *   <li>A region error means that the request had no effect. It is handled by kind: another
 *       replica, a wait, or a new look at the routes ({@link
 *       io.arrowraft.client.region.RegionOutcome.Moved}), after which the caller splits its keys by
 *       region again.
 *   <li>A request whose answer was lost is noted in its {@link io.arrowraft.client.retry.Backoff};
 *       who writes asks it before it reports a failure.
 *   <li>A store that leaves many requests in a row unanswered is given a pause ({@code
 *       StoreBreakers}), in which what would go to it counts as unreached.
 *   <li>The cache is bounded, and a key is looked up once however many wait for it.
 * </ol>
 *
 * <p>Reading order: {@code Placement}, {@code Region}, {@code RegionCache}, {@code
 * RegionRequestSender}, {@code RegionCalls}.
 *
 * <p>Threading: all state belongs to the client's loop; every future completes on it.
 */
package io.arrowraft.client.region;
