/**
 * How a client behaves: addresses, times and limits, validated as a whole when they are made.
 *
 * <p>Threading: immutable.
 */
package io.arrowraft.client.options;
