/**
 * Requests that share a stream: what the callers of one client send to a store at about the same
 * time leaves in one message, and what the store has answered comes back in one.
 *
 * <ol>
 *   <li>It stands between the callers and the transport and looks like the latter: a call has the
 *       outcome that it would have had alone, a deadline of its own included.
 *   <li>A request waits for nobody: it leaves in the loop's next turn, with whatever else has come
 *       by then, as soon as the stream takes a message.
 *   <li>A request that is not sent yet when its stream breaks is unreached and may go elsewhere; of
 *       one that was sent the outcome is unknown. A store that ends a stream in order has taken
 *       none of what it left unanswered.
 *   <li>What does not fit goes on a call of its own: requests that are large, methods that answer
 *       with much, stores that know no batches, and refusals that need a status.
 * </ol>
 *
 * <p>Reading order: {@code BatchedRpcClient}, {@code BatchLane}, {@code BatchStream}.
 *
 * <p>Threading: {@code BatchedRpcClient} may be called by any thread; all else belongs to the
 * client's loop.
 */
package io.arrowraft.client.batch;
