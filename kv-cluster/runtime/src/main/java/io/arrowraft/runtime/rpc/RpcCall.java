package io.arrowraft.runtime.rpc;

import io.arrowraft.runtime.Deadline;
import java.util.Optional;

/** What a server knows of a call beside its messages. */
public interface RpcCall {
  /** When the caller gives up, if it said so. */
  Optional<Deadline> deadline();

  /** Who calls, for logs. */
  String peer();

  /** The value of a request header, such as {@code pd-forwarded-host}. */
  Optional<String> header(String name);

  /**
   * Runs {@code action} once if the caller cancels or its deadline passes; at once if that has
   * happened.
   */
  void onCancel(Runnable action);

  boolean isCancelled();
}
