package io.arrowraft.pd.service;

/**
 * How a member presents itself.
 *
 * @param id its peer id in the placement driver's own group; 0 while it waits to be admitted
 * @param clientAddress {@code host:port} under which clients and other members reach it
 * @param priority of two members that have caught up the one with the higher priority leads
 * @param voter whether it has a vote, or still catches up
 */
public record Member(String name, long id, String clientAddress, int priority, boolean voter) {

  /** A voter without priority. */
  public Member(String name, long id, String clientAddress) {
    this(name, id, clientAddress, 0, true);
  }
}
