/**
 * A deliberately naive cluster behind the RPC port, in virtual time on one thread: what the client
 * is tested against.
 */
package io.arrowraft.client.fake;
