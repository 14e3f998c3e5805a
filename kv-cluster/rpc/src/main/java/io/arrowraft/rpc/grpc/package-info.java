/**
 * The RPC port over gRPC, and HTTP beside it: one of the shells.
 *
 * <ol>
 *   <li>Callbacks run on the transport's threads; nothing here or in a handler blocks them.
 *   <li>A channel that lost its peer is tried again within {@code RECONNECT_INTERVAL}, not after
 *       gRPC's back-off of up to two minutes: a restarted store is found again in less than a
 *       second.
 *   <li>HTTP shares a port with gRPC without either noticing the other, and ends each connection
 *       after one answer.
 *   <li>Every server answers the standard health service with SERVING while it is bound.
 * </ol>
 */
package io.arrowraft.rpc.grpc;
