package io.arrowraft.runtime.threads;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * What a process has opened, closed in the reverse order whatever fails on the way. For one thread
 * at a time.
 */
public final class OpenResources implements AutoCloseable {
  private final Deque<AutoCloseable> opened = new ArrayDeque<>();

  /** Remembers {@code resource}, and returns it. */
  public <T extends AutoCloseable> T add(T resource) {
    opened.push(resource);
    return resource;
  }

  /**
   * Closes everything, the last added first. Idempotent.
   *
   * @throws IllegalStateException with the first failure as its cause and the others suppressed,
   *     after all were tried
   */
  @Override
  public void close() {
    IllegalStateException first = null;
    while (!opened.isEmpty()) {
      try {
        opened.pop().close();
      } catch (Exception failure) {
        if (first == null) {
          first = new IllegalStateException("could not close cleanly: " + failure, failure);
        } else {
          first.addSuppressed(failure);
        }
      }
    }
    if (first != null) {
      throw first;
    }
  }
}
