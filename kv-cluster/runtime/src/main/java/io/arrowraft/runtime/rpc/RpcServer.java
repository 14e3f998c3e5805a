package io.arrowraft.runtime.rpc;

import java.time.Duration;

/** A listening address and the services behind it. */
public interface RpcServer extends AutoCloseable {
  /** {@code host:port}, with the port really taken. */
  String address();

  /** Refuses new calls, lets running ones end for at most {@code grace}, then cancels them. */
  void close(Duration grace);

  @Override
  default void close() {
    close(Duration.ofSeconds(1));
  }
}
