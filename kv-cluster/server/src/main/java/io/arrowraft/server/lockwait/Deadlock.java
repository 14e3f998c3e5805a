package io.arrowraft.server.lockwait;

import io.arrowraft.runtime.Bytes;
import java.util.List;

/**
 * Transactions that wait for each other in a circle.
 *
 * @param chain the whole circle, from the wait that closed it: each entry's holder is the next
 *     one's waiter, and the last one's holder is the first one's waiter
 */
public record Deadlock(List<WaitFor> chain) {
  public Deadlock {
    chain = List.copyOf(chain);
    if (chain.isEmpty()) {
      throw new IllegalArgumentException("a deadlock has at least one wait");
    }
  }

  /** The wait that must be given up. */
  public WaitFor closing() {
    return chain.get(0);
  }

  /** The key that the refused transaction holds and that another one of the circle wants. */
  public Bytes heldKey() {
    return chain.get(chain.size() - 1).key();
  }
}
