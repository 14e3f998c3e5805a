package io.arrowraft.runtime.rpc;

/**
 * The sending side of a stream, with control over what is received. Safe for use by any thread, but
 * messages sent by two threads at once arrive in no particular order.
 *
 * @param <T> the messages sent
 */
public interface RpcStream<T> {
  /**
   * Sends a message. On a stream that has ended it is dropped: the receiver has been or will be
   * told the reason.
   */
  void send(T message);

  /**
   * Whether a message sent now leaves without piling up here. {@link RpcReceiver#onReady} tells
   * when that changes.
   */
  boolean isReady();

  /**
   * Runs {@code task} soon, where the transport has one on the thread that writes this stream: who
   * sends from there lets whatever gathers until then leave together. Tasks run in order; after the
   * end of the stream they run all the same.
   */
  default void soon(Runnable task) {
    task.run();
  }

  /** Lets the other side deliver {@code count} more messages. */
  void request(int count);

  /** Ends this direction after what was sent. */
  void complete();

  /**
   * Ends the whole stream at once: a server answers with this failure, a client cancels the call.
   */
  void fail(RpcException failure);
}
