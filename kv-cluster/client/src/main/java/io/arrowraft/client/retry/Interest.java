package io.arrowraft.client.retry;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * Whether somebody still wants the result of an operation, and what is under way for it. Confined
 * to the client's loop.
 */
final class Interest {
  private final Set<CompletableFuture<?>> underWay = new LinkedHashSet<>();
  private boolean lost;

  boolean isLost() {
    return lost;
  }

  /** Nothing more is to be done; what runs is cancelled. */
  void lose() {
    lost = true;
    List<CompletableFuture<?>> running = List.copyOf(underWay);
    underWay.clear();
    running.forEach(call -> call.cancel(false));
  }

  void follow(CompletableFuture<?> call) {
    underWay.add(call);
    call.whenComplete((answer, failure) -> underWay.remove(call));
  }
}
