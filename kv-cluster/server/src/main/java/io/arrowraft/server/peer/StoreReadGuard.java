package io.arrowraft.server.peer;

import io.arrowraft.server.region.ReadGuard;
import java.util.Optional;

/** The guard of a store's reads, once there is one. Safe for use by any thread. */
final class StoreReadGuard implements ReadGuard {
  private volatile ReadGuard guard = question -> Optional.empty();

  void use(ReadGuard given) {
    guard = given;
  }

  @Override
  public Optional<byte[]> check(byte[] question) {
    return guard.check(question);
  }
}
