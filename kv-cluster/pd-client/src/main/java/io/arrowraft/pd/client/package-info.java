/**
 * The placement driver's API for clients and stores: time, ids, routing, stores, and the orders
 * that region leaders receive.
 *
 * <p>Start at {@link io.arrowraft.pd.client.PdClient}; {@link io.arrowraft.pd.client.RpcPdClient}
 * is it over the RPC port.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>Every call ends within the configured bound, by an answer or by a {@link
 *       io.arrowraft.pd.client.PdException} with a stable code.
 *   <li>What is retried is safe to repeat: at worst an id or a timestamp is left unused.
 *   <li>A client speaks to one cluster for its whole life; another cluster's answer fails the call.
 *   <li>A timestamp was allocated after it was asked for, and concurrent callers share requests.
 *   <li>A heartbeat stream that broke is opened again and says so, so that the store reports
 *       everything anew.
 *   <li>A call or stream that a leader leaves unanswered for half a second makes the client ask the
 *       other members; when they know of another leader, everything moves there.
 *   <li>Keys are region keys as given: encoding is the caller's.
 * </ol>
 *
 * <p>Threading: callable from any thread; state lives on one event loop, on which futures complete
 * and listeners are called. They must not block.
 */
package io.arrowraft.pd.client;
