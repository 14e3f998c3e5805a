/**
 * A client on real threads and gRPC connections: the shell around {@code io.arrowraft.client}.
 *
 * <p>Threading: each client has an event loop, a few encoder threads that end when idle, and the
 * transport's I/O threads; closing it ends them all.
 */
package io.arrowraft.client.grpc;
