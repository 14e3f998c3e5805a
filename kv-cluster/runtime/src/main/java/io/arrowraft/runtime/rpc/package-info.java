/**
 * The RPC port: calls and streams between nodes as plain values, without gRPC. The gRPC adapters
 * implement it in production, the simulator implements it with delay, loss and reordering.
 *
 * <ol>
 *   <li>Every call carries its timeout as a value; a call always ends, by an answer or by an {@link
 *       io.arrowraft.runtime.rpc.RpcException}.
 *   <li>Messages are immutable. A codec turns them into bytes and back; the simulator uses it too,
 *       so what cannot cross a wire cannot cross the simulator.
 *   <li>A stream delivers only as many messages as its receiver has requested.
 * </ol>
 *
 * <p>Threading: callbacks arrive on any thread and must not block; a component hops to its own
 * loop.
 */
package io.arrowraft.runtime.rpc;
