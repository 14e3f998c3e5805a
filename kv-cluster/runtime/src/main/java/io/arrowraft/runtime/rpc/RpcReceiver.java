package io.arrowraft.runtime.rpc;

/**
 * Takes the messages of one direction of a stream. Calls never overlap; exactly one of {@link
 * #onComplete} and {@link #onError} comes last.
 *
 * @param <T> the messages
 */
public interface RpcReceiver<T> {
  void onMessage(T message);

  /** The other side has sent everything. */
  void onComplete();

  /** The stream broke or was cancelled. */
  void onError(RpcException failure);

  /** The sending side of this stream can take messages again. */
  default void onReady() {}
}
