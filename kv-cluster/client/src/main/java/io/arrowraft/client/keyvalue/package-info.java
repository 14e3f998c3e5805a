/**
 * Keys and values as the raw and the transactional API show them, and the checks that both make
 * before anything is sent.
 *
 * <p>Threading: immutable.
 */
package io.arrowraft.client.keyvalue;
