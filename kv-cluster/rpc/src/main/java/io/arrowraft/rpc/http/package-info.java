/**
 * What operators ask over HTTP, as values: a request goes in, an answer comes out, and whoever
 * answers knows nothing of sockets. The shell that serves it is {@code io.arrowraft.rpc.grpc}.
 *
 * <ol>
 *   <li>A handler never blocks the thread that calls it.
 *   <li>Every answer carries a status that a script can rely on, and an error says in words what to
 *       do.
 *   <li>Answers and requests are whole and in memory; requests are bounded by the shell, answers by
 *       their handlers.
 * </ol>
 *
 * <p>Threading: handlers are called by any thread and may complete their answers on any other.
 */
package io.arrowraft.rpc.http;
