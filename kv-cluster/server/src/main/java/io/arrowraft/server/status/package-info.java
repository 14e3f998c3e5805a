/**
 * What a store tells operators over HTTP on its status address: {@code /metrics} for Prometheus,
 * {@code /status}, {@code /config} with the names that TiKV gives its settings, and {@code
 * /regions}.
 *
 * <ol>
 *   <li>The endpoint answers from before the store serves until after it has stopped; what is not
 *       known yet is answered with 503.
 *   <li>Answers are made on a pool of their own, which refuses with 503 when it is full: nobody who
 *       asks can slow down requests for data.
 *   <li>A change of settings is checked as a whole before any of it takes effect, and lasts until
 *       the store restarts.
 *   <li>No metric has a region or a key as a label.
 * </ol>
 *
 * <p>Threading: any thread may ask.
 */
package io.arrowraft.server.status;
