package io.arrowraft.server.region;

/**
 * Is told what every region of a store applied and what became of it. Calls for one region never
 * overlap and come in log order; calls for different regions may come from different threads. It
 * must not block: it runs where entries are applied.
 */
@FunctionalInterface
public interface RegionObserver {
  void onEvent(RegionEvent event);
}
