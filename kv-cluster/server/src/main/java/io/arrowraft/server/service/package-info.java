/**
 * TiKV's client protocol over the RPC port: reads requests, hands them to {@code txn}, {@code raw},
 * {@code coprocessor} and {@code region}, and words the answers.
 *
 * <p>Start at {@link io.arrowraft.server.service.StoreServices}, which wires everything; {@code
 * TikvService} names the class that answers each method.
 *
 * <ol>
 *   <li>A request is checked in this order: what it asks for at all (API version, sizes), then its
 *       region (by {@link io.arrowraft.server.region.RegionStore}: leader, then epoch), then
 *       whether its keys lie inside the region.
 *   <li>Every failure becomes protocol in one place, {@code Answers}: a region error, a key error,
 *       an error text, or a gRPC status where no field fits. Nobody has to read a message to know
 *       what to do.
 *   <li>A read raises the greatest read timestamp and passes the memory locks before its snapshot
 *       is taken.
 *   <li>An answer is never cut short by its size: it is refused, and the refusal names the limit.
 *   <li>A stream of batches keeps nothing of a request that is answered.
 *   <li>No handler blocks: handlers run on the transport's threads.
 * </ol>
 *
 * <p>Threading: everything here is immutable and may be called from any thread.
 */
package io.arrowraft.server.service;
