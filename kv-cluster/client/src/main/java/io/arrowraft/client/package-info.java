/**
 * The Java client: raw keys, transactions, tables, and the way to the coprocessor.
 *
 * <p>Begin at {@link io.arrowraft.client.ArrowraftClient}. Its parts: {@code raw}, {@code txn},
 * {@code table}, {@code bulk}, {@code coprocessor}; under them {@code region} (routes and retries),
 * {@code retry} (waits and deadlines), {@code error} (what can go wrong), {@code options}.
 *
 * <ol>
 *   <li>Everything is asynchronous; {@link io.arrowraft.client.ArrowraftClient#await} is the one
 *       place that waits, always within a bound.
 *   <li>All state lives on one event loop of the client; only the {@code grpc} package knows
 *       threads and sockets.
 *   <li>Every failure is an {@link io.arrowraft.client.error.ArrowraftException}.
 * </ol>
 *
 * <p>Threading: safe for use by any thread. Futures complete on the client's loop: what hangs on
 * them must not wait.
 */
package io.arrowraft.client;
