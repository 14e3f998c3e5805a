package io.arrowraft.pd.service;

/**
 * How this member presents itself.
 *
 * @param id its peer id in the placement driver's own group; never 0
 * @param clientAddress {@code host:port} under which clients reach it
 */
public record Member(String name, long id, String clientAddress) {
  public Member {
    if (id == 0) {
      throw new IllegalArgumentException("a member id is never 0");
    }
  }
}
