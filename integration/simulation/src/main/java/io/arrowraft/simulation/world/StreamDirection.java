package io.arrowraft.simulation.world;

import io.arrowraft.runtime.rpc.RpcCodec;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcMethod;
import io.arrowraft.runtime.rpc.RpcReceiver;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.BooleanSupplier;

/** One direction of a stream: ordered, with delivery only of what was requested. */
final class StreamDirection<T> {
  /** Messages under way beyond which the sender is told to wait. */
  private static final int READY_MAX = 16;

  private final SimulatedNetwork network;
  private final RpcMethod<?, ?> method;
  private final BooleanSupplier cut;
  private final Runnable onLoss;
  private final Queue<Runnable> arrived = new ArrayDeque<>();
  private RpcCodec<T> sendersCodec;
  private RpcCodec<T> receiversCodec;
  private SimulatedNode sender;
  private SimulatedNode receiverNode;
  private RpcReceiver<T> receiver;
  private long lastArrivalNanos;
  private int underWay;
  private int requested;
  private boolean closed;
  private boolean completed;
  private boolean stalled;
  private RpcReceiver<?> senderReceiver;

  StreamDirection(
      SimulatedNetwork network,
      RpcMethod<?, ?> method,
      RpcCodec<T> codec,
      SimulatedNode sender,
      BooleanSupplier cut,
      Runnable onLoss) {
    this.network = network;
    this.method = method;
    this.sendersCodec = codec;
    this.receiversCodec = codec;
    this.sender = sender;
    this.cut = cut;
    this.onLoss = onLoss;
  }

  void sendFrom(SimulatedNode node) {
    sender = node;
  }

  /** Who sends makes bytes its own way. */
  void encodeWith(RpcCodec<T> codec) {
    sendersCodec = codec;
  }

  /** Who receives takes bytes apart its own way. */
  void decodeWith(RpcCodec<T> codec) {
    receiversCodec = codec;
  }

  void deliverTo(SimulatedNode node, RpcReceiver<T> to) {
    receiverNode = node;
    receiver = to;
    deliver();
  }

  /** Who is told when this direction can take messages again. */
  void notifyReady(RpcReceiver<?> sendersReceiver) {
    senderReceiver = sendersReceiver;
  }

  RpcReceiver<T> receiver() {
    return receiver;
  }

  boolean isReady() {
    return !closed && underWay < READY_MAX;
  }

  void send(T message) {
    if (sender != null && !closed) {
      network.tap().sent(sender, method, message);
    }
    if (closed || completed || isStalled()) {
      return;
    }
    if (network.loses()) {
      onLoss.run();
      return;
    }
    byte[] bytes = WireBytes.encode(sendersCodec, message);
    underWay++;
    arriveInOrder(
        () -> {
          requested--;
          left();
          receive(bytes);
        });
    if (network.repeats(method) && network.duplicates()) {
      repeat(bytes);
    }
  }

  private void receive(byte[] bytes) {
    network.world().trace().add(method.name());
    network.world().trace().add(bytes);
    network.world().countMessage();
    receiver.onMessage(WireBytes.decode(receiversCodec, bytes));
  }

  /** Delivers a second time, out of order. */
  private void repeat(byte[] bytes) {
    SimulatedWorld world = network.world();
    if (receiverNode != null) {
      world.schedule(
          world.nowNanos() + network.strayNanos(),
          receiverNode,
          () -> {
            if (!closed && receiver != null) {
              receive(bytes);
            }
          });
    }
  }

  /** {@code false} if the end is lost, so that only a keep-alive will tell. */
  boolean complete() {
    return end(() -> receiver.onComplete());
  }

  /** {@code false} if the end is lost, so that only a keep-alive will tell. */
  boolean fail(RpcException failure) {
    return end(() -> receiver.onError(failure));
  }

  private boolean end(Runnable news) {
    if (closed || completed) {
      return true;
    }
    if (isStalled()) {
      return false;
    }
    completed = true;
    arriveInOrder(news);
    return true;
  }

  void request(int count) {
    requested += count;
    deliver();
  }

  void close() {
    closed = true;
    arrived.clear();
  }

  /**
   * Whether this direction has lost something to a cut link: then nothing that follows may arrive
   * either, even after the link is mended, and the stream ends when a keep-alive would find out.
   */
  private boolean isStalled() {
    if (!stalled && cut.getAsBoolean()) {
      stalled = true;
      network.afterKeepAlive(onLoss);
    }
    return stalled;
  }

  private void left() {
    underWay--;
    if (underWay == READY_MAX - 1 && senderReceiver != null && sender != null && sender.isUp()) {
      SimulatedWorld world = network.world();
      RpcReceiver<?> told = senderReceiver;
      world.schedule(world.nowNanos() + network.delayNanos(), sender, told::onReady);
    }
  }

  private void arriveInOrder(Runnable delivery) {
    SimulatedWorld world = network.world();
    lastArrivalNanos = Math.max(lastArrivalNanos, world.nowNanos() + network.delayNanos());
    // Owned by nobody until it is delivered: the receiving node may not have accepted the stream
    // yet.
    world.schedule(
        lastArrivalNanos,
        null,
        () -> {
          if (!closed) {
            arrived.add(delivery);
            deliver();
          }
        });
  }

  private void deliver() {
    if (receiver == null || closed || !receiverNode.isUp() || arrived.isEmpty()) {
      return;
    }
    SimulatedWorld world = network.world();
    // A task of the receiving node, so that a crash or a pause stops it.
    world.schedule(world.nowNanos(), receiverNode, this::drain);
  }

  private void drain() {
    while (!closed && !arrived.isEmpty() && (requested > 0 || isEnd())) {
      arrived.poll().run();
    }
  }

  /**
   * The end of a stream needs no request: it is the only thing left once the sender has completed.
   */
  private boolean isEnd() {
    return completed && underWay == 0;
  }
}
