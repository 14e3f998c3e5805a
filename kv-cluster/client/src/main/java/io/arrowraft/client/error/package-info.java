/**
 * What can go wrong, as types: the six classes of failure that a caller treats differently.
 *
 * <ol>
 *   <li>Nobody parses messages: the class says what to do, {@link
 *       io.arrowraft.client.error.ErrorCode} says what happened.
 *   <li>An {@link io.arrowraft.client.error.InvalidRequestException} has changed nothing and fails
 *       again if repeated.
 *   <li>Only an {@link io.arrowraft.client.error.OutcomeUnknownException} leaves open whether a
 *       write took effect.
 * </ol>
 *
 * <p>Threading: immutable.
 */
package io.arrowraft.client.error;
