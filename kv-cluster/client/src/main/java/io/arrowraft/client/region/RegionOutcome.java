package io.arrowraft.client.region;

import java.util.function.Function;

/** How a request to one region ended, short of failure. */
public sealed interface RegionOutcome<R> {
  /** The region answered. */
  record Answer<R>(R response) implements RegionOutcome<R> {}

  /** The region is no longer what the caller thought: look up its keys again. */
  record Moved<R>(String reason) implements RegionOutcome<R> {}

  /** The same with what is made of the response, if there is one. */
  default <T> RegionOutcome<T> map(Function<? super R, ? extends T> change) {
    return this instanceof Answer<R> answer
        ? new Answer<>(change.apply(answer.response()))
        : new Moved<>(((Moved<R>) this).reason());
  }
}
