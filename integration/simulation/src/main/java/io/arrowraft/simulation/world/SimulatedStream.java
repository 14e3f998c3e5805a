package io.arrowraft.simulation.world;

import io.arrowraft.runtime.Deadline;
import io.arrowraft.runtime.rpc.RpcCodec;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcMethod;
import io.arrowraft.runtime.rpc.RpcReceiver;
import io.arrowraft.runtime.rpc.RpcService;
import io.arrowraft.runtime.rpc.RpcStatus;
import io.arrowraft.runtime.rpc.RpcStream;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * A stream between two nodes: in order in each direction, as over one connection. A lost message
 * breaks it, since a connection loses nothing in the middle.
 */
final class SimulatedStream<Q, R> {
  private final SimulatedNetwork network;
  private final SimulatedWorld world;
  private final SimulatedNode client;
  private final RpcMethod<Q, R> method;
  private SimulatedNode server;
  private SimulatedCall serverSide;
  private StreamDirection<Q> requests;
  private StreamDirection<R> responses;
  private RpcReceiver<R> clientReceiver;
  private boolean ended;

  private SimulatedStream(SimulatedNetwork network, SimulatedNode client, RpcMethod<Q, R> method) {
    this.network = network;
    this.world = network.world();
    this.client = client;
    this.method = method;
  }

  static <Q, R> RpcStream<Q> open(
      SimulatedNetwork network,
      SimulatedNode client,
      String address,
      RpcMethod<Q, R> method,
      Duration timeout,
      RpcReceiver<R> receiver) {
    SimulatedStream<Q, R> stream = new SimulatedStream<>(network, client, method);
    stream.clientReceiver = receiver;
    stream.requests = stream.direction(method.requests(), client, stream::requestsCut);
    stream.responses = stream.direction(method.responses(), null, stream::responsesCut);
    stream.responses.deliverTo(client, receiver);
    stream.start(network.listening(address), address, timeout);
    return new ClientSide<>(stream);
  }

  /** What the code of an ended life gets: a stream that carries nothing and tells nobody. */
  static <Q, R> RpcStream<Q> ended(
      SimulatedNetwork network, SimulatedNode client, RpcMethod<Q, R> method) {
    SimulatedStream<Q, R> stream = new SimulatedStream<>(network, client, method);
    stream.ended = true;
    stream.requests = stream.direction(method.requests(), client, stream::requestsCut);
    stream.responses = stream.direction(method.responses(), null, stream::responsesCut);
    stream.requests.close();
    stream.responses.close();
    return new ClientSide<>(stream);
  }

  boolean touches(SimulatedNode node) {
    return client == node || server == node;
  }

  boolean uses(SimulatedNode from, SimulatedNode to) {
    return (client == from && server == to) || (client == to && server == from);
  }

  /** Ends both sides with UNAVAILABLE, as a broken connection does. */
  void breakOff(String reason) {
    end(new RpcException(RpcStatus.UNAVAILABLE, method + ": " + reason));
  }

  private boolean requestsCut() {
    return server != null && network.isCut(client, server);
  }

  private boolean responsesCut() {
    return server != null && network.isCut(server, client);
  }

  private <T> StreamDirection<T> direction(
      RpcCodec<T> codec, SimulatedNode from, BooleanSupplier cut) {
    return new StreamDirection<>(network, method, codec, from, cut, () -> breakOff("message lost"));
  }

  private void start(SimulatedNetwork.Listening target, String address, Duration timeout) {
    network.add(this);
    if (target == null || !target.node().isUp() || network.isCut(client, target.node())) {
      breakOff("nothing listens at " + address);
      return;
    }
    server = target.node();
    responses.sendFrom(server);
    requests.notifyReady(clientReceiver);
    tell(client, clientReceiver::onReady);
    if (!timeout.isZero()) {
      world.schedule(
          world.nowNanos() + client.toWorldNanos(timeout),
          client,
          () -> end(new RpcException(RpcStatus.DEADLINE_EXCEEDED, method + ": over " + timeout)));
    }
    world.schedule(world.nowNanos() + network.delayNanos(), server, () -> accept(target, timeout));
  }

  private void accept(SimulatedNetwork.Listening target, Duration timeout) {
    if (ended) {
      return;
    }
    RpcService.Binding<Q, R> binding = target.binding(method);
    if (binding == null || binding.stream() == null) {
      end(new RpcException(RpcStatus.UNIMPLEMENTED, method + " is not served"));
      return;
    }
    requests.decodeWith(binding.method().requests());
    responses.encodeWith(binding.method().responses());
    serverSide =
        new SimulatedCall(
            client.name(),
            timeout.isZero()
                ? Optional.empty()
                : Optional.of(Deadline.after(timeout, server.time())));
    try {
      RpcReceiver<Q> receiver = binding.stream().accept(new ServerSide<>(this), serverSide);
      responses.notifyReady(receiver);
      requests.deliverTo(server, receiver);
      receiver.onReady();
    } catch (RpcException refused) {
      end(refused);
    }
  }

  private void end(RpcException failure) {
    if (ended) {
      return;
    }
    ended = true;
    network.remove(this);
    requests.close();
    responses.close();
    tell(client, () -> clientReceiver.onError(failure));
    RpcReceiver<Q> serverReceiver = requests.receiver();
    if (server != null && serverReceiver != null) {
      tell(
          server,
          () -> {
            serverSide.cancel();
            serverReceiver.onError(new RpcException(RpcStatus.CANCELLED, failure.getMessage()));
          });
    }
  }

  private void endWell() {
    if (!ended) {
      ended = true;
      network.remove(this);
    }
  }

  private void tell(SimulatedNode node, Runnable news) {
    if (node.isUp()) {
      world.schedule(world.nowNanos() + network.delayNanos(), node, news);
    }
  }

  private record ClientSide<Q, R>(SimulatedStream<Q, R> stream) implements RpcStream<Q> {
    @Override
    public void send(Q message) {
      stream.requests.send(message);
    }

    @Override
    public boolean isReady() {
      return stream.requests.isReady();
    }

    @Override
    public void request(int count) {
      stream.responses.request(count);
    }

    @Override
    public void complete() {
      stream.requests.complete();
    }

    @Override
    public void fail(RpcException failure) {
      stream.end(failure);
    }
  }

  private record ServerSide<Q, R>(SimulatedStream<Q, R> stream) implements RpcStream<R> {
    @Override
    public void send(R message) {
      stream.responses.send(message);
    }

    @Override
    public boolean isReady() {
      return stream.responses.isReady();
    }

    @Override
    public void request(int count) {
      stream.requests.request(count);
    }

    @Override
    public void complete() {
      if (stream.responses.complete()) {
        stream.endWell();
      }
    }

    @Override
    public void fail(RpcException failure) {
      if (stream.responses.fail(failure)) {
        stream.endWell();
      }
    }
  }
}
