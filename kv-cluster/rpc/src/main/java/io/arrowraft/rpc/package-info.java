/**
 * Turns generated gRPC method descriptors into methods of the RPC port. Pure values: no thread, no
 * I/O.
 */
package io.arrowraft.rpc;
