/**
 * Carries Raft messages between stores, over the RPC port of {@code runtime}: gRPC in production,
 * the simulated network in the simulator.
 *
 * <ol>
 *   <li>One stream per direction and pair of stores, for all groups; messages that wait together
 *       leave as one batch.
 *   <li>Sending never blocks. What does not fit, and what waits when a stream breaks, is dropped,
 *       and the groups concerned are told.
 *   <li>A store that is addressed by another store's id refuses the stream: addresses can be taken
 *       over, ids cannot.
 *   <li>A snapshot's message is delivered only after its whole content has arrived with the right
 *       checksums.
 * </ol>
 *
 * <p>Threading: {@link io.arrowraft.raft.grpc.RpcPeerTransport} works on a loop of its own; calls
 * come from any thread. The service is called by the transport's threads and hands over to the
 * receiver, which must not block.
 */
package io.arrowraft.raft.grpc;
