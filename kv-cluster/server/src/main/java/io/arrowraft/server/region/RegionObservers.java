package io.arrowraft.server.region;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Whom a store tells what it applies. Observers are called in the order in which they registered;
 * one that registers late first learns of each region by its next event.
 */
public final class RegionObservers {
  private final List<RegionObserver> observers = new CopyOnWriteArrayList<>();

  /** Adds an observer, normally before the store starts. Callable from any thread. */
  public void register(RegionObserver observer) {
    observers.add(Objects.requireNonNull(observer, "observer"));
  }

  /** Whether anybody listens; spares decoding for nobody. */
  public boolean isEmpty() {
    return observers.isEmpty();
  }

  /** Tells everybody; called where the event happens. */
  public void publish(RegionEvent event) {
    for (RegionObserver observer : observers) {
      observer.onEvent(event);
    }
  }
}
